package dev.soleinit.pidns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.RequiredTier;
import dev.soleinit.control.client.RpcException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(RequiredTier.PidNamespace.class)
class RestartIT {
    @TempDir
    Path dir;

    private static long generation(Map<String, Object> status) {
        return status.get("generation") instanceof Long number ? number : -1;
    }

    @Test
    void aKilledDaemonComesBackAfterABackoffWithTheNextGeneration() throws IOException {
        try (PidNamespace node = PidNamespace.start(dir, "--", PidNamespace.obedient(dir))) {
            node.waitForState("ready");
            long begin = System.nanoTime();
            PidNamespace.kill("KILL", node.daemonPid());
            Map<String, Object> down = node.waitForStatus("it backs off",
                    now -> now.get("nextAttemptInMs") instanceof Long);
            long announced = (Long) down.get("nextAttemptInMs");
            assertFalse(Files.exists(node.run("daemon.pid")), "no PID file while it is down");
            Map<String, Object> status = node.waitForStatus("generation 2 is ready",
                    now -> generation(now) == 2 && now.get("state").equals("ready"));
            long millis = (System.nanoTime() - begin) / 1_000_000;
            assertTrue(millis >= 1_790, "back after " + millis + " ms, not 2 s");
            assertTrue(announced <= 2_200, "announced for " + announced + " ms later");
            assertEquals(status.get("pid") + "\n", Files.readString(node.run("daemon.pid")));
            assertEquals("2\n", Files.readString(node.state("generation")));
        }
    }

    @Test
    void afterAHealthyRunItComesBackAtOnce() throws IOException {
        // a backoff would outlast the patience of any wait here
        try (PidNamespace node = PidNamespace.start(dir, "--healthy-after", "300ms",
                "--backoff-initial", "1m", "--", PidNamespace.obedient(dir))) {
            node.waitForState("ready");
            PidNamespace.pause(500);
            PidNamespace.kill("KILL", node.daemonPid());
            node.waitForStatus("generation 2 is ready",
                    now -> generation(now) == 2 && now.get("state").equals("ready"));
            assertFalse(node.log().contains("backing-off"), node.log());
        }
    }

    @Test
    void exit75RestartsAtOnceAndIsNoFailure() throws IOException {
        String daemon = PidNamespace.script(dir, "[ $DAEMON_GENERATION = 1 ] && exit 75",
                "exec sleep 60");
        try (PidNamespace node = PidNamespace.start(dir, "--backoff-initial", "60s", "--", daemon)) {
            Map<String, Object> status = node.waitForStatus("generation 2 is ready",
                    now -> generation(now) == 2 && now.get("state").equals("ready"));
            assertEquals(0L, status.get("failures"));
        }
    }

    @Test
    void fiveQuickFailuresShowAsCrashLoop() throws IOException {
        try (PidNamespace node = PidNamespace.start(dir, "--backoff-initial", "20ms", "--backoff-max",
                "50ms", "--", "sh", "-c", "exit 3")) {
            Map<String, Object> status = node.waitForStatus("crash-loop",
                    now -> Boolean.TRUE.equals(now.get("crashLoop")));
            assertEquals(3L, ((Map<?, ?>) status.get("lastExit")).get("code"));
        }
    }

    @Test
    void givingUpEndsWithTheDaemonsCodeAndTellsTheOrchestrator() throws IOException {
        Path log = Files.createFile(dir.resolve("termination-log"));
        try (PidNamespace node = PidNamespace.start(dir, "--backoff-initial", "10ms", "--give-up-after",
                "3", "--termination-log", log.toString(), "--", "sh", "-c", "exit 3")) {
            assertEquals(3, node.exitCode());
            assertTrue(Files.readString(log).contains("gave up after 3 quick failures"),
                    Files.readString(log));
            assertEquals("3\n", Files.readString(node.state("generation")));
        }
    }

    @Test
    void theCountOfFailuresSurvivesTheSupervisor() throws IOException {
        try (PidNamespace node = PidNamespace.start(dir, "--backoff-initial", "60s", "--", "sh", "-c",
                "exit 3")) {
            node.waitForState("backing-off").signal("TERM");
            node.exitCode();
        }
        try (PidNamespace node = PidNamespace.start(dir, "--backoff-initial", "60s", "--", "sh", "-c",
                "exit 3")) {
            assertEquals(2L, node.waitForState("backing-off").status().get("failures"));
        }
    }

