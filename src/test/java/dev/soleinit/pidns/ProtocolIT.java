package dev.soleinit.pidns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.RequiredTier;
import dev.soleinit.control.ErrorCodes;
import dev.soleinit.control.client.ControlClient;
import dev.soleinit.control.client.RpcException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Restarts that lose no work, with a daemon of thirty lines of Python that speaks the protocol. */
@ExtendWith(RequiredTier.PidNamespace.class)
class ProtocolIT {
    private static final String DAEMON =
            Path.of("src/test/resources/protocol/daemon.py").toAbsolutePath().toString();

    @TempDir
    Path dir;

    /** A supervisor whose daemon works for so many seconds at each USR1. */
    private PidNamespace start(String seconds, String... options) throws IOException {
        List<String> words = new ArrayList<>(List.of("--ready", "attach"));
        words.addAll(List.of(options));
        words.addAll(List.of("--", "python3", DAEMON, seconds));
        return PidNamespace.start(dir, words.toArray(String[]::new)).waitForState("ready");
    }

    private static void begin(PidNamespace node) throws IOException, RpcException {
        int before = active(node);
        node.call("signal", Map.of("signal", "USR1"));
        node.waitFor("a session has begun", () -> active(node) > before);
    }

    private static int active(PidNamespace node) {
        Map<?, ?> work = (Map<?, ?>) node.status().get("work");
        return ((Number) ((Map<?, ?>) work.get("counts")).get("totalActive")).intValue();
    }

    private static Map<?, ?> outcome(Map<String, Object> answer) {
        return (Map<?, ?>) answer.get("outcome");
    }

    private static long generation(PidNamespace node) {
        return node.status().get("generation") instanceof Long number ? number : -1;
    }

    @Test
    void aSafeRestartWaitsForWorkAndCutsNone() throws IOException, RpcException {
        try (PidNamespace node = start("0.7")) {
            begin(node);
            Map<String, Object> answer = node.call("restart.request", Map.of("safe", true));
            assertEquals("deferred", answer.get("result"));
            assertEquals(false, ((Map<?, ?>) answer.get("preflight")).get("safe"));
            assertEquals("complete", outcome(answer).get("restartStatus"));
            assertEquals(List.of(), outcome(answer).get("cut"));
            assertEquals(2L, outcome(answer).get("generation"));
            assertFalse(Files.exists(node.state("restart-manifest.json")));
        }
    }

    @Test
    void aSafeRestartThatGivesUpNamesTheBlockerAndServesOn() throws IOException, RpcException {
        try (PidNamespace node = start("60")) {
            begin(node);
            RpcException gaveUp = assertThrows(RpcException.class, () -> node.call(
                    "restart.request", Map.of("safe", true, "wait", 0.6)));
            assertEquals(ErrorCodes.GAVE_UP, gaveUp.code());
            assertTrue(gaveUp.getMessage().contains("blocked by session s1-"), gaveUp.getMessage());
            assertEquals("gave-up", outcome(gaveUp.data()).get("restartStatus"));
            assertEquals("ready", node.status().get("state"));
            assertEquals(1, generation(node));
            begin(node);
            PidNamespace.Finished cli = node.daemon(Map.of(), "restart", "--safe", "--wait", "300ms");
            assertEquals(75, cli.code(), cli.output());
            assertEquals(75, node.daemon(Map.of(), "preflight").code());
        }
    }

    @Test
    void theCallersOwnWorkAndAStuckOneArePassedOverByName() throws IOException, RpcException {
        try (PidNamespace node = start("60")) {
            begin(node);
            begin(node);
            List<?> blockers = (List<?>) node.call("restart.preflight", Map.of()).get("blockers");
            String own = (String) ((Map<?, ?>) blockers.get(0)).get("id");
            String stuck = (String) ((Map<?, ?>) blockers.get(1)).get("id");
            assertEquals(true, node.call("restart.preflight",
                    Map.of("ownWork", own, "ignoreBlockers", List.of(stuck))).get("safe"));
            Map<String, Object> answer = node.call("restart.request", Map.of("safe", true,
                    "ownWork", own, "ignoreBlockers", List.of(stuck)));
            assertEquals(2, ((List<?>) outcome(answer).get("cut")).size(), answer.toString());
        }
    }

