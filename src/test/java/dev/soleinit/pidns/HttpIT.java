package dev.soleinit.pidns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.RequiredTier;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** {@code --http} of a real PID 1: what it says while things change, and who it does not listen to. */
@ExtendWith(RequiredTier.PidNamespace.class)
@Timeout(120)
class HttpIT {
    @TempDir
    Path dir;
    private int port;

    private PidNamespace start(String... words) throws IOException {
        port = PidNamespace.freePort();
        List<String> all = new ArrayList<>(List.of("--http", "tcp:127.0.0.1:" + port));
        all.addAll(List.of(words));
        return PidNamespace.start(dir, all.toArray(String[]::new));
    }

    private String get(String path) {
        return PidNamespace.get(port, path);
    }

    private boolean isReady(int generation) {
        String answer = get("/readyz");
        return answer.contains("200 OK") && answer.contains("X-Generation: " + generation);
    }

    private static void has(String part, String text) {
        assertTrue(text.contains(part), text);
    }

    @Test
    void readinessFollowsARestartAHoldAndACrash() throws IOException {
        String daemon = PidNamespace.script(dir, "trap 'sleep 0.7; exit 0' TERM", "while :; do sleep 0.05; done");
        try (PidNamespace node = start("--backoff-initial", "1s", "--", daemon)) {
            node.waitForState("ready");
            has("200 OK", get("/readyz"));
            node.call("restart.request", java.util.Map.of("block", false));
            node.waitFor("503 while it restarts", () -> get("/readyz").contains("503"));
            has("200 OK", get("/livez"));
            has("200 OK", get("/startupz"));
            node.waitFor("200 again", () -> isReady(2));
            node.daemon(java.util.Map.of(), "stop");
            has("not ready: held", get("/readyz"));
            node.daemon(java.util.Map.of(), "start");
            has("200 OK", get("/readyz"));
            PidNamespace.kill("KILL", node.daemonPid());
            node.waitFor("backing off", () -> get("/readyz").contains("not ready: backing-off"));
            node.waitFor("ready again", () -> isReady(4));
            String metrics = get("/metrics");
            has("soleinit_daemon_starts_total 4", metrics);
            has("soleinit_daemon_exits_total{cause=\"requested\"} 2", metrics);
            has("soleinit_daemon_exits_total{cause=\"signal\"} 1", metrics);
            has("soleinit_request_outcomes_total{result=\"complete\"} 3", metrics);
            has("soleinit_downtime_duration_seconds_count 2", metrics);
            has("soleinit_startup_duration_seconds_count 4", metrics);
            has("process_resident_memory_bytes", metrics);
            has("asked to restart", get("/"));
            has("\"generation\":4", get("/status"));
        } catch (dev.soleinit.control.client.RpcException refused) {
            throw new IOException(refused);
        }
    }

    @Test
    void anExitThatMeansRestartMeIsCountedAsThatAndNotAsASuccess() throws IOException {
        String daemon = PidNamespace.script(dir, "[ $DAEMON_GENERATION -lt 3 ] && exit 0", "exec sleep 60");
        try (PidNamespace node = start("--restart-exit", "0", "--", daemon)) {
            node.waitFor("the third generation", () -> isReady(3));
            String metrics = get("/metrics");
            has("soleinit_daemon_exits_total{cause=\"restart\"} 2", metrics);
            has("soleinit_daemon_exits_total{cause=\"success\"} 0", metrics);
            has("soleinit_on_event_dropped_total 0", metrics);
        }
    }

    /** ptrace(2) stops the loop's thread alone: the others go on, as beside a loop that hangs. */
    @Test
    void aLoopThatHangsIsNotAliveAndTheServerSaysSo() throws Exception {
        try (PidNamespace node = start("--", PidNamespace.obedient(dir))) {
            node.waitForState("ready");
            has("200 OK", get("/livez"));
            Process freezer = new ProcessBuilder("python3", "-c", """
                    import ctypes, os, sys, time
                    pid = int(sys.argv[1]); libc = ctypes.CDLL(None, use_errno=True)
                    name = open(f"/proc/{pid}/comm").read()
                    for task in os.listdir(f"/proc/{pid}/task"):
                        if open(f"/proc/{pid}/task/{task}/comm").read() == name:
                            for request in (0x4206, 0x4207):
                                assert libc.ptrace(request, int(task), None, None) == 0, ctypes.get_errno()
                    print("frozen", flush=True); sys.stdin.read()
                    """, Long.toString(node.pid1())).redirectErrorStream(true).start();
            try (InputStream said = freezer.getInputStream()) {
                assertEquals("frozen\n", new String(said.readNBytes(7)));
                PidNamespace.pause(1_200);
                has("503 Service Unavailable", get("/livez"));
                has("does not turn", get("/readyz"));
                freezer.getOutputStream().close();
                freezer.waitFor();
            }
            has("200 OK", get("/livez"));
            has("200 OK", get("/readyz"));
        }
    }

