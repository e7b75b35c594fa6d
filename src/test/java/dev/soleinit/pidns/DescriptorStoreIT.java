package dev.soleinit.pidns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.RequiredTier;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What a daemon stores with the supervisor outlives its process, however that ends. */
@ExtendWith(RequiredTier.PidNamespace.class)
@Timeout(120)
class DescriptorStoreIT {
    @TempDir
    Path dir;

    private PidNamespace ready(int most) throws IOException {
        String server = Path.of("examples/descriptor-store/server.py").toAbsolutePath().toString();
        return PidNamespace.start(dir, "--listen", "unix:" + dir.resolve("app.sock") + " name=http",
                "--ready", "notify", "--fd-store-max", Integer.toString(most), "--backoff-initial",
                "20ms", "--backoff-max", "20ms", "--", "python3", server).waitForState("ready");
    }

    private List<SocketChannel> connect(int count) throws IOException {
        List<SocketChannel> open = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            open.add(SocketChannel.open(UnixDomainSocketAddress.of(dir.resolve("app.sock"))));
        }
        return open;
    }

    /** Sends a line and returns what comes back, "closed" at the end. */
    private static String ask(SocketChannel connection, String line) throws IOException {
        try {
            connection.write(ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8)));
            ByteBuffer answer = ByteBuffer.allocate(200);
            while (connection.read(answer) > 0 && answer.get(answer.position() - 1) != '\n') {
                // the rest of the line is on its way
            }
            return answer.position() == 0 ? "closed"
                    : new String(answer.array(), 0, answer.position() - 1, StandardCharsets.UTF_8);
        } catch (IOException gone) {
            return "closed";
        }
    }

    private static void assertAllAnswered(long generation, List<SocketChannel> connections)
            throws IOException {
        for (int i = 0; i < connections.size(); i++) {
            assertEquals(generation + " line " + i, ask(connections.get(i), "line " + i),
                    "connection " + i + " in generation " + generation);
        }
    }

    private static int stored(PidNamespace node) {
        return node.status().get("storedDescriptors") instanceof List<?> names ? names.size() : -1;
    }

    private static PidNamespace killed(PidNamespace node) throws IOException {
        long before = (Long) node.status().get("generation");
        PidNamespace.kill("KILL", node.daemonPid());
        node.waitForStatus("the next generation", now -> (Long) now.get("generation") > before
                && "ready".equals(now.get("state")));
        return node;
    }

    @Test
    void openConnectionsSurviveRestartsAndKills() throws Exception {
        int restarts = Integer.getInteger("store.restarts", 3);
        int kills = Integer.getInteger("store.kills", 3);
        try (PidNamespace node = ready(200)) {
            List<SocketChannel> open = connect(Integer.getInteger("store.connections", 200));
            assertAllAnswered(1, open);
            for (int i = 1; i <= restarts; i++) {
                assertEquals(0, node.daemon(Map.of(), "restart").code());
                assertAllAnswered(1 + i, open);
            }
            for (int i = 1; i <= kills; i++) {
                killed(node);
                assertAllAnswered(1 + restarts + i, open);
            }
            assertEquals(open.size(), stored(node));
            assertFalse(node.log().contains("Cannot store"), node.log());
        }
    }

    @Test
    void withoutAStoreTheyEnd() throws Exception {
        try (PidNamespace node = ready(0)) {
            List<SocketChannel> open = connect(3);
            assertAllAnswered(1, open);
            node.daemon(Map.of(), "restart");
            for (SocketChannel one : open) {
                assertEquals("closed", ask(one, "anybody"));
            }
            assertTrue(node.log().contains("none is kept unless --fd-store-max"), node.log());
            assertEquals(1, node.log().split("none is kept", -1).length - 1, "it is said once");
        }
    }

    @Test
    void oneWhoseOtherEndIsGoneIsDroppedUnlessItShallNotBe() throws Exception {
        try (PidNamespace node = ready(10)) {
            List<SocketChannel> open = connect(5);
            assertAllAnswered(1, open);
            assertEquals(5, stored(node));
            open.get(0).close();
            open.get(1).close();
            node.waitFor("two are dropped", () -> stored(node) == 3);
            node.daemon(Map.of(), "restart");
            assertAllAnswered(2, List.of());
            assertEquals("2 still", ask(open.get(4), "still"));
            assertEquals(3, stored(node));
        }
    }

    @Test
    void afterAStopNobodyWaitsForWhatIsStored() throws Exception {
        try (PidNamespace node = ready(10)) {
            List<SocketChannel> open = connect(2);
            assertAllAnswered(1, open);
            node.daemon(Map.of(), "stop");
            assertEquals("closed", ask(open.get(0), "anybody"));
            node.daemon(Map.of(), "start");
            assertEquals(0, stored(node));
        }
    }

    @Test
    void aFullStoreIsSaidOnceAndHurtsNobody() throws Exception {
        try (PidNamespace node = ready(2)) {
            List<SocketChannel> open = connect(6);
            assertAllAnswered(1, open);
            assertEquals(2, stored(node));
            assertEquals(1, node.log().split("all 2 of --fd-store-max", -1).length - 1, node.log());
            node.daemon(Map.of(), "restart");
            assertEquals("2 kept", ask(open.get(0), "kept"));
            assertEquals("2 kept", ask(open.get(1), "kept"));
            assertEquals("closed", ask(open.get(5), "lost"));
        }
    }

    /** Every kind of descriptor, names of every kind, the same one again, and a thousand at once. */
    @Test
    void oddDescriptorsAreKeptOrRefusedAndHurtNobody() throws Exception {
        String hostile = Files.writeString(dir.resolve("hostile.py"), """
                import array, os, select, signal, socket, time
                signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
                s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
                s.connect(os.environ["NOTIFY_SOCKET"])
                def tell(text, *fds): socket.send_fds(s, [text.encode("latin-1")], list(fds), 0)
                names = os.environ.get("LISTEN_FDNAMES", "")
                print("names", names, flush=True)
                if not names:
                    r, w = os.pipe(); e = select.epoll(); e.register(r); a, b = socket.socketpair()
                    nested = select.epoll(); nested.register(e.fileno())
                    for fd in (w, e.fileno(), nested.fileno(), os.open("/", os.O_RDONLY),
                            os.open("/", os.O_PATH), os.memfd_create("m"), s.fileno(), a.fileno(), b.fileno()):
                        tell("FDSTORE=1\\nFDNAME=odd", fd)
                    for again in range(20): tell("FDSTORE=1\\nFDNAME=odd", a.fileno())
                    c, d = socket.socketpair(); tell("FDSTORE=1\\nFDNAME=a:b\\x01", c.fileno())
                    tell("FDSTORE=1\\nFDNAME=" + "x" * 300, d.fileno())
                    tell("FDSTORE=1"); tell("FDSTORE=1\\nFDNAME=none"); tell("FDSTOREREMOVE=1")
                    g, h = socket.socketpair(); h.close()
                    tell("FDSTORE=1\\nFDNAME=dead\\nFDPOLL=0", g.fileno())
                    k, l = socket.socketpair(); l.close()
                    tell("FDSTORE=1\\nFDNAME=gone", k.fileno())
                    m, n = socket.socketpair(); tell("FDSTORE=1\\nFDNAME=removed", m.fileno())
                    tell("FDSTOREREMOVE=1\\nFDNAME=removed")
                    for many in range(5):
                        tell("FDSTORE=1\\nFDNAME=many", *[os.dup(r) for _ in range(200)])
                tell("READY=1")
                while True: time.sleep(60)
                """).toString();
        try (PidNamespace node = PidNamespace.start(dir, "--ready", "notify", "--fd-store-max", "100",
                "--", "python3", hostile)) {
            node.waitForState("ready");
            node.daemon(Map.of(), "restart");
            node.waitForLog("names odd");
            String names = node.log().lines().filter(line -> line.startsWith("names odd")).findFirst()
                    .orElseThrow();
            assertEquals(9, names.split("odd", -1).length - 1, "one of each kind: " + names);
            assertEquals(2, names.split("stored", -1).length - 1, "names that are none: " + names);
            assertTrue(names.contains(":dead"), names);
            assertFalse(names.contains("gone") || names.contains("removed") || names.contains("none"), names);
            // the one that is dropped may have been there when the store was full
            assertTrue(names.split(":").length >= 99, names);
            assertTrue(node.log().contains("all 100 of --fd-store-max"), node.log());
            assertEquals("ready", node.status().get("state"));
        }
    }

    @Test
    void aStoreThatTheLimitOfOpenFilesDoesNotAllowIsRefusedAtBoot() throws Exception {
        PidNamespace.Finished refused = PidNamespace.command(Map.of(), "prlimit", "--nofile=1024:1024",
                Path.of("target/soleinit/bin/daemon").toAbsolutePath().toString(), "supervise",
                "--run-dir", dir.resolve("run").toString(), "--state-dir", dir.resolve("state").toString(),
                "--fd-store-max", "5000", "--", "true");
        assertEquals(78, refused.code(), refused.output());
        assertTrue(refused.output().contains("raise the limit (docker run --ulimit nofile="),
                refused.output());
    }
}
