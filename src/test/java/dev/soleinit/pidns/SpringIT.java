package dev.soleinit.pidns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.RequiredTier;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** An application of Spring Boot on Tomcat with the starter, under a real supervisor. */
@ExtendWith(RequiredTier.PidNamespace.class)
class SpringIT {
    private static final Path APPLICATION = Path.of("examples/spring/target/app.jar").toAbsolutePath();
    private static final int RESTARTS = Integer.getInteger("restarts", 3);
    private static final int RATE = 50;
    private static final int REQUEST_MS = 300;

    @TempDir
    Path dir;

    private int port;

    private PidNamespace start(boolean kept) throws IOException {
        port = PidNamespace.freePort();
        List<String> words = new ArrayList<>(List.of("--preset", "spring", "--ready", "attach",
                "--ready-timeout", "2m", "--restart-cooldown", "0"));
        if (kept) {
            words.addAll(List.of("--listen", "tcp:127.0.0.1:" + port + " name=http"));
        }
        words.addAll(List.of("--", Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-XX:TieredStopAtLevel=1", "-jar", APPLICATION.toString(), "--server.port=" + port,
                "--server.address=127.0.0.1"));
        PidNamespace node = PidNamespace.start(dir, words.toArray(String[]::new));
        node.waitFor("the supervisor answers", () -> node.status().containsKey("generation"));
        assertEquals(0, node.daemon(Map.of(), "wait", "--ready", "--timeout", "2m").code(), node.log());
        return node;
    }

    private LoadGenerator load() {
        return new LoadGenerator(URI.create("http://127.0.0.1:" + port + "/slow/" + REQUEST_MS), RATE,
                REQUEST_MS, 0);
    }

    private static void restart(PidNamespace node) throws IOException {
        PidNamespace.Finished restarted = node.daemon(Map.of(), "restart");
        assertEquals(0, restarted.code(), restarted.output() + node.log());
    }

    private CompletableFuture<String> order(long ms) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                HttpURLConnection http = (HttpURLConnection) URI.create("http://127.0.0.1:" + port
                        + "/slow/" + ms).toURL().openConnection();
                http.setRequestMethod("POST");
                http.setDoOutput(true);
                http.setFixedLengthStreamingMode(0);
                http.getOutputStream().close();
                return "" + http.getResponseCode();
            } catch (IOException broken) {
                return broken.toString();
            }
        }, task -> Thread.ofVirtual().start(task));
    }

    @Test
    void restartsUnderLoadLoseNothingAndACrashOnlyWhatRan() throws Exception {
        try (PidNamespace node = start(true)) {
            Map<String, Integer> restarts;
            try (LoadGenerator load = load()) {
                PidNamespace.pause(500);
                for (int i = 0; i < RESTARTS; i++) {
                    restart(node);
                }
                PidNamespace.pause(500);
                restarts = load.finish();
            }
            System.out.println(RESTARTS + " restarts under " + RATE + " requests/s: " + restarts);
            assertEquals(0, lost(restarts), restarts + "\n" + node.log());
            assertTrue(restarts.get("ended") > RATE, restarts.toString());
            Map<String, Integer> crash;
            try (LoadGenerator load = load()) {
                PidNamespace.pause(1_000);
                PidNamespace.kill("KILL", node.daemonPid());
                assertEquals(0, node.daemon(Map.of(), "wait", "--generation",
                        "" + (RESTARTS + 2), "--timeout", "2m").code(), node.log());
                PidNamespace.pause(500);
                crash = load.finish();
            }
            System.out.println("a crash under " + RATE + " requests/s: " + crash);
            assertEquals(0, crash.getOrDefault("nobody there", 0), crash.toString());
            assertTrue(crash.get("no answer") > 0, "what ran is lost: " + crash);
            assertTrue(crash.get("ended") > RATE, crash.toString());
        }
    }

    private static int lost(Map<String, Integer> counts) {
        return counts.values().stream().mapToInt(Integer::intValue).sum()
                - counts.getOrDefault("ended", 0) - counts.getOrDefault("refused", 0);
    }

    /** The negative control of the test above. */
    @Test
    void withoutAKeptSocketARestartRefusesConnections() throws Exception {
        try (PidNamespace node = start(false); LoadGenerator load = load()) {
            PidNamespace.pause(500);
            restart(node);
            Map<String, Integer> counts = load.finish();
            System.out.println("a restart without a kept socket: " + counts);
            assertTrue(counts.getOrDefault("nobody there", 0) > 0, counts.toString());
        }
    }

    @Test
    void aSafeRestartWaitsAReloadIsRefusedAndAStopLetsRequestsEnd() throws Exception {
        try (PidNamespace node = start(true)) {
            assertEquals("200", order(1).get(1, TimeUnit.MINUTES), "and warm");
            CompletableFuture<String> slow = order(3_000);
            node.waitFor("it is known", () -> node.status().toString().contains("POST /slow/3000"));
            PidNamespace.Finished busy = node.daemon(Map.of(), "preflight");
            assertEquals(75, busy.code());
            assertTrue(busy.output().contains("POST /slow/3000"), busy.output());
            Object pid = node.status().get("pid");
            PidNamespace.Finished safe = node.daemon(Map.of(), "restart", "--safe", "--wait", "1m");
            assertEquals(0, safe.code(), safe.output() + node.log());
            assertEquals("200", slow.get(1, TimeUnit.SECONDS), "it was not cut");
            assertNotEquals(pid, node.status().get("pid"));

            Object after = node.status().get("pid");
            PidNamespace.Finished reload = node.daemon(Map.of(), "reload");
            assertEquals(1, reload.code(), reload.output());
            assertTrue(reload.output().contains("only at its start"), reload.output());
            assertEquals(List.of("ready", after), List.of(node.status().get("state"),
                    node.status().get("pid")));

            CompletableFuture<String> last = order(1_500);
            node.waitFor("it is known", () -> node.status().toString().contains("POST /slow/1500"));
            node.signal("TERM");
            assertEquals("200", last.get(1, TimeUnit.MINUTES), node.log());
            assertEquals(0, node.exitCode(), node.log());
            assertFalse(node.log().contains("SIGKILL"), node.log());
        }
    }
}
