package dev.soleinit.spring.work;

import dev.soleinit.lifecycle.RestartingException;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;

/** Each servlet request is work until its answer is complete, also if that comes from another thread. */
final class RequestFilter implements Filter {
    static final String HOLD = RequestFilter.class.getName() + ".HOLD";

    private final Admission admission;
    private final Exclusions exclusions;
    private final String retryAfter;

    RequestFilter(Admission admission, Exclusions exclusions, Duration retryAfter) {
        this.admission = admission;
        this.exclusions = exclusions;
        this.retryAfter = Long.toString(retryAfter.toSeconds());
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        if (!(request instanceof HttpServletRequest http)
                || !(response instanceof HttpServletResponse answer)) {
            chain.doFilter(request, response);
            return;
        }
        String path = http.getRequestURI().substring(http.getContextPath().length());
        if (exclusions.has(path)) {
            chain.doFilter(request, response);
            return;
        }
        Piece.Hold hold;
        try {
            hold = admission.begin("request", http.getMethod() + " " + path);
        } catch (RestartingException soon) {
            refuse(answer, soon);
            return;
        }
        http.setAttribute(HOLD, hold);
        try (Piece.Scope scope = hold.enter()) {
            chain.doFilter(request, response);
        } finally {
            endWith(http, hold);
        }
    }

    private void refuse(HttpServletResponse answer, RestartingException soon) throws IOException {
        answer.setStatus(HttpServletResponse.SC_SERVICE_UNAVAILABLE);
        answer.setHeader("Retry-After", retryAfter);
        // the next request on it would find nobody
        answer.setHeader("Connection", "close");
        answer.setContentType("text/plain;charset=utf-8");
        answer.getWriter().write(soon.getMessage() + "\n");
    }

    private static void endWith(HttpServletRequest request, Piece.Hold hold) {
        if (!request.isAsyncStarted()) {
            hold.close();
            return;
        }
        try {
            request.getAsyncContext().addListener(new Ending(hold));
        } catch (IllegalStateException over) {
            hold.close();
        }
    }

    /** Lets go when the answer is complete. */
    private record Ending(Piece.Hold hold) implements AsyncListener {
        @Override
        public void onComplete(AsyncEvent event) {
            hold.close();
        }

        @Override
        public void onTimeout(AsyncEvent event) {
            // completes after this
        }

        @Override
        public void onError(AsyncEvent event) {
            // likewise
        }

        @Override
        public void onStartAsync(AsyncEvent event) {
            // a new cycle forgets the listeners of the last one
            event.getAsyncContext().addListener(this);
        }
    }
}