    @Test
    void aProgramThatVanishesLaterIsAFailureLikeAnyOther() throws IOException {
        String daemon = PidNamespace.script(dir, "exec sleep 60");
        try (PidNamespace node = PidNamespace.start(dir, "--", daemon)) {
            node.waitForState("ready");
            Files.delete(Path.of(daemon));
            PidNamespace.kill("KILL", node.daemonPid());
            node.waitForStatus("the second attempt has failed", now -> generation(now) == 2
                    && now.get("state").equals("backing-off"));
        }
    }

    @Test
    void generationsRiseAcrossLivesAndSurviveACorruptCounter() throws IOException {
        String daemon = PidNamespace.obedient(dir);
        try (PidNamespace node = PidNamespace.start(dir, "--", daemon)) {
            node.waitForState("ready").signal("KILL");
            node.exitCode();
        }
        try (PidNamespace node = PidNamespace.start(dir, "--", daemon)) {
            assertEquals(2, generation(node.waitForState("ready").status()));
            node.signal("TERM");
            node.exitCode();
        }
        Files.writeString(dir.resolve("state/generation"), "12garbage");
        try (PidNamespace node = PidNamespace.start(dir, "--", daemon)) {
            Map<String, Object> status = node.waitForState("ready").status();
            assertEquals(3, generation(status), "run/generation.json has kept the number");
            assertTrue(status.get("warnings").toString().contains("set aside"), status.toString());
        }
    }

    @Test
    void aHeldDaemonStaysDownUntilStart() throws IOException, RpcException {
        try (PidNamespace node = PidNamespace.start(dir, "--", PidNamespace.obedient(dir))) {
            node.waitForState("ready");
            node.call("stop", Map.of("reason", "maintenance"));
            Map<String, Object> status = node.status();
            assertEquals("held", status.get("state"));
            assertTrue(status.get("hold").toString().contains("maintenance"), status.toString());
            try {
                node.call("restart.request", Map.of());
                throw new AssertionError("a restart must not release a hold");
            } catch (RpcException refused) {
                assertTrue(refused.getMessage().contains("daemon start"), refused.getMessage());
            }
            node.call("start", Map.of());
            assertEquals(2, generation(node.waitForState("ready").status()));
        }
    }

    @Test
    void aForcedRestartKillsAfterAShortGrace() throws IOException, RpcException {
        String stubborn = PidNamespace.script(dir, "trap '' TERM", "echo armed",
                "while :; do sleep 0.05; done");
        try (PidNamespace node = PidNamespace.start(dir, "--force-grace", "200ms", "--", stubborn)) {
            node.waitForLog("armed");
            Map<String, Object> answer = node.call("restart.request", Map.of("force", true));
            Map<?, ?> outcome = (Map<?, ?>) answer.get("outcome");
            assertEquals("forced", outcome.get("restartStatus"));
            assertEquals(2L, outcome.get("generation"));
        }
    }

    @Test
    void newArgumentsHoldFromTheRestartOn() throws IOException, RpcException {
        String daemon = PidNamespace.script(dir, "trap 'exit 0' TERM", "echo args: \"$@\"",
                "while :; do sleep 0.05; done");
        try (PidNamespace node = PidNamespace.start(dir, "--", daemon, "old")) {
            node.waitForLog("args: old");
            node.call("restart.request", Map.of("arguments", java.util.List.of("--port", "9")));
            node.waitForLog("args: --port 9");
        }
    }

