package dev.soleinit.control.client;

import dev.soleinit.control.server.LineChannel;
import dev.soleinit.json.Json;
import dev.soleinit.json.JsonException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The caller's side of the control socket: one request at a time. No call waits for a supervisor
 * that does not answer: one is bounded by a time, or by the supervisor's answers to
 * {@code status} meanwhile. For one thread.
 */
public final class ControlClient implements AutoCloseable {
    /** How long a supervisor may take to accept a connection, and to answer what needs no wait. */
    public static final Duration TIMEOUT =
            Duration.ofMillis(Long.getLong("soleinit.answer-timeout-ms", 10_000));
    /** How often to ask, while an outcome is waited for, whether there is still a supervisor. */
    private static final Duration CHECK_INTERVAL = TIMEOUT.dividedBy(2);
    private static final Duration RETRY_INTERVAL = Duration.ofMillis(10);
    /** What the launcher has found out before, in the same time; empty for nothing. Source: ask.c. */
    private static final String FOUND = System.getProperty("soleinit.found", "");
    private static final Duration UNBOUNDED = Duration.ofDays(3650);

    static {
        // while the first connection is made
        Json.prepare();
    }

    private final Path socket;
    private final LineChannel channel;

    private ControlClient(Path socket, LineChannel channel) {
        this.socket = socket;
        this.channel = channel;
    }

    /** Connects within {@link #TIMEOUT}, or says that nobody listens there. */
    public static ControlClient connect(Path socket) throws SupervisorUnreachableException {
        if (!FOUND.isEmpty()) {
            throw found(socket);
        }
        long deadline = deadline(TIMEOUT);
        try {
            Optional<LineChannel> channel = LineChannel.open(socket);
            while (channel.isEmpty()) {
                if (System.nanoTime() - deadline > 0) {
                    throw notAccepted(socket);
                }
                pause();
                channel = LineChannel.open(socket);
            }
            return new ControlClient(socket, channel.get());
        } catch (SupervisorUnreachableException silent) {
            throw silent;
        } catch (IOException | IllegalArgumentException nobody) {
            throw new SupervisorUnreachableException("no supervisor answers on " + socket + " ("
                    + nobody.getMessage() + ")", nobody);
        }
    }

    private static void pause() throws InterruptedIOException {
        try {
            Thread.sleep(RETRY_INTERVAL);
        } catch (InterruptedException stop) {
            throw LineChannel.interrupted();
        }
    }

    private static String words(Duration time) {
        return time.toMillis() % 1000 == 0 ? time.toSeconds() + " s" : time.toMillis() + " ms";
    }

    private static long deadline(Duration time) {
        return System.nanoTime() + time.toNanos();
    }

    // ---- asking

    /** Asks and waits for the outcome, for as long as the supervisor answers others. */
    public Map<String, Object> call(String method, Map<String, Object> params)
            throws IOException, RpcException {
        send(method, params);
        while (true) {
            Optional<Map<String, Object>> answer = answer(deadline(CHECK_INTERVAL));
            if (answer.isPresent()) {
                return answer.get();
            }
            requireSupervisor();
        }
    }

    /** Asks and waits for the answer, so long at the most. */
    public Map<String, Object> call(String method, Map<String, Object> params, Duration maxWait)
            throws IOException, RpcException {
        send(method, params);
        return answer(deadline(maxWait)).orElseThrow(() -> notAnswered(maxWait));
    }

    private static SupervisorUnreachableException found(Path socket) {
        return switch (FOUND) {
            case "unaccepted" -> notAccepted(socket);
            case "unanswered" -> notAnswered(TIMEOUT);
            default -> LineChannel.closed(null);
        };
    }

    private static SupervisorSilentException notAccepted(Path socket) {
        return new SupervisorSilentException("the supervisor has not accepted a connection on " + socket
                + " within " + words(TIMEOUT));
    }

    private static SupervisorSilentException notAnswered(Duration time) {
        return new SupervisorSilentException("the supervisor has not answered within " + words(time));
    }

    /** Whether it says "busy" does not matter: then it is there. */
    private void requireSupervisor() throws IOException {
        try (ControlClient other = connect(socket)) {
            other.call("status", Map.of(), TIMEOUT);
        } catch (RpcException refused) {
            // that is an answer
        }
    }

    /** Hands over the supervisor's notices until the taker says false or the supervisor leaves. */
    public void listen(Predicate<Map<String, Object>> taker) throws IOException, RpcException {
        listen(taker, UNBOUNDED);
    }

    /** The same where each is due within {@code maxWait}. */
    public void listen(Predicate<Map<String, Object>> taker, Duration maxWait)
            throws IOException, RpcException {
        boolean more = true;
        while (more) {
            Map<String, Object> notice = next(deadline(maxWait)).orElseThrow(() ->
                    new SupervisorSilentException("the supervisor has said nothing for "
                            + words(maxWait)));
            if (notice.get("error") instanceof Map<?, ?> error) {
                throw failure(error);
            }
            more = taker.test(notice);
        }
    }

    private Optional<Map<String, Object>> answer(long deadline) throws IOException, RpcException {
        while (true) {
            Optional<Map<String, Object>> message = next(deadline);
            if (message.isEmpty()) {
                return message;
            }
            if (message.get().get("error") instanceof Map<?, ?> error) {
                throw failure(error);
            }
            if (message.get().get("result") instanceof Map<?, ?> result) {
                return Optional.of(typed(result));
            }
        }
    }

    private static RpcException failure(Map<?, ?> error) {
        int code = error.get("code") instanceof Long number ? number.intValue() : 0;
        Map<String, Object> data = error.get("data") instanceof Map<?, ?> map ? typed(map) : Map.of();
        return new RpcException(code, String.valueOf(error.get("message")), data);
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> typed(Map<?, ?> map) {
        return (Map<String, Object>) map;
    }

    // ---- messages

    private void send(String method, Map<String, Object> params) throws IOException {
        Map<String, Object> request = new LinkedHashMap<>();
        request.put("jsonrpc", "2.0");
        request.put("id", 1L);
        request.put("method", method);
        request.put("params", params);
        if (!channel.write(Json.write(request), deadline(TIMEOUT))) {
            throw new SupervisorSilentException("the supervisor has not read the request within "
                    + words(TIMEOUT));
        }
    }

    /** Empty if there is none until then. */
    private Optional<Map<String, Object>> next(long deadline) throws IOException {
        Optional<String> text = channel.readLine(deadline);
        try {
            return text.isEmpty() ? Optional.empty()
                    : Optional.of(Json.parse(text.get()) instanceof Map<?, ?> map ? typed(map)
                            : Map.of());
        } catch (JsonException broken) {
            throw new IOException("the supervisor sent no JSON: " + broken.getMessage(), broken);
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
