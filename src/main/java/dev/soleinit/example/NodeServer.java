package dev.soleinit.example;

import dev.soleinit.json.Json;
import dev.soleinit.lifecycle.ConfigurationException;
import dev.soleinit.lifecycle.Context;
import dev.soleinit.lifecycle.RestartingException;
import dev.soleinit.lifecycle.Work;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One life of the reference daemon.
 *
 * <ul>
 * <li>{@code GET /}: the greeting
 * <li>{@code GET /health/live}, {@code /health/ready}: 200, the latter with header
 *     {@code X-Generation}; 503 while no new work is taken
 * <li>{@code POST /sessions?ms=N&id=ID}: works for N ms (0 to 600,000; default 100), then 200 with
 *     {@code {"id", "generation"}}; 503 with {@code Retry-After} while no new work is taken
 * <li>{@code GET /work}: what is open, and the counts that survive restarts
 * </ul>
 *
 * <p>On a kept socket, who connects while no new work is taken waits in the backlog instead, and is
 * served by the next life; only who had connected before gets a 503.
 */
final class NodeServer implements AutoCloseable {
    private static final long LONGEST_MS = 600_000;
    private static final AtomicLong NUMBERS = new AtomicLong();

    /** What could be listened with, so that {@link #sorry} can do it again. */
    private record Good(NodeConfig config, Context context) {}

    private static volatile Good lastGood;

    private final NodeConfig config;
    private final Context context;
    private final Sessions sessions;
    private final Http server;

    NodeServer(NodeConfig config, Context context) throws IOException, ConfigurationException {
        this.config = config;
        this.context = context;
        this.sessions = new Sessions(context.gate(), config.gated());
        ServerSocketChannel channel = listen(config, context);
        lastGood = new Good(config, context);
        sessions.restore(context.state("sessions", sessions::snapshot));
        context.resume(sessions::resume);
        boolean kept = context.isInherited(channel);
        this.server = new Http(channel, () -> kept && context.gate().isFenced(), this::handle);
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
            return new Http(listen(lastGood.config(), lastGood.context()), () -> false, exchange -> {
                boolean live = isUnder(exchange, "/health/live");
                exchange.answer(live ? 200 : 503, live ? "live\n" : reason + "\n");
            });
        } catch (ConfigurationException | IOException taken) {
            return () -> { };
        }
    }

    private void handle(Exchange exchange) throws IOException {
        if (isUnder(exchange, "/health/live")) {
            exchange.answer(200, "live\n");
        } else if (isUnder(exchange, "/health/ready")) {
            ready(exchange);
        } else if (isUnder(exchange, "/sessions")) {
            session(exchange);
        } else if (isUnder(exchange, "/work")) {
            work(exchange);
        } else {
            exchange.answer(200, config.greeting() + "\n");
        }
    }

    private static boolean isUnder(Exchange exchange, String path) {
        return (exchange.path() + "/").startsWith(path + "/");
    }

    private void ready(Exchange exchange) throws IOException {
        exchange.header("X-Generation", Long.toString(context.generation()));
        boolean fenced = context.gate().isFenced();
        exchange.answer(fenced ? 503 : 200, fenced ? "restarting\n" : "ready\n");
    }

    private void session(Exchange exchange) throws IOException {
        if (!exchange.method().equals("POST")) {
            exchange.answer(405, "POST, please\n");
            return;
        }
        String ms = exchange.parameter("ms", "100");
        String id = exchange.parameter("id", "s" + context.generation() + "-"
                + NUMBERS.incrementAndGet());
        if (!ms.matches("[0-9]{1,6}") || Long.parseLong(ms) > LONGEST_MS) {
            exchange.answer(400, "ms must be 0 to " + LONGEST_MS + "\n");
            return;
        }
        // open until the client has its answer: a restart must not come between
        try (AutoCloseable _ = sessions.begin(id, Long.parseLong(ms))) {
            exchange.answer(200, Json.write(Map.of("id", id, "generation", context.generation()))
                    + "\n");
        } catch (RestartingException soon) {
            exchange.header("Retry-After", "1");
            exchange.answer(503, soon.getMessage() + "\n");
        } catch (IllegalArgumentException taken) {
            exchange.answer(409, taken.getMessage() + "\n");
        } catch (IOException | RuntimeException broken) {
            throw broken;
        } catch (Exception stop) {
            // interrupted: without an answer the client sees its connection end
        }
    }

    private void work(Exchange exchange) throws IOException {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("generation", context.generation());
        fields.put("fenced", context.gate().isFenced());
        fields.put("open", context.gate().open().stream().map(Work::id).toList());
        fields.putAll(sessions.snapshot());
        exchange.answer(200, Json.write(fields) + "\n");
    }

    @Override
    public void close() {
        server.close();
    }
}
