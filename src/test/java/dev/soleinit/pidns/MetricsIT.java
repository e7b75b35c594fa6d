package dev.soleinit.pidns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.control.client.RpcException;
import dev.soleinit.RequiredTier;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Each metric of a real PID 1 follows what it is to count; EveryMetricTest says which are missing here. */
@ExtendWith(RequiredTier.PidNamespace.class)
@Timeout(180)
class MetricsIT extends OverlappingDaemon {
    private static final String WORKER =
            Path.of("src/test/resources/protocol/daemon.py").toAbsolutePath().toString();
    private int http;

    private String[] withHttp(String... words) throws IOException {
        http = PidNamespace.freePort();
        List<String> all = new ArrayList<>(List.of("--http", "tcp:127.0.0.1:" + http));
        all.addAll(List.of(words));
        return all.toArray(String[]::new);
    }

    private PidNamespace serving(String... words) throws IOException {
        return PidNamespace.start(dir, withHttp(words));
    }

    private String get(String path) {
        return PidNamespace.get(http, path);
    }

    /** The number behind a metric with its labels; -1 if there is none. */
    private double value(String series) {
        return get("/metrics").lines().filter(line -> line.startsWith(series + " ")).findFirst()
                .map(line -> Double.parseDouble(line.substring(series.length() + 1))).orElse(-1.0);
    }

    private void becomes(PidNamespace node, String series, double expected) {
        node.waitFor(series + " " + expected + ", not " + value(series), () -> value(series) == expected);
    }

    @Test
    void workAndRestartsThatWaitShowWhileTheyDo() throws IOException, RpcException {
        try (PidNamespace node = serving("--ready", "attach", "--", "python3", WORKER, "60")
                .waitForState("ready")) {
            becomes(node, "soleinit_ready", 1);
            becomes(node, "soleinit_work_in_flight{kind=\"session\"}", 0);
            node.call("signal", Map.of("signal", "USR1"));
            becomes(node, "soleinit_work_in_flight{kind=\"session\"}", 1);
            becomes(node, "soleinit_work_blockers{kind=\"session\"}", 1);
            becomes(node, "soleinit_pending_restarts", 0);
            node.daemon(Map.of(), "restart", "--safe", "--no-block");
            becomes(node, "soleinit_pending_restarts", 1);
            becomes(node, "soleinit_restart_requests_total{mode=\"safe\",origin=\"cli\"}", 1);
            node.call("restart.request", Map.of("timeout", 1));
            becomes(node, "soleinit_work_in_flight{kind=\"session\"}", 0);
            becomes(node, "soleinit_pending_restarts", 0);
            becomes(node, "soleinit_restart_requests_total{mode=\"graceful\",origin=\"socket\"}", 1);
            becomes(node, "soleinit_drain_duration_seconds_count", 1);
            assertTrue(value("soleinit_drain_duration_seconds_sum") >= 1, get("/metrics"));
        }
    }

    @Test
    void aReloadIsAGenerationAndNoStart() throws IOException, RpcException {
        try (PidNamespace node = serving("--ready", "attach", "--", "python3", WORKER, "60")
                .waitForState("ready")) {
            becomes(node, "soleinit_generation", 1);
            node.call("reload", Map.of());
            becomes(node, "soleinit_generation", 2);
            becomes(node, "soleinit_daemon_reloads_total", 1);
            becomes(node, "soleinit_daemon_starts_total", 1);
            assertTrue(value("soleinit_daemon_uptime_seconds") > 0, get("/metrics"));
            becomes(node, "soleinit_build_info{version=\"" + node.status().get("version") + "\"}", 1);
        }
    }

    @Test
    void aDaemonThatFailsAgainAndAgainShows() throws IOException {
        try (PidNamespace node = serving("--crash-loop-after", "2", "--backoff-initial", "100ms", "--backoff-max",
                "1m", "--", PidNamespace.script(dir, "[ $DAEMON_GENERATION = 1 ] && exit 3", "sleep 0.3", "exit 3"))) {
            becomes(node, "soleinit_quick_failures", 2);
            becomes(node, "soleinit_crash_loop", 1);
            becomes(node, "soleinit_ready", 0);
            becomes(node, "soleinit_state{state=\"backing-off\"}", 1);
            becomes(node, "soleinit_state{state=\"ready\"}", 0);
            becomes(node, "soleinit_daemon_exits_total{cause=\"failure\"}", 2);
        }
    }

    @Test
    void orphansAreCounted() throws IOException {
        String daemon = PidNamespace.script(dir, "for i in 1 2 3 4 5; do (sleep 0.2 &) ; done", "exec sleep 60");
        try (PidNamespace node = serving("--", daemon)) {
            becomes(node, "soleinit_orphans_reaped_total", 5);
        }
    }

