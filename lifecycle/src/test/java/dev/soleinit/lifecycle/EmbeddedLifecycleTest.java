package dev.soleinit.lifecycle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The library without its run loop, alone and against a supervisor's side of the socket. */
class EmbeddedLifecycleTest {
    @TempDir
    Path dir;

    @Test
    void aloneItIsQuietAndTheGateWorks() throws Exception {
        try (EmbeddedLifecycle lifecycle = EmbeddedLifecycle.of(Map.of())) {
            lifecycle.start();
            lifecycle.ready();
            assertFalse(lifecycle.isSupervised());
            assertFalse(lifecycle.hasInherited());
            assertEquals(0, lifecycle.generation());
            assertEquals(Optional.empty(), lifecycle.inherited(new InetSocketAddress(8080)));
            Work work = lifecycle.gate().begin("request", "r1", "GET /");
            assertEquals(1, lifecycle.drain(Duration.ofMillis(50)));
            assertThrows(RestartingException.class, () -> lifecycle.gate().begin("request", "r2", "/"));
            work.close();
            assertEquals(0, lifecycle.drain(Duration.ofSeconds(10)));
        }
    }

    private static void write(SocketChannel to, String line) throws Exception {
        to.write(ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void theSupervisorFencesAndIsToldThatThereIsNoReload() throws Exception {
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(dir.resolve("control.sock")));
            try (EmbeddedLifecycle lifecycle = EmbeddedLifecycle.of(Map.of("DAEMON_TOKEN", "t",
                    "DAEMON_RUN_DIR", dir.toString(), "DAEMON_GENERATION", "3",
                    "DAEMON_DRAIN_TIMEOUT", "1500ms"))) {
                assertEquals(Duration.ofMillis(1_500), lifecycle.drainTimeout());
                List<String> calls = new CopyOnWriteArrayList<>();
                lifecycle.onFence(() -> calls.add("stop"), () -> calls.add("go on"));
                lifecycle.start();
                lifecycle.ready();
                try (SocketChannel daemon = server.accept()) {
                    BufferedReader lines = new BufferedReader(
                            Channels.newReader(daemon, StandardCharsets.UTF_8));
                    assertTrue(lines.readLine().contains("\"attach\""));
                    write(daemon, "{\"id\":0,\"result\":{\"protocol\":1,\"instance\":\"abc\"}}");
                    assertTrue(lines.readLine().contains("work.report"));
                    assertTrue(lines.readLine().contains("\"generation\":3"), "ready");
                    assertEquals(Optional.of("abc"), lifecycle.instance());
                    assertTrue(lifecycle.isAttached());
                    write(daemon, "{\"id\":1,\"method\":\"fence\",\"params\":{}}");
                    assertTrue(lines.readLine().contains("\"id\":1"));
                    assertTrue(lifecycle.gate().isFenced());
                    write(daemon, "{\"id\":2,\"method\":\"unfence\",\"params\":{}}");
                    assertTrue(lines.readLine().contains("\"id\":2"));
                    assertEquals(List.of("stop", "go on"), calls);
                    write(daemon, "{\"id\":3,\"method\":\"reload\",\"params\":{\"generation\":4}}");
                    assertTrue(lines.readLine().contains("restart it instead"));
                    assertEquals(3, lifecycle.generation());
                }
            }
        }
    }
}
