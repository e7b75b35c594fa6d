package dev.soleinit.example;

import dev.soleinit.lifecycle.ConfigurationException;
import dev.soleinit.lifecycle.Context;
import dev.soleinit.lifecycle.RestartingException;
import dev.soleinit.lifecycle.Work;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Fields;

/**
 * One life of the reference daemon.
 *
 * <ul>
 * <li>{@code GET /health/live}, {@code /health/ready}: 200, the latter with header
 *     {@code X-Generation}; 503 while no new work is taken
 * <li>{@code POST /sessions?ms=N&id=ID}: works for N ms (0 to 600,000; default 100), then 200 with
 *     {@code {"id", "generation"}}; 503 with {@code Retry-After} while no new work is taken
 * <li>{@code GET /work}: what is open, and the counts that survive restarts
 * <li>anything else: the greeting
 * </ul>
 *
 * <p>On a kept socket, who connects while no new work is taken waits in the backlog instead, and is
 * served by the next life; only who had connected before gets a 503.
 */
final class NodeServer extends Handler.Abstract implements AutoCloseable {
    private static final long MAX_MS = 600_000;
    private static final AtomicLong NUMBERS = new AtomicLong();

    /** What could be listened with, so that {@link #sorry} can do it again. */
    private record Good(NodeConfig config, Context context) {}

    private record Answer(String id, long generation) {}

    private record Report(long generation, boolean fenced, List<String> open, long ended,
            long resumed) {}

    private static volatile Good lastGood;

    private final NodeConfig config;
    private final Context context;
    private final Sessions sessions;
    private final Http server;

    NodeServer(NodeConfig config, Context context) throws Exception {
        this.config = config;
        this.context = context;
        this.sessions = new Sessions(context.gate(), config.gated());
        ServerSocketChannel channel = listen(config, context);
        lastGood = new Good(config, context);
        sessions.restore(context.state("sessions", sessions::snapshot));
        context.resume(sessions::resume);
        boolean kept = context.isInherited(channel);
        this.server = new Http(channel, this);
        if (kept) {
            context.onFence(() -> server.accept(false), () -> server.accept(true));
        }
    }

    private static ServerSocketChannel listen(NodeConfig config, Context context)
            throws ConfigurationException {
        try {
            return context.listen(new InetSocketAddress(config.host(), config.port()));
        } catch (IOException | RuntimeException taken) {
            throw new ConfigurationException("Cannot listen on " + config.host() + ":"
                    + config.port() + ": " + taken.getMessage(), taken);
        }
    }

    /** Standing alone after a failed rebuild: says on the old place that it is not ready, and why. */
    static AutoCloseable sorry(String reason) {
        try {
            return new Http(listen(lastGood.config(), lastGood.context()), new Handler.Abstract() {
                @Override
                public boolean handle(Request request, Response response, Callback callback) {
                    boolean live = Request.getPathInContext(request).equals("/health/live");
                    return answer(response, live ? 200 : 503, live ? "live\n" : reason + "\n",
                            callback);
                }
            });
        } catch (Exception taken) {
            return () -> { };
        }
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        return switch (Request.getPathInContext(request)) {
            case "/health/live" -> answer(response, 200, "live\n", callback);
            case "/health/ready" -> ready(response, callback);
            case "/sessions" -> session(request, response, callback);
            case "/work" -> work(response, callback);
            default -> answer(response, 200, config.greeting() + "\n", callback);
        };
    }

    private static boolean answer(Response response, int code, String text, Callback callback) {
        response.setStatus(code);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, text.startsWith("{")
                ? "application/json" : "text/plain; charset=utf-8");
        Content.Sink.write(response, true, text, callback);
        return true;
    }

    private boolean ready(Response response, Callback callback) {
        response.getHeaders().put("X-Generation", context.generation());
        boolean fenced = context.gate().isFenced();
        return answer(response, fenced ? 503 : 200, fenced ? "restarting\n" : "ready\n", callback);
    }

    private boolean work(Response response, Callback callback) {
        Sessions.Counts counts = sessions.counts();
        return answer(response, 200, JsonText.line(new Report(context.generation(),
                context.gate().isFenced(), context.gate().open().stream().map(Work::id).toList(),
                counts.ended(), counts.resumed())), callback);
    }

    private boolean session(Request request, Response response, Callback callback) throws Exception {
        if (!request.getMethod().equals("POST")) {
            return answer(response, 405, "POST, please\n", callback);
        }
        Fields query = Request.extractQueryParameters(request);
        String ms = query.getValue("ms") == null ? "100" : query.getValue("ms");
        String id = query.getValue("id") == null ? "s" + context.generation() + "-"
                + NUMBERS.incrementAndGet() : query.getValue("id");
        if (!ms.matches("[0-9]{1,6}") || Long.parseLong(ms) > MAX_MS) {
            return answer(response, 400, "ms must be 0 to " + MAX_MS + "\n", callback);
        }
        try {
            AutoCloseable work = sessions.begin(id, Long.parseLong(ms));
            // open until the client has its answer: a restart must not come between
            return answer(response, 200, JsonText.line(new Answer(id, context.generation())),
                    Callback.from(() -> close(work), callback));
        } catch (RestartingException soon) {
            response.getHeaders().put(HttpHeader.RETRY_AFTER, 1);
            return answer(response, 503, soon.getMessage() + "\n", callback);
        } catch (IllegalArgumentException taken) {
            return answer(response, 409, taken.getMessage() + "\n", callback);
        } catch (InterruptedException stop) {
            // without an answer: the client sees its connection end
            request.getConnectionMetaData().getConnection().getEndPoint().close(stop);
            callback.failed(stop);
            return true;
        }
    }

    private static void close(AutoCloseable work) {
        try {
            work.close();
        } catch (Exception never) {
            throw new IllegalStateException(never);
        }
    }

    @Override
    public void close() throws Exception {
        sessions.close();
        server.close();
    }
}
