package dev.soleinit.docker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.docker.NodeContainer.Stop;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.testcontainers.containers.Container.ExecResult;

class ImageIT extends ImageSupport {
    @Test
    void theImageStartsAndStops() {
        try (NodeContainer node = run()) {
            node.waitForState("ready");
            assertEquals(1, node.number("generation"));
            assertStopsWithin(node.stop(), 0, Duration.ofSeconds(3));
        }
    }

    @Test
    void theSupervisorIsPid1AndTheDaemonItsChild() {
        try (NodeContainer node = run()) {
            node.waitForState("ready");
            assertEquals("/opt/soleinit/runtime/bin/soleinit", node.shell("readlink /proc/1/exe"));
            assertEquals("1", node.shell("cut -d ' ' -f 4 /proc/$(cat /run/daemon/daemon.pid)/stat"));
        }
    }

    @Test
    void theSupervisorBlocksTheSignalsThatItForwards() {
        try (NodeContainer node = run()) {
            node.waitForState("ready");
            String mask = node.shell("sed -n 's/^SigBlk:[[:space:]]*//p' /proc/1/status");
            long blocked = Long.parseUnsignedLong(mask, 16);
            for (int signal : new int[] {1, 2, 3, 10, 12, 13, 14, 15, 17, 28, 34, 35, 36, 64}) {
                assertTrue((blocked >>> (signal - 1) & 1) == 1, "signal " + signal + " in " + mask);
            }
        }
    }

    @Test
    void signalsToTheContainerReachTheDaemon() {
        try (NodeContainer node = run("bash", "-c", TALKATIVE)) {
            node.waitForLog("armed");
            for (String name : new String[] {"HUP", "USR1", "USR2", "WINCH"}) {
                node.signal(name);
                node.waitForLog("got-" + name);
            }
            assertEquals(1, node.number("generation"), "no signal of these restarts it");
        }
    }

    @Test
    void aStopEndsWithTheDaemonsCode() {
        try (NodeContainer node = run("bash", "-c", TALKATIVE.replace("exit 0", "exit 42"))) {
            node.waitForLog("armed");
            assertStopsWithin(node.stop(), 42, Duration.ofSeconds(3));
        }
    }

    @Test
    void aDaemonThatIgnoresTermIsKilledBeforeTheEngineWould() {
        try (NodeContainer node = run("--stop-timeout", "1s", "--", "bash", "-c",
                "trap '' TERM; echo armed; while :; do sleep 0.02; done")) {
            node.waitForLog("armed");
            assertStopsWithin(node.stop(), 137, Duration.ofSeconds(6));
        }
    }

    @Test
    void aStopDuringBackoffEndsAtOnce() {
        try (NodeContainer node = run("--backoff-initial", "60s", "--", "sh", "-c", "exit 9")) {
            node.waitForState("backing-off");
            assertStopsWithin(node.stop(), 9, Duration.ofSeconds(3));
        }
    }

    private static void assertStopsWithin(Stop stop, int code, Duration most) {
        assertEquals(code, stop.code(), "the container's exit code");
        assertTrue(stop.took().compareTo(most) < 0, "stopped after " + stop.took().toMillis()
                + " ms, expected less than " + most.toMillis());
    }

    @Test
    void aMissingCommandEndsTheContainerWith127() {
        try (NodeContainer node = run("no-such-thing")) {
            assertEquals(127, node.exitCode());
            assertTrue(node.log().contains("Cannot start 'no-such-thing'"), node.log());
        }
    }

    @Test
    void daemonStartRefusesASecondDaemon() {
        try (NodeContainer node = run("sleep", "1000")) {
            node.waitForState("ready");
            long pid = node.number("pid");
            ExecResult start = node.exec("daemon", "start", "--", "sleep", "600");
            assertEquals(0, start.getExitCode(), start.toString());
            assertTrue(start.getStdout().contains("pid " + pid + ", generation 1, owned by the "
                    + "container supervisor"), start.toString());
            assertEquals("1", node.shell("cat /proc/[0-9]*/comm | grep -c '^sleep$'"), "its own");
        }
    }

    @Test
    void whereNoSupervisorAnswersDaemonStartSpawnsNothing() {
        try (NodeContainer node = run()) {
            node.waitForState("ready");
            ExecResult start = node.exec("daemon", "start", "--run-dir", "/tmp/other",
                    "--state-dir", "/tmp/other", "--", "sleep", "600");
            assertEquals(69, start.getExitCode(), start.toString());
            assertTrue(start.getStderr().startsWith("Cannot start: "), start.toString());
        }
    }

    @Test
    void aRestartMakesANewProcessInTheSameContainer() {
        try (NodeContainer node = run()) {
            node.waitForState("ready");
            long before = node.number("pid");
            ExecResult restart = node.exec("daemon", "restart");
            assertEquals(0, restart.getExitCode(), restart.toString());
            assertEquals(2, node.number("generation"));
            assertTrue(before != node.number("pid"), "a new process");
        }
    }

    @Test
    void aKilledDaemonComesBack() {
        try (NodeContainer node = run("--backoff-initial", "100ms", "--", "sleep", "600")) {
            node.waitForState("ready");
            node.shell("kill -9 $(cat /run/daemon/daemon.pid)");
            node.waitFor("generation 2", () -> node.number("generation") == 2);
            node.waitForState("ready");
        }
    }

    // ---- the reference daemon, the image's default

    private static final String SESSION = "exec 3<>/dev/tcp/127.0.0.1/8080; printf 'POST "
            + "/sessions?ms=%s&id=%s HTTP/1.0\\r\\n\\r\\n' >&3; cat <&3";

    private static CompletableFuture<String> session(NodeContainer node, int millis, String id) {
        return CompletableFuture.supplyAsync(() -> node.exec("bash", "-c",
                SESSION.formatted(millis, id)).getStdout(), Thread.ofVirtual()::start);
    }

    @Test
    void aChangedConfigurationIsServedByTheSameProcess() {
        try (NodeContainer node = run()) {
            long pid = node.waitForState("ready").number("pid");
            node.shell("echo '{\"port\": 9090}' > /etc/daemon/node.json");
            node.waitFor("generation 2", () -> node.number("generation") == 2);
            node.waitForState("ready");
            assertEquals(pid, node.number("pid"));
            assertEquals(List.of(), node.status().get("exits"));
        }
    }

    @Test
    void aBadConfigurationFailsLoudlyAndAGoodOneRecoversAtOnce() {
        try (NodeContainer node = run()) {
            node.waitForState("ready").shell("echo '{half' > /etc/daemon/node.json");
            node.waitForState("backing-off").waitForLog("Cannot rebuild: /etc/daemon/node.json line 1");
            node.shell("echo '{}' > /etc/daemon/node.json");
            node.waitForState("ready");
        }
    }

    @Test
    void aSafeRestartWaitsForASessionAndForceNamesWhatItCuts() throws Exception {
        try (NodeContainer node = run()) {
            node.waitForState("ready");
            CompletableFuture<String> first = session(node, 1_500, "first");
            node.waitFor("it runs", () -> node.status().toString().contains("session first"));
            assertEquals(75, node.exec("daemon", "preflight").getExitCode());
            ExecResult safe = node.exec("daemon", "restart", "--safe");
            assertEquals(0, safe.getExitCode(), safe.toString());
            assertTrue(first.get().contains("200 OK"), first.get());
            session(node, 60_000, "second");
            node.waitFor("it runs", () -> node.status().toString().contains("session second"));
            ExecResult force = node.exec("daemon", "restart", "--force");
            assertTrue(force.getStdout().contains("cut: session second"), force.toString());
        }
    }
}
