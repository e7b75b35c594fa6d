package dev.soleinit.node;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.soleinit.json.Json;
import dev.soleinit.lifecycle.ConfigurationException;
import dev.soleinit.lifecycle.Context;
import dev.soleinit.lifecycle.RestartingException;
import dev.soleinit.lifecycle.Work;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
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
 */
final class NodeServer implements AutoCloseable {
    private static final long LONGEST_MS = 600_000;
    private static final AtomicLong NUMBERS = new AtomicLong();

    private static volatile NodeConfig lastGood;

    private final Context context;
    private final Sessions sessions;
    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    NodeServer(NodeConfig config, Context context) throws IOException, ConfigurationException {
        this.context = context;
        this.sessions = new Sessions(context.gate(), config.gated());
        this.server = listen(config);
        lastGood = config;
        sessions.restore(context.state("sessions", sessions::snapshot));
        context.resume(sessions::resume);
        server.setExecutor(threads);
        server.createContext("/", exchange -> answer(exchange, 200, config.greeting() + "\n"));
        server.createContext("/health/live", exchange -> answer(exchange, 200, "live\n"));
        server.createContext("/health/ready", this::ready);
        server.createContext("/sessions", this::session);
        server.createContext("/work", this::work);
        server.start();
    }

    private static HttpServer listen(NodeConfig config) throws ConfigurationException {
        try {
            return HttpServer.create(new InetSocketAddress(config.host(), config.port()), 1024);
        } catch (IOException | RuntimeException taken) {
            throw new ConfigurationException("Cannot listen on " + config.host() + ":"
                    + config.port() + ": " + taken.getMessage(), taken);
        }
    }

    /** Standing alone after a failed rebuild: says on the old place that it is not ready, and why. */
    static AutoCloseable sorry(String reason) {
        try {
            HttpServer server = listen(lastGood);
            server.createContext("/", exchange -> answer(exchange, 503, reason + "\n"));
            server.createContext("/health/live", exchange -> answer(exchange, 200, "live\n"));
            server.start();
            return () -> server.stop(0);
        } catch (ConfigurationException taken) {
            return () -> { };
        }
    }

    private void ready(HttpExchange exchange) throws IOException {
        exchange.getResponseHeaders().add("X-Generation", Long.toString(context.generation()));
        boolean fenced = context.gate().isFenced();
        answer(exchange, fenced ? 503 : 200, fenced ? "restarting\n" : "ready\n");
    }

    private void session(HttpExchange exchange) throws IOException {
        if (!exchange.getRequestMethod().equals("POST")) {
            answer(exchange, 405, "POST, please\n");
            return;
        }
        String ms = parameter(exchange, "ms", "100");
        String id = parameter(exchange, "id", "s" + context.generation() + "-"
                + NUMBERS.incrementAndGet());
        if (!ms.matches("[0-9]{1,6}") || Long.parseLong(ms) > LONGEST_MS) {
            answer(exchange, 400, "ms must be 0 to " + LONGEST_MS + "\n");
            return;
        }
        // open until the client has its answer: a restart must not come between
        try (AutoCloseable _ = sessions.begin(id, Long.parseLong(ms))) {
            answer(exchange, 200, Json.write(Map.of("id", id, "generation", context.generation()))
                    + "\n");
        } catch (RestartingException soon) {
            exchange.getResponseHeaders().add("Retry-After", "1");
            answer(exchange, 503, soon.getMessage() + "\n");
        } catch (IllegalArgumentException taken) {
            answer(exchange, 409, taken.getMessage() + "\n");
        } catch (IOException | RuntimeException broken) {
            throw broken;
        } catch (Exception stop) {
            // interrupted: the client sees its connection end
            exchange.close();
        }
    }

    private void work(HttpExchange exchange) throws IOException {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("generation", context.generation());
        fields.put("fenced", context.gate().isFenced());
        fields.put("open", context.gate().open().stream().map(Work::id).toList());
        fields.putAll(sessions.snapshot());
        answer(exchange, 200, Json.write(fields) + "\n");
    }

    private static String parameter(HttpExchange exchange, String name, String otherwise) {
        String query = exchange.getRequestURI().getQuery();
        for (String pair : query == null ? new String[0] : query.split("&")) {
            if (pair.startsWith(name + "=")) {
                return pair.substring(name.length() + 1);
            }
        }
        return otherwise;
    }

    private static void answer(HttpExchange exchange, int code, String text) throws IOException {
        try (exchange) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("Content-Type", text.startsWith("{")
                    ? "application/json" : "text/plain; charset=utf-8");
            exchange.sendResponseHeaders(code, bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