    @Test
    void everyRestartAndReloadHasToPassTheCheckFirst() throws IOException {
        Path bad = dir.resolve("bad");
        try (PidNamespace node = PidNamespace.start(dir, "--on-hup", "restart", "--check",
                "! test -e " + bad + " || { echo unknown directive; echo more; exit 1; }", "--",
                PidNamespace.obedient(dir))) {
            node.waitForState("ready");
            Files.createFile(bad);
            for (List<String> line : List.of(List.of("restart"), List.of("restart", "--force"),
                    List.of("restart", "--no-graceful"), List.of("restart", "--no-block"),
                    List.of("reload"))) {
                PidNamespace.Finished refused = node.daemon(Map.of(), line.toArray(String[]::new));
                assertEquals(1, refused.code(), line + ": " + refused.output());
                assertEquals("Cannot " + line.getFirst() + ": the check failed: unknown directive\n",
                        refused.output());
            }
            node.signal("HUP");
            node.waitForStatus("the refusal shows", now -> String.valueOf(now.get("refused"))
                    .contains("the check failed: unknown directive"));
            assertEquals(1, generation(node.status()));
            assertEquals(0, node.daemon(Map.of(), "restart", "--no-check").code());
            assertEquals(2, generation(node.status()));
            Files.delete(bad);
            assertEquals(0, node.daemon(Map.of(), "restart").code());
            assertEquals(3, generation(node.status()));
        }
    }

    @Test
    void aCheckThatHangsHoldsNobodyUp() throws IOException {
        try (PidNamespace node = PidNamespace.start(dir, "--check", "sleep 60", "--",
                PidNamespace.obedient(dir))) {
            node.waitForState("ready");
            Thread caller = Thread.ofPlatform().start(() -> {
                try {
                    node.daemon(Map.of(), "restart");
                } catch (IOException gone) {
                    throw new IllegalStateException(gone);
                }
            });
            node.waitForStatus("the check runs", now -> now.get("checking") != null);
            long begin = System.nanoTime();
            node.signal("TERM");
            assertEquals(0, node.exitCode());
            long millis = (System.nanoTime() - begin) / 1_000_000;
            assertTrue(millis < 7_000, "it ended after " + millis + " ms");
            caller.interrupt();
        }
    }

    @Test
    void aRestartThatFailsNamesTheExitTheStatusAndTheLog() throws IOException {
        String daemon = PidNamespace.script(dir, "[ $DAEMON_GENERATION = 1 ] && exec sleep 60",
                "python3 -c 'import os,socket; s=socket.socket(socket.AF_UNIX,socket.SOCK_DGRAM);"
                        + " s.sendto(b\"STATUS=no licence\", os.environ[\"NOTIFY_SOCKET\"])'",
                "sleep 0.3", "exit 7");
        try (PidNamespace node = PidNamespace.start(dir, "--ready", "exec test $DAEMON_GENERATION = 1", "--",
                daemon)) {
            node.waitForState("ready");
            PidNamespace.Finished failed = node.daemon(Map.of(), "restart");
            assertEquals(1, failed.code(), failed.output());
            assertTrue(failed.output().matches("(?s)Cannot restart: generation 2 exited with code 7 "
                    + "after \\d+ ms \\(STATUS=no licence\\); see " + dir + "/log\n"), failed.output());
        }
    }

    @Test
    void aShellThatStaysInFrontOfItsCommandIsWarnedAbout() throws IOException {
        try (PidNamespace node = PidNamespace.start(dir, "--", "sh", "-c", "tail -f /dev/null; true")) {
            Map<String, Object> status = node.waitForStatus("a warning", now -> String.valueOf(
                    now.get("warnings")).contains("is a shell"));
            assertTrue(status.toString().contains("start the command with exec"), status.toString());
            assertEquals(2, node.log().split("is a shell that waits").length, "once");
        }
    }

    @Test
    void whatAnEndedDaemonLeavesInItsGroupIsGoneBeforeTheNext() throws IOException {
        String daemon = PidNamespace.script(dir, "(trap '' TERM; while :; do sleep 0.05; done) &",
                "echo left $!", "exec sleep 60");
        try (PidNamespace node = PidNamespace.start(dir, "--healthy-after", "0s", "--", daemon)) {
            node.waitForLog("left ");
            long left = node.inNamespace(Long.parseLong(
                    node.log().split("left ")[1].split("\n")[0].strip()));
            PidNamespace.kill("KILL", node.daemonPid());
            node.waitForStatus("generation 2", now -> generation(now) == 2);
            node.waitFor("the leftover has gone", () -> PidNamespace.proc(left, "stat").isEmpty());
        }
    }
}
