package dev.soleinit.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.control.Request;
import java.io.IOException;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A supervisor that is there and says nothing, as one that is stopped; its time is short here. */
class SilentSupervisorTest {
    @TempDir
    Path directory;
    private final Map<String, String> environment = new HashMap<>();
    private final List<SocketChannel> waiting = new ArrayList<>();
    private ServerSocketChannel silent;

    @BeforeEach
    void listen() throws IOException {
        environment.put("DAEMON_RUN_DIR", directory.toString());
        environment.put("DAEMON_STATE_DIR", directory.resolve("state").toString());
        silent = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        silent.bind(UnixDomainSocketAddress.of(socket()), 8);
    }

    @AfterEach
    void close() throws IOException {
        silent.close();
        for (SocketChannel each : waiting) {
            each.close();
        }
    }

    private Path socket() {
        return directory.resolve("control.sock");
    }

    @ParameterizedTest
    @CsvSource({"start, 75", "stop, 75", "stop --no-block, 75", "restart, 75", "restart --safe, 75",
        "reload, 75", "status, 4", "status --ready, 1", "preflight, 75", "wait --timeout 300ms, 75",
        "events, 75", "signal HUP, 75"})
    void everyVerbEndsInBoundedTime(String line, int code) {
        long begin = System.nanoTime();
        CliRunner run = CliRunner.of(environment, line.split(" "));
        assertEquals(code, run.exitCode(), run::toString);
        assertTrue(run.err().startsWith("Cannot ") && run.err().contains("within 1 s")
                && run.err().contains("Look at its log"), run::toString);
        Duration took = Duration.ofNanos(System.nanoTime() - begin);
        assertTrue(took.toMillis() < 5_000, "took " + took);
    }

    @Test
    void aMarkerKeepsTheCodeOfTheGuard() {
        environment.put("DAEMON_SUPERVISOR", "container");
        CliRunner run = CliRunner.of(environment, "start");
        assertEquals(ExitCodes.NO_SUPERVISOR, run.exitCode(), run::toString);
        assertTrue(run.err().contains("nothing was spawned"), run::toString);
    }

    @Test
    void aFullBacklogIsNotWaitedForInTheKernel() throws IOException {
        assertThrows(SocketException.class, () -> {
            while (true) {
                SocketChannel one = SocketChannel.open(StandardProtocolFamily.UNIX);
                waiting.add(one);
                one.configureBlocking(false);
                one.connect(UnixDomainSocketAddress.of(socket()));
            }
        });
        CliRunner run = CliRunner.of(environment, "stop");
        assertEquals(ExitCodes.TRY_LATER, run.exitCode(), run::toString);
        assertTrue(run.err().contains("has not accepted a connection"), run::toString);
    }

    @Test
    void aLongWaitGoesOnAsLongAsTheSupervisorAnswersOthers() throws Exception {
        silent.close();
        Files.delete(socket());
        try (FakeSupervisor supervisor = new FakeSupervisor(directory, call -> {
            if (call.request() instanceof Request.Stop) {
                Thread.ofVirtual().start(() -> {
                    pause(2_500);
                    call.replyTo().result(Map.of());
                });
            } else {
                call.replyTo().result(Map.of());
            }
        })) {
            CliRunner run = CliRunner.of(environment, "stop");
            assertEquals(ExitCodes.OK, run.exitCode(), run::toString);
            assertTrue(supervisor.calls().size() > 2, "it was asked for its status meanwhile");
        }
    }

    private static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException stop) {
            throw new IllegalStateException(stop);
        }
    }
}
