package dev.soleinit.spring.work;

import dev.soleinit.lifecycle.RestartingException;
import java.time.Duration;
import org.springframework.core.Ordered;
import org.springframework.http.HttpStatus;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/** Each request of WebFlux is work until its answer is complete. */
final class RequestWebFilter implements WebFilter, Ordered {
    private final Admission admission;
    private final Exclusions exclusions;
    private final String retryAfter;

    RequestWebFilter(Admission admission, Exclusions exclusions, Duration retryAfter) {
        this.admission = admission;
        this.exclusions = exclusions;
        this.retryAfter = Long.toString(retryAfter.toSeconds());
    }

    @Override
    public int getOrder() {
        return Admission.ORDER;
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
        ServerHttpRequest request = exchange.getRequest();
        String path = request.getPath().pathWithinApplication().value();
        if (exclusions.has(path)) {
            return chain.filter(exchange);
        }
        return Mono.defer(() -> {
            try {
                Piece.Hold hold = admission.begin("request", request.getMethod() + " " + path);
                return chain.filter(exchange).doFinally(end -> hold.close());
            } catch (RestartingException soon) {
                return refuse(exchange.getResponse());
            }
        });
    }

    private Mono<Void> refuse(ServerHttpResponse response) {
        response.setStatusCode(HttpStatus.SERVICE_UNAVAILABLE);
        response.getHeaders().set("Retry-After", retryAfter);
        response.getHeaders().set("Connection", "close");
        return response.setComplete();
    }
}
