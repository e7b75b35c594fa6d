package dev.soleinit.lifecycle;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The daemon's connection to its supervisor. What is said goes into a queue and never waits for the
 * supervisor; a connection that is lost is made again, and all open work told anew. Threads "link"
 * and "link-writer", both daemons.
 */
final class SupervisorConnection implements AutoCloseable {
    private static final long PROTOCOL = 1;
    /** The code of an error that says: try again. */
    private static final Long BUSY = -32_000L;
    private static final Duration AGAIN = Duration.ofSeconds(1);
    /** In bytes; the kernel takes less where net.core.wmem_max is less. */
    private static final int SEND_BUFFER = 1 << 20;
    private static final int MAX_QUEUED = 100_000;

    /** What the supervisor wants; called on the link's thread, answered when it returns. */
    interface SupervisorCommands {
        /** Connected (again): the first words to say. */
        void attached(Map<String, Object> answer);

        /** Not connected any more. */
        void detached();

        /** With {@code overlap} the next generation serves already. */
        void fence(boolean overlap);

        void unfence();

        /** After a fence with {@code overlap}: as that one. */
        void drain();

        /** There is interrupted work to be claimed. */
        void resume();

        void reload(long generation);

        void stopping(String reason, Duration expected);
    }

    private final Path socket;
    private final String token;
    private final AtomicLong generation;
    private final SupervisorCommands orders;
    private final BlockingQueue<String> outgoing = new LinkedBlockingQueue<>();
    private final Map<Long, CompletableFuture<Map<String, Object>>> asked = new ConcurrentHashMap<>();
    private final AtomicLong lastId = new AtomicLong();
    private volatile SocketChannel channel;
    private volatile boolean closed;
    private volatile boolean attached;

    private SupervisorConnection(Path socket, String token, AtomicLong generation,
            SupervisorCommands orders) {
        this.socket = socket;
        this.token = token;
        this.generation = generation;
        this.orders = orders;
    }

    /** Empty where the environment names no supervisor. */
    static Optional<SupervisorConnection> of(Map<String, String> environment, AtomicLong generation,
            SupervisorCommands orders) {
        String token = environment.getOrDefault("DAEMON_TOKEN", "");
        String directory = environment.getOrDefault("DAEMON_RUN_DIR", "");
        return token.isEmpty() || directory.isEmpty() ? Optional.empty() : Optional.of(
                new SupervisorConnection(Path.of(directory, "control.sock"), token, generation, orders));
    }

    void start() {
        DaemonThread.start("link", this::run);
        DaemonThread.start("link-writer", this::writeLine);
    }

    // ---- saying

    void send(String method, Map<String, Object> params) {
        if (attached) {
            enqueue(message(null, method, params));
        }
    }

    /** Asks and waits for the answer. */
    Map<String, Object> call(String method, Map<String, Object> params, Duration patience)
            throws IOException, InterruptedException {
        long id = lastId.incrementAndGet();
        CompletableFuture<Map<String, Object>> answer = new CompletableFuture<>();
        asked.put(id, answer);
        try {
            awaitAttached(patience);
            enqueue(message(id, method, params));
            return answer.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException refused) {
            throw new IOException(refused.getCause().getMessage(), refused.getCause());
        } catch (TimeoutException silent) {
            throw new IOException("the supervisor did not answer within " + patience.toSeconds()
                    + " s", silent);
        } finally {
            asked.remove(id);
        }
    }