    /** Slow headers, garbage and more connections than fit, for as long as signals are timed. */
    @Test
    void hostileClientsHoldNoSignalUp() throws Exception {
        String daemon = PidNamespace.script(dir, "trap 'echo got $EPOCHREALTIME' USR1", "trap 'exit 0' TERM",
                "while :; do sleep 0.01; done");
        try (PidNamespace node = start("--", daemon)) {
            node.waitForState("ready");
            Process hostile = new ProcessBuilder("python3", "-c", """
                    import os, socket, sys
                    port = int(sys.argv[1]); kept = []
                    for i in range(10000):
                        s = socket.create_connection(("127.0.0.1", port))
                        try:
                            if i % 3 == 0: s.send(b"GET /livez HTTP/1.1\\r\\nX: ")
                            elif i % 3 == 1: s.send(os.urandom(64) + b"\\r\\n\\r\\n")
                            else: s.send(b"GET / HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n")
                        except OSError: pass
                        kept.append(s)
                        if len(kept) > 500: kept.pop(0).close()
                    """, Integer.toString(port)).redirectErrorStream(true)
                    .redirectOutput(dir.resolve("hostile").toFile()).start();
            int sent = 0;
            while (hostile.isAlive() && sent < 50) {
                int before = node.log().split("got ", -1).length;
                node.signal("USR1");
                node.waitFor("the signal", () -> node.log().split("got ", -1).length > before);
                sent++;
                PidNamespace.pause(20);
            }
            assertEquals(0, hostile.waitFor(), Files.readString(dir.resolve("hostile")));
            assertTrue(sent > 3, "it was over before it began");
            has("200 OK", get("/readyz"));
            has("soleinit_signals_forwarded_total " + sent, get("/metrics"));
            node.signal("TERM");
            assertEquals(0, node.exitCode());
        }
    }

    @Test
    void anAddressThatCannotBeHadEndsTheStartWithItsOwnCode() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                PidNamespace node = PidNamespace.start(dir, "--http", "tcp:127.0.0.1:" + taken.getLocalPort(),
                "--", "touch", dir.resolve("ran").toString())) {
            assertEquals(75, node.exitCode());
            has("Cannot serve HTTP on tcp:127.0.0.1:" + taken.getLocalPort(), node.log());
        }
        for (String wrong : List.of("http://x:1", "tcp:127.0.0.1:70000", "unix:relative",
                "unix:/x mode=0666")) {
            try (PidNamespace node = PidNamespace.start(dir, "--http", wrong, "--", "true")) {
                assertEquals(2, node.exitCode(), node.log());
            }
        }
        assertTrue(Files.notExists(dir.resolve("ran")), "no daemon without what was asked for");
    }

    @Test
    void withoutItThereIsNoThreadOfIt() throws IOException {
        try (PidNamespace node = PidNamespace.start(dir, "--", PidNamespace.obedient(dir))) {
            node.waitForState("ready");
            assertTrue(threads(node).stream().noneMatch("http"::equals), threads(node).toString());
        }
        try (PidNamespace node = start("--", PidNamespace.obedient(dir))) {
            node.waitForState("ready");
            assertTrue(threads(node).contains("http"), threads(node).toString());
        }
    }

    private static List<String> threads(PidNamespace node) throws IOException {
        List<String> names = new ArrayList<>();
        try (var tasks = Files.list(Path.of("/proc", Long.toString(node.pid1()), "task"))) {
            for (Path task : tasks.toList()) {
                names.add(Files.readString(task.resolve("comm")).strip());
            }
        }
        return names;
    }
}