    @Test
    void forceNamesWhatItCutsAndKeepsItOnDisk() throws IOException, RpcException {
        try (PidNamespace node = start("60")) {
            begin(node);
            Map<String, Object> answer = node.call("restart.request", Map.of("force", true));
            assertEquals("forced", outcome(answer).get("restartStatus"));
            List<?> cut = (List<?>) outcome(answer).get("cut");
            String id = (String) ((Map<?, ?>) cut.getFirst()).get("id");
            String manifest = Files.readString(node.state("restart-manifest.json"));
            assertTrue(manifest.contains("\"cut\":[\"" + id + "\"]")
                    && manifest.contains("\"checkpoint\":\"at " + id + "\""), manifest);
            assertEquals(1L, node.status().get("resumable"));
        }
    }

    @Test
    void aGracefulRestartReturnsAsSoonAsTheWorkHasEnded() throws IOException, RpcException {
        try (PidNamespace node = start("0.5")) {
            begin(node);
            Map<String, Object> answer = node.call("restart.request", Map.of("timeout", 30));
            assertEquals(1L, outcome(answer).get("drained"));
            assertEquals(List.of(), outcome(answer).get("cut"));
            long took = (Long) outcome(answer).get("elapsedMs");
            assertTrue(took < 10_000, "took " + took + " ms although the work ended after 500");
        }
    }

    @Test
    void aDrainThatNeverEndsIsCutAtItsDeadline() throws IOException, RpcException {
        try (PidNamespace node = start("60")) {
            begin(node);
            Map<String, Object> answer = node.call("restart.request", Map.of("timeout", 0.4));
            assertEquals("complete", outcome(answer).get("restartStatus"));
            assertEquals(1, ((List<?>) outcome(answer).get("cut")).size());
        }
    }

    @Test
    void whatComesDuringTheFenceIsRefusedAloud() throws IOException, RpcException {
        try (PidNamespace node = start("1")) {
            begin(node);
            node.call("restart.request", Map.of("block", false));
            node.waitForState("draining");
            node.call("signal", Map.of("signal", "USR1"));
            node.waitForLog("restarting, try again shortly");
            node.waitFor("generation 2", () -> generation(node) == 2);
        }
    }

    @Test
    void aStopDuringTheDrainWins() throws IOException, RpcException {
        try (PidNamespace node = start("60")) {
            begin(node);
            node.call("restart.request", Map.of("block", false, "timeout", 60));
            node.waitForState("draining");
            long begin = System.nanoTime();
            node.signal("TERM");
            assertEquals(0, node.exitCode());
            assertTrue(System.nanoTime() - begin < 7_000_000_000L, "the stop waited for the drain");
            assertTrue(Files.readString(node.state("restart-manifest.json")).contains("session"),
                    "what the stop cut may be resumed");
        }
    }

    @Test
    void aDaemonThatDiesDuringItsDrainIsReplacedAndItsWorkNamed() throws Exception {
        try (PidNamespace node = start("60"); ExecutorService pool = Executors.newCachedThreadPool()) {
            begin(node);
            Future<Map<String, Object>> restart = pool.submit(() ->
                    node.call("restart.request", Map.of("timeout", 60)));
            node.waitForState("draining");
            PidNamespace.kill("KILL", node.daemonPid());
            assertEquals(1, ((List<?>) outcome(restart.get()).get("cut")).size());
            assertEquals(2, generation(node));
        }
    }

    @Test
    void reloadKeepsTheProcessAndRaisesTheGeneration() throws IOException, RpcException {
        try (PidNamespace node = start("1")) {
            Object pid = node.status().get("pid");
            Map<String, Object> answer = node.call("reload", Map.of());
            assertEquals("complete", outcome(answer).get("restartStatus"));
            assertEquals(pid, node.status().get("pid"));
            assertEquals(2, generation(node));
            assertEquals("2\n", Files.readString(node.state("generation")));
            begin(node);
            assertEquals(3L, outcome(node.call("restart.request", Map.of("safe", true)))
                    .get("generation"));
        }
    }

