package dev.soleinit.spring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** The supervisor's side of the control socket, as far as a daemon sees it. */
final class FakeSupervisor implements AutoCloseable {
    private static final long PATIENCE_S = 10;

    private final Path dir;
    private final ServerSocketChannel server;
    private final BlockingQueue<String> said = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();
    private volatile SocketChannel daemon;

    FakeSupervisor(Path dir) throws IOException {
        this.dir = dir;
        server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(dir.resolve("control.sock")));
        Thread thread = new Thread(this::listen, "fake-supervisor");
        thread.setDaemon(true);
        thread.start();
    }

    Map<String, Object> environment() {
        return Map.of("DAEMON_TOKEN", "t", "DAEMON_RUN_DIR", dir.toString(), "DAEMON_GENERATION", "7",
                "DAEMON_DRAIN_TIMEOUT", "5000ms", "DAEMON_STATE_DIR", dir.toString());
    }

    private void listen() {
        while (server.isOpen()) {
            try (SocketChannel connection = server.accept()) {
                daemon = connection;
                BufferedReader lines = new BufferedReader(
                        Channels.newReader(connection, StandardCharsets.UTF_8));
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    if (line.contains("\"attach\"")) {
                        write("{\"jsonrpc\":\"2.0\",\"id\":0,\"result\":{\"protocol\":1,\"instance\":"
                                + "\"i1\",\"generation\":7,\"drainTimeoutMs\":5000,\"candidates\":0}}");
                    }
                    (line.contains("\"method\"") ? said : answers).add(line);
                }
            } catch (IOException gone) {
                // the next connection
            }
        }
    }

    private void write(String line) throws IOException {
        daemon.write(ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8)));
    }

    /** Tells the daemon, and waits until it has done so. */
    void tell(String method, String params) throws Exception {
        write("{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"" + method + "\",\"params\":" + params + "}");
        assertEquals("{\"jsonrpc\":\"2.0\",\"id\":9,\"result\":{}}",
                answers.poll(PATIENCE_S, TimeUnit.SECONDS));
    }

    /** The next thing said that has all of these parts; what comes before is passed over. */
    String expect(String... parts) throws InterruptedException {
        StringBuilder others = new StringBuilder();
        for (String line = next(PATIENCE_S); line != null; line = next(PATIENCE_S)) {
            boolean all = true;
            for (String part : parts) {
                all &= line.contains(part);
            }
            if (all) {
                return line;
            }
            others.append(line).append('\n');
        }
        return fail("never said: " + String.join(" ", parts) + ", but:\n" + others);
    }

    private String next(long seconds) throws InterruptedException {
        return said.poll(seconds, TimeUnit.SECONDS);
    }

    /** What was said until now is forgotten. */
    void forget() {
        said.clear();
    }

    /** Whether anything was said that has this part, and was not asked for yet. */
    boolean hasSaid(String part) {
        return said.stream().anyMatch(line -> line.contains(part));
    }

    @Override
    public void close() throws IOException {
        server.close();
        SocketChannel open = daemon;
        if (open != null) {
            open.close();
        }
    }
}
