package dev.soleinit.spring;

import java.time.Duration;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What can be said of it under {@code soleinit.} in the application's properties.
 *
 * @param enabled     whether anything of it is there
 * @param requests    HTTP requests as work
 * @param scheduled   {@code @Scheduled} methods as work
 * @param async       {@code @Async} methods as work
 * @param keptSockets whether the web server takes over a listening socket that is kept for it
 */
@ConfigurationProperties("soleinit")
public record SoleinitProperties(@DefaultValue("true") boolean enabled,
        @DefaultValue Requests requests, @DefaultValue Switch scheduled,
        @DefaultValue Switch async, @DefaultValue Switch keptSockets) {

    /**
     * Of HTTP requests.
     *
     * @param enabled    whether each request is work
     * @param exclude    path patterns of requests that are none, and are answered while new work is
     *                   refused; the endpoints of Actuator are always among them
     * @param retryAfter what the header Retry-After says while new work is refused, in whole seconds
     */
    public record Requests(@DefaultValue("true") boolean enabled, @DefaultValue List<String> exclude,
            @DefaultValue("1s") Duration retryAfter) {}

    /**
     * On or off.
     *
     * @param enabled whether it is on
     */
    public record Switch(@DefaultValue("true") boolean enabled) {}
}