    @Test
    void fiftyCallersAtOnceAreAllAnsweredAndShareRestarts() throws Exception {
        try (PidNamespace node = start("1"); ExecutorService pool = Executors.newCachedThreadPool()) {
            List<Callable<PidNamespace.Finished>> callers = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                String reason = "caller " + i;
                callers.add(() -> node.daemon(Map.of(), "restart", "--reason", reason));
            }
            for (Future<PidNamespace.Finished> one : pool.invokeAll(callers)) {
                assertEquals(0, one.get().code(), one.get().output());
            }
            node.waitForState("ready");
            assertTrue(generation(node) > 1 && generation(node) <= 51, "generation "
                    + generation(node));
            for (int i = 0; i < 50; i++) {
                node.waitForJournal("caller " + i + "\"");
            }
            node.waitForState("ready");
            String events = Files.readString(node.state("events.jsonl"));
            assertEquals(50, events.split("\"event\":\"outcome\"").length - 1, "and every end");
        }
    }

    @Test
    void aCallerThatLeavesCancelsItsSafeRestart() throws Exception {
        try (PidNamespace node = start("60")) {
            begin(node);
            try (ControlClient client = ControlClient.connect(node.run("control.sock"))) {
                Thread asking = Thread.ofVirtual().start(() -> {
                    try {
                        client.call("restart.request", Map.of("safe", true));
                    } catch (IOException | RpcException left) {
                        // that is the point
                    }
                });
                node.waitFor("it waits", () -> !((List<?>) node.status().get("restarts")).isEmpty());
                asking.interrupt();
            }
            node.waitFor("it is cancelled", () -> ((List<?>) node.status().get("restarts")).isEmpty());
            node.waitForJournal("cancelled");
            assertEquals(1, generation(node));
        }
    }

    @Test
    void strangersAndOlderGenerationsAreNotHeard() throws IOException {
        try (PidNamespace node = start("1")) {
            for (Map<String, Object> words : List.of(Map.<String, Object>of("token", "x",
                    "generation", 1), Map.<String, Object>of(), Map.<String, Object>of("token", ""))) {
                assertEquals(ErrorCodes.REFUSED, assertThrows(RpcException.class,
                        () -> node.call("attach", words)).code());
            }
            assertEquals(ErrorCodes.REFUSED, assertThrows(RpcException.class,
                    () -> node.call("work.begin", Map.of("id", "forged"))).code());
            assertEquals(0, active(node));
        }
    }

    @Test
    void machinesWaitForTheCooldownAndAreTold() throws IOException, RpcException {
        try (PidNamespace node = start("1", "--restart-cooldown", "1500ms")) {
            node.call("restart.request", Map.of());
            Map<String, Object> answer = node.call("restart.request", Map.of());
            long cooldown = (Long) ((Map<?, ?>) answer.get("restart")).get("cooldownMsApplied");
            assertTrue(cooldown > 500 && cooldown <= 1500, answer.toString());
            long elapsed = (Long) outcome(answer).get("elapsedMs");
            assertTrue(elapsed >= cooldown, "elapsed " + elapsed + " of " + cooldown);
            assertEquals(3, generation(node));
        }
    }

    @Test
    void aSupervisorKilledAfterTheManifestLeavesTheWorkToTheNext() throws IOException, RpcException {
        try (PidNamespace node = start("60")) {
            begin(node);
            node.call("restart.request", Map.of("force", true));
            PidNamespace.kill("KILL", node.pid1());
        }
        try (PidNamespace node = start("60")) {
            assertEquals(1L, node.status().get("resumable"));
        }
    }

    @Test
    void aCorruptManifestIsSetAsideAndReported() throws IOException {
        Files.createDirectories(dir.resolve("state"));
        for (String text : List.of("{\"format\":1,\"checksum\":\"0\",\"content\":{}}", "{half",
                "{\"format\":99}")) {
            Files.writeString(dir.resolve("state/restart-manifest.json"), text);
            try (PidNamespace node = start("1")) {
                node.waitForLog("set aside as restart-manifest.json.corrupt-");
                assertFalse(Files.exists(node.state("restart-manifest.json")));
                node.signal("TERM");
                node.exitCode();
            }
            Files.delete(dir.resolve("log"));
        }
    }

    @Test
    void aDaemonOfAnotherUserSpeaksForItselfAndAsksNothing() throws IOException, RpcException {
        Path daemon = dir.resolve("daemon.py");
        Files.copy(Path.of(DAEMON), daemon);
        String asking = "import os,socket; s=socket.socket(socket.AF_UNIX); s.connect(os.environ["
                + "'DAEMON_RUN_DIR']+'/control.sock'); s.sendall(b'{\\\"jsonrpc\\\":\\\"2.0\\\",\\\"id\\\":1,"
                + "\\\"method\\\":\\\"stop\\\"}\\n'); print('told', s.recv(500))";
        dir.toFile().setExecutable(true, false);
        dir.toFile().setReadable(true, false);
        daemon.toFile().setReadable(true, false);
        String both = PidNamespace.script(dir, "python3 -c \"" + asking + "\"",
                "exec python3 " + daemon + " 60");
        try (PidNamespace node = PidNamespace.start(dir, "--ready", "attach", "--user", "nobody", "--",
                both)) {
            node.waitForState("ready").waitForLog("user and root may ask that");
            begin(node);
            assertEquals("ready", node.status().get("state"));
        }
    }
}
