package dev.soleinit.pidns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.RequiredTier;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Scanner;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Listening sockets are kept: whatever becomes of the daemon, nobody who connects is refused. */
@ExtendWith(RequiredTier.PidNamespace.class)
class ListenIT {
    @TempDir
    Path dir;

    private static String listener() {
        return Path.of("src/test/resources/protocol/listener.py").toAbsolutePath().toString();
    }

    private static SocketAddress local(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    /** Connects at once, and waits for the line that somebody answers sometime. */
    private static String ask(SocketAddress address) throws IOException {
        try (SocketChannel channel = SocketChannel.open(address);
                Scanner scanner = new Scanner(Channels.newInputStream(channel))) {
            return scanner.hasNextLine() ? scanner.nextLine() : "closed";
        }
    }

    private static CompletableFuture<String> asking(SocketAddress address) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return ask(address);
            } catch (IOException failed) {
                return failed.toString();
            }
        }, task -> Thread.ofVirtual().start(task));
    }

    @Test
    void socketsArePassedOnAsSystemdPassesThem() throws IOException {
        Path file = dir.resolve("app/app.sock");
        try (PidNamespace node = PidNamespace.start(dir, "--listen", "tcp:127.0.0.1:0 name=http",
                "--listen", "tcp6:[::1]:0", "--listen", "unix:" + file + " mode=0640 owner=nobody name=api",
                "--", "sh", "-c", "ls -l /proc/$$/fd; echo pid $$ is $LISTEN_PID; exec python3 "
                        + listener())) {
            node.waitForLog("serves 1 ['http', 'tcp6-0', 'api'] blocking [True, True, True]");
            List<?> listening = (List<?>) node.status().get("listening");
            for (Object one : listening) {
                Map<?, ?> socket = (Map<?, ?>) one;
                assertEquals("1 " + socket.get("name"), ask(address(socket)), node.log());
            }
            assertTrue(node.log().matches("(?s).*pid (\\d+) is \\1\n.*"), node.log());
            assertEquals(3, node.log().lines().filter(line -> line.contains("-> socket:")).count(),
                    "three sockets and nothing else beside 0 to 2:\n" + node.log());
            assertEquals("rw-r-----", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
            assertEquals("nobody", Files.getOwner(file).getName());
            node.signal("TERM");
            assertEquals(0, node.exitCode());
            assertFalse(Files.exists(file), "a socket file is removed in the end");
        }
    }

    private static SocketAddress address(Map<?, ?> socket) {
        String text = socket.get("address").toString();
        return text.startsWith("unix:") ? UnixDomainSocketAddress.of(text.substring(5))
                : new InetSocketAddress(text.startsWith("tcp6") ? "::1" : "127.0.0.1",
                        Integer.parseInt(text.substring(text.lastIndexOf(':') + 1)));
    }

    @Test
    void whoConnectsWhileNoDaemonRunsIsServedByTheNext() throws Exception {
        int port = PidNamespace.freePort();
        try (PidNamespace node = PidNamespace.start(dir, "--listen", "tcp:127.0.0.1:" + port,
                "--backoff-initial", "700ms", "--", "python3", listener())) {
            node.waitForLog("serves 1");
            PidNamespace.kill("KILL", node.daemonPid());
            node.waitForState("backing-off");
            assertEquals("2 tcp-" + port, ask(local(port)), "during the backoff after a crash");
            node.call("stop", Map.of());
            CompletableFuture<String> waiting = asking(local(port));
            PidNamespace.pause(200);
            assertFalse(waiting.isDone(), "while it is held down a connection waits");
            node.call("start", Map.of());
            assertEquals("3 tcp-" + port, waiting.get());
        }
    }

    /** The control: a daemon that binds by itself leaves a gap, so that clients are refused. */
    @Test
    void duringRestartsNobodyIsRefusedUnlessTheDaemonHasTheSocketItself() throws Exception {
        int port = PidNamespace.freePort();
        try (PidNamespace node = PidNamespace.start(dir, "--restart-cooldown", "0", "--listen",
                "tcp:127.0.0.1:" + port, "--", "python3", listener(), "slow")) {
            node.waitForLog("serves 1");
            assertEquals(0, refusedDuringRestarts(node, port));
        }
        String own = Files.writeString(dir.resolve("own.py"), """
                import socket, sys, signal
                signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
                s = socket.create_server(("127.0.0.1", %d))
                print("serves", flush=True)
                while True: s.accept()[0].close()
                """.formatted(port)).toString();
        Files.delete(dir.resolve("log"));
        try (PidNamespace node = PidNamespace.start(dir, "--restart-cooldown", "0", "--",
                "python3", own)) {
            node.waitForLog("serves");
            assertTrue(refusedDuringRestarts(node, port) > 0, "the control must be refused");
        }
    }

    private static int refusedDuringRestarts(PidNamespace node, int port) throws Exception {
        CompletableFuture<Void> restarts = CompletableFuture.runAsync(() -> {
            try {
                for (int i = 2; i < 7; i++) {
                    int lives = i + 1;
                    node.call("restart.request", Map.of());
                    node.waitFor("it serves", () -> node.log().split("serves").length == lives);
                }
            } catch (Exception failed) {
                throw new IllegalStateException(failed);
            }
        });
        int refused = 0;
        while (!restarts.isDone()) {
            try (SocketChannel _ = SocketChannel.open(local(port))) {
                Thread.sleep(1);
            } catch (IOException nobody) {
                refused++;
            }
        }
        restarts.get();
        return refused;
    }

    @Test
    void aReloadKeepsThemToo() throws Exception {
        int port = PidNamespace.freePort();
        try (PidNamespace node = PidNamespace.start(dir, "--listen", "tcp:127.0.0.1:" + port,
                "--reload-command", "true", "--", "python3", listener())) {
            node.waitForLog("serves 1");
            node.call("reload", Map.of());
            assertEquals("1 tcp-" + port, ask(local(port)), "the same process serves on");
            assertEquals(2L, node.status().get("generation"));
        }
    }

    @Test
    void whatADaemonDoesToASharedSocketDoesNotReachTheNext() throws Exception {
        Path file = dir.resolve("app.sock");
        int port = PidNamespace.freePort();
        try (PidNamespace node = PidNamespace.start(dir, "--restart-cooldown", "0", "--listen",
                "tcp:127.0.0.1:" + port, "--listen", "unix:" + file, "--", "python3", listener(),
                "shutdown")) {
            node.waitForLog("serves 1");
            node.call("restart.request", Map.of());
            node.waitForLog("the daemon had shut down tcp:127.0.0.1:" + port);
            node.waitForLog("the daemon had shut down unix:" + file);
            assertEquals("2 tcp-" + port, ask(local(port)));
            assertEquals("2 app.sock", ask(UnixDomainSocketAddress.of(file)));
            node.call("restart.request", Map.of("arguments", List.of(listener(), "nonblock")));
            node.waitForLog("serves 3");
            node.call("restart.request", Map.of());
            node.waitForLog("serves 4 ['tcp-" + port + "', 'app.sock'] blocking [True, True]");
        }
    }

    @Test
    void anotherUsersDaemonGetsThemWithItsOwnNumber() throws IOException {
        Files.setPosixFilePermissions(dir, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path script = Files.copy(Path.of(listener()), Path.of("/tmp", "listener-"
                + ProcessHandle.current().pid() + ".py"));
        int port = PidNamespace.freePort();
        try (PidNamespace node = PidNamespace.start(dir, "--user", "nobody", "--listen",
                "tcp:127.0.0.1:" + port, "--", "python3", script.toString())) {
            node.waitForLog("serves 1");
            assertEquals("1 tcp-" + port, ask(local(port)));
        } finally {
            Files.delete(script);
        }
    }

    @Test
    void aCommandThatCannotBeStartedSaysSoAsEver() throws IOException {
        try (PidNamespace node = PidNamespace.start(dir, "--listen", "tcp:127.0.0.1:0", "--",
                "no-such-command")) {
            assertEquals(127, node.exitCode());
        }
        Path broken = Files.writeString(dir.resolve("broken"), "#!/no/such/interpreter\n");
        broken.toFile().setExecutable(true);
        try (PidNamespace node = PidNamespace.start(dir, "--listen", "tcp:127.0.0.1:0", "--",
                broken.toString())) {
            assertTrue(node.exitCode() >= 126, node.log());
        }
    }

    @Test
    void aPlaceThatIsTakenIsAClearErrorAtBoot() throws IOException {
        Path file = dir.resolve("taken.sock");
        try (ServerSocket port = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
                ServerSocketChannel unix = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            unix.bind(UnixDomainSocketAddress.of(file));
            refuses(75, "Cannot listen on tcp:127.0.0.1:" + port.getLocalPort()
                    + ": somebody else listens there", "tcp:127.0.0.1:" + port.getLocalPort());
            refuses(75, "Cannot listen on unix:" + file + ": somebody else listens there",
                    "unix:" + file);
        }
        refuses(78, "this machine has no such address", "tcp:192.0.2.77:0");
        Path plain = Files.writeString(dir.resolve("plain"), "precious");
        refuses(78, "there is a file that is no socket", "unix:" + plain);
        assertEquals("precious", Files.readString(plain));
    }

    private void refuses(int code, String why, String listen) throws IOException {
        Files.deleteIfExists(dir.resolve("log"));
        try (PidNamespace node = PidNamespace.start(dir, "--listen", listen, "--", "echo", "spawned")) {
            assertEquals(code, node.exitCode(), node.log());
            assertTrue(node.log().contains(why), node.log());
            assertFalse(node.log().contains("spawned"), "nothing is started");
        }
    }

    @Test
    void whoeverHasAFullBacklogIsNotTakenForGone() throws IOException {
        Path file = dir.resolve("full.sock");
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(file);
        List<SocketChannel> waiting = new ArrayList<>();
        try (ServerSocketChannel unix = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            unix.bind(address, 1);
            for (int i = 0; i < 4; i++) {
                waiting.add(SocketChannel.open(StandardProtocolFamily.UNIX));
                waiting.getLast().configureBlocking(false);
                try {
                    waiting.getLast().connect(address);
                } catch (IOException full) {
                    // that is what was wanted
                }
            }
            refuses(75, "Cannot listen on unix:" + file + ": somebody else listens there",
                    "unix:" + file);
        } finally {
            for (SocketChannel one : waiting) {
                one.close();
            }
        }
    }

    @Test
    void aSocketFileOfAnEarlierLifeIsReplaced() throws IOException {
        Path file = dir.resolve("stale.sock");
        try (ServerSocketChannel unix = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            unix.bind(UnixDomainSocketAddress.of(file));
        }
        try (PidNamespace node = PidNamespace.start(dir, "--listen", "unix:" + file + " name=a", "--",
                "python3", listener())) {
            node.waitForLog("serves 1");
            assertEquals("1 a", ask(UnixDomainSocketAddress.of(file)));
        }
    }
}