    @Test
    void overlapsAreCountedByWhatBecameOfThem() throws IOException, RpcException {
        mode("good");
        try (PidNamespace node = start(withHttp())) {
            becomes(node, "soleinit_overlaps_total{result=\"current\"}", 0);
            node.call("restart.request", OVERLAP);
            becomes(node, "soleinit_overlaps_total{result=\"current\"}", 1);
            mode("exit");
            assertThrows(RpcException.class, () -> node.call("restart.request", OVERLAP));
            becomes(node, "soleinit_overlaps_total{result=\"failed\"}", 1);
            becomes(node, "soleinit_daemon_starts_total", 3);
        }
    }

    /** The room for the counter was taken before; the journal has none. */
    @Test
    void linesOfTheJournalThatADiskDoesNotTakeAreCounted() throws IOException, RpcException {
        Path state = Files.createDirectory(dir.resolve("state"));
        assertEquals(0, PidNamespace.command(Map.of(), "mount", "-t", "tmpfs", "-o", "size=256k", "none",
                state.toString()).code());
        try (PidNamespace node = serving("--", PidNamespace.obedient(dir)).waitForState("ready")) {
            becomes(node, "soleinit_events_dropped_total", 0);
            PidNamespace.command(Map.of(), "sh", "-c", "cat /dev/zero >" + state.resolve("full"));
            for (int i = 0; i < 100 && value("soleinit_events_dropped_total") < 1; i++) {
                node.call("restart.request", Map.of("reason", "x".repeat(200), "door", "cli"));
            }
            assertTrue(value("soleinit_events_dropped_total") >= 1, node.log());
        } finally {
            PidNamespace.command(Map.of(), "umount", "-l", state.toString());
        }
    }

    @Test
    void whatPid1UsesIsWhatTheKernelSays() throws IOException {
        try (PidNamespace node = serving("--", PidNamespace.obedient(dir)).waitForState("ready")) {
            String metrics = get("/metrics");
            Path proc = Path.of("/proc", Long.toString(node.pid1()));
            String stat = Files.readString(proc.resolve("stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            near(Double.parseDouble(fields[11]) + Double.parseDouble(fields[12]),
                    100 * value("process_cpu_seconds_total"), 100, metrics);
            near(Double.parseDouble(fields[20]), value("process_virtual_memory_bytes"), 100e6, metrics);
            near(1_024 * Double.parseDouble(PidNamespace.proc(node.pid1(), "status").lines()
                    .filter(line -> line.startsWith("VmRSS:")).findFirst().orElseThrow().replaceAll("\\D", "")),
                    value("process_resident_memory_bytes"), 10e6, metrics);
            near(System.currentTimeMillis() / 1e3, value("process_start_time_seconds"), 120, metrics);
            try (var threads = Files.list(proc.resolve("task"));
                    var descriptors = Files.list(proc.resolve("fd"))) {
                near(threads.count(), value("process_threads"), 3, metrics);
                near(descriptors.count(), value("process_open_fds"), 5, metrics);
            }
        }
    }

    private static void near(double expected, double actual, double apart, String metrics) {
        assertTrue(actual > 0 && Math.abs(expected - actual) <= apart, expected + " or so, not " + actual
                + ":\n" + metrics);
    }

    @Test
    void requestsAreCountedByCode() throws IOException {
        try (PidNamespace node = serving("--", PidNamespace.obedient(dir)).waitForState("ready")) {
            get("/livez");
            get("/nowhere");
            becomes(node, "soleinit_http_requests_total{code=\"404\"}", 1);
            assertTrue(value("soleinit_http_requests_total{code=\"200\"}") >= 2, get("/metrics"));
            double age = value("soleinit_snapshot_age_seconds");
            assertTrue(age >= 0 && age < 1, age + " s");
            becomes(node, "soleinit_http_connections_evicted_total", 0);
            List<Socket> silent = new ArrayList<>();
            for (int i = 0; i < 70; i++) {
                silent.add(new Socket(InetAddress.getLoopbackAddress(), http));
            }
            node.waitFor("some had to make room", () -> value("soleinit_http_connections_evicted_total") >= 6);
            for (Socket one : silent) {
                one.close();
            }
        }
    }

    @Test
    void eventsThatTheCommandNeverGotAreCounted() throws IOException, RpcException {
        try (PidNamespace node = serving("--on-event", "sleep 60", "--", PidNamespace.obedient(dir))
                .waitForState("ready")) {
            becomes(node, "soleinit_on_event_dropped_total", 0);
            for (int i = 0; i < 40 && value("soleinit_on_event_dropped_total") < 1; i++) {
                node.call("restart.request", Map.of("door", "cli"));
            }
            assertTrue(value("soleinit_on_event_dropped_total") >= 1, get("/metrics"));
        }
    }
}