    /** What is asked before that is dropped with what an older connection had to say. */
    private void awaitAttached(Duration patience) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (!attached) {
            if (closed || System.nanoTime() > deadline) {
                throw new IOException("there is no connection to the supervisor");
            }
            Thread.sleep(10);
        }
    }

    private static Map<String, Object> message(Long id, String method, Map<String, Object> params) {
        Map<String, Object> message = new LinkedHashMap<>();
        message.put("jsonrpc", "2.0");
        if (id != null) {
            message.put("id", id);
        }
        message.put("method", method);
        message.put("params", params);
        return message;
    }

    /** Too much for a supervisor that does not read: a new connection tells everything at once. */
    private void enqueue(Map<String, Object> message) {
        if (outgoing.size() > MAX_QUEUED) {
            outgoing.clear();
            disconnect();
        }
        outgoing.add(Json.write(message) + "\n");
    }

    private void writeLine() {
        while (!closed) {
            try {
                String line = outgoing.take();
                SocketChannel to = channel;
                if (to != null) {
                    write(to, line);
                }
            } catch (IOException lost) {
                disconnect();
            } catch (InterruptedException stop) {
                return;
            }
        }
    }

    private static void write(SocketChannel to, String line) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            to.write(bytes);
        }
    }

    // ---- hearing

    private void run() {
        while (!closed) {
            try (SocketChannel open = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
                readLoop(open);
            } catch (IOException | RuntimeException lost) {
                // a new connection may do better
            }
            attached = false;
            channel = null;
            orders.detached();
            pause();
        }
    }

    private void readLoop(SocketChannel open) throws IOException {
        outgoing.clear();
        // while the supervisor stands still the kernel keeps what is said, also beyond a daemon's death
        open.setOption(StandardSocketOptions.SO_SNDBUF, SEND_BUFFER);
        write(open, Json.write(message(0L, "attach", Map.of("token", token, "generation",
                generation.get(), "protocol", PROTOCOL))) + "\n");
        channel = open;
        BufferedReader lines = new BufferedReader(Channels.newReader(open, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null && !closed; line = lines.readLine()) {
            try {
                take((Map<?, ?>) Json.parse(line));
            } catch (IllegalArgumentException broken) {
                throw new IOException(broken);
            }
        }
    }

    private void take(Map<?, ?> message) throws IOException {
        long id = message.get("id") instanceof Long number ? number : -1;
        if (message.get("method") instanceof String method) {
            dispatch(method, message.get("params") instanceof Map<?, ?> map ? map : Map.of());
            Map<String, Object> answer = new LinkedHashMap<>();
            answer.put("jsonrpc", "2.0");
            answer.put("id", id);
            answer.put("result", Map.of());
            enqueue(answer);
        } else if (id == 0 && message.get("result") instanceof Map<?, ?> answer) {
            if (answer.get("protocol") instanceof Long spoken && spoken != PROTOCOL) {
                closed = true;
                throw new IOException("the supervisor speaks protocol " + spoken);
            }
            attached = true;
            orders.attached(typed(answer));
        } else if (id == 0) {
            // an older generation, or not the daemon's own process: nothing is left to say here
            closed = !(message.get("error") instanceof Map<?, ?> error
                    && BUSY.equals(error.get("code")));
            throw new IOException("not accepted: " + message.get("error"));
        } else {
            complete(asked.get(id), message);
        }
    }

    /** Null if nobody waits for it any more. */
    private static void complete(CompletableFuture<Map<String, Object>> waiting, Map<?, ?> message) {
        if (waiting != null && message.get("result") instanceof Map<?, ?> result) {
            waiting.complete(typed(result));
        } else if (waiting != null) {
            waiting.completeExceptionally(new IOException(String.valueOf(message.get("error"))));
        }
    }

    private void dispatch(String method, Map<?, ?> params) {
        switch (method) {
            case "fence" -> orders.fence("overlap".equals(params.get("reason")));
            case "unfence" -> orders.unfence();
            case "drain" -> orders.drain();
            case "resume" -> orders.resume();
            case "reload" -> orders.reload(number(params, "generation"));
            case "stopping" -> orders.stopping(String.valueOf(params.get("reason")),
                    Duration.ofMillis(number(params, "expectedMs")));
            default -> { }
        }
    }

    private static long number(Map<?, ?> params, String name) {
        return params.get(name) instanceof Long number ? number : 0;
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> typed(Map<?, ?> map) {
        return (Map<String, Object>) map;
    }

    // ---- ending

    private void pause() {
        try {
            Thread.sleep(AGAIN.toMillis());
        } catch (InterruptedException stop) {
            closed = true;
        }
    }

    private void disconnect() {
        try {
            SocketChannel now = channel;
            if (now != null) {
                now.close();
            }
        } catch (IOException alreadyGone) {
            // the reader makes a new one
        }
    }

    /** Lets what has been said go out, for a moment, and ends. */
    @Override
    public void close() {
        long deadline = System.nanoTime() + Duration.ofMillis(500).toNanos();
        while (attached && !outgoing.isEmpty() && System.nanoTime() < deadline) {
            try {
                Thread.sleep(1);
            } catch (InterruptedException hurry) {
                break;
            }
        }
        closed = true;
        // a thread that waits in the kernel would keep the JVM from ending for 300 ms
        disconnect();
    }
}
