package dev.soleinit.pidns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.RequiredTier;
import dev.soleinit.control.client.RpcException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What each of two generations has of its own: watchdog, main process, work, stop command, leftovers. */
@ExtendWith(RequiredTier.PidNamespace.class)
class OverlapOfTwoIT extends OverlappingDaemon {
    private static void waitForReady(PidNamespace node, long generation) {
        node.waitForStatus("generation " + generation + " is ready", status ->
                Long.valueOf(generation).equals(status.get("generation")) && "ready".equals(status.get("state")));
    }

    private static long children(PidNamespace node) {
        return processes(node, ".*sleep 600.5");
    }

    private static List<?> exits(PidNamespace node) {
        return (List<?>) node.status().get("exits");
    }

    // ---- watchdog, main process, reload

    /** What the successor says while it starts keeps nobody else alive; the control is the one that says it itself. */
    @Test
    void oneThatHangsIsNotKeptAliveByItsSuccessor() throws Exception {
        mode("pings 0");
        try (PidNamespace node = start("--watchdog", "1s")) {
            PidNamespace.pause(2_500);
            assertEquals(1L, node.status().get("generation"), "who tells the watchdog lives");
            mode("pings 4");
            begin(node);
            Files.createFile(dir.resolve("mute-1"));
            waitForReady(node, 2);
            String ends = exits(node).toString();
            assertTrue(ends.contains("hung") && ends.contains("generation=1"), ends + node.log());
            assertEquals(1, exits(node).size(), ends);
        }
    }

    @Test
    void theNewOneIsNotKeptAliveByTheOldOne() throws Exception {
        mode("pings 0");
        try (PidNamespace node = start("--watchdog", "1s")) {
            Files.createFile(dir.resolve("mute-2"));
            node.call("restart.request", OVERLAP);
            node.waitFor("it hangs", () -> exits(node).toString().contains("hung"));
            assertTrue(exits(node).stream().anyMatch(end -> end.toString().contains("generation=2")
                    && end.toString().contains("hung")), exits(node).toString());
        }
    }

    @Test
    void aSuccessorGoesOnInAnotherProcess() throws Exception {
        mode("good");
        try (PidNamespace node = start()) {
            mode("forks");
            Map<?, ?> outcome = (Map<?, ?>) node.call("restart.request", OVERLAP).get("outcome");
            assertEquals("complete", outcome.get("restartStatus"));
            node.waitFor("its first process has ended", () -> daemons(node) == 1);
            assertTrue(node.log().contains("generation 2 goes on as pid " + node.status().get("pid")), node.log());
            assertEquals("ready", node.status().get("state"));
            mode("good");
            node.call("restart.request", OVERLAP);
            waitForReady(node, 3);
            assertEquals(1, daemons(node));
        }
    }

    @Test
    void aSuccessorCannotNameTheCurrentOnesProcess() throws Exception {
        mode("good");
        try (PidNamespace node = start()) {
            Object old = node.status().get("pid");
            mode("steals");
            node.call("restart.request", OVERLAP);
            assertTrue(node.log().contains("it is a process of the other generation"), node.log());
            assertNotEquals(old, node.status().get("pid"));
            waitForReady(node, 2);
        }
    }

    @Test
    void aReloadMeanwhileReachesTheNewOneAndNotTheOldOne() throws Exception {
        mode("good");
        try (PidNamespace node = start("--reload-signal", "HUP")) {
            mode("slow 2");
            begin(node);
            node.call("reload", Map.of());
            assertTrue((Long) node.status().get("generation") >= 2, node.status().toString());
            assertFalse(node.log().contains("HUP 1"), node.log());
            node.waitForLog("HUP 2");
            assertEquals(1, daemons(node));
        }
    }

    // ---- work

    /** The control, an ordinary safe restart, never finds it idle. */
    @Test
    void aSafeOneUnderLoadThatNeverPausesCutsNothing() throws Exception {
        try (PidNamespace node = reference(); LoadGenerator load = new LoadGenerator(port, 10, 1_500, 0)) {
            node.waitFor("sessions run", () -> node.status().get("work").toString().contains("session"));
            assertThrows(RpcException.class, () -> node.call("restart.request",
                    Map.of("safe", true, "door", "cli", "wait", 3)));
            assertEquals(1L, node.status().get("generation"));
            for (int i = 2; i <= 3; i++) {
                Map<?, ?> outcome = (Map<?, ?>) node.call("restart.request",
                        Map.of("safe", true, "overlap", "yes", "door", "cli", "wait", 60)).get("outcome");
                assertEquals("complete", outcome.get("restartStatus"));
                assertEquals(List.of(), outcome.get("cut"), outcome.toString());
            }
            assertEquals(Set.of("ended"), load.finish().keySet(), node.log());
            assertTrue(exits(node).toString().contains("role=predecessor"), exits(node).toString());
        }
    }

    // ---- the end of both

    @Test
    void eachHasItsOwnRunOfTheStopCommand() throws Exception {
        mode("good");
        try (PidNamespace node = start("--stop-command", "echo stop command for $DAEMON_GENERATION; kill $MAINPID")) {
            mode("slow 30");
            begin(node);
            node.call("stop", Map.of());
            assertEquals("held", node.status().get("state"));
            assertEquals(0, daemons(node), node.log());
            assertFalse(exits(node).toString().contains("SIGKILL"), exits(node).toString());
        }
    }

    /** What is left is killed with its group, or is nobody's business. */
    @ParameterizedTest
    @ValueSource(strings = {"all", "group", "process"})
    void aHoldKillsBothThatAreDeaf(String killMode) throws Exception {
        mode("deaf 0");
        try (PidNamespace node = start("--kill-mode", killMode, "--stop-timeout", "1s")) {
            mode("deaf 30");
            begin(node);
            node.waitFor("both have a child", () -> children(node) == 2);
            node.call("stop", Map.of());
            assertEquals(0, daemons(node), node.log());
            assertEquals(killMode.equals("process") ? 2 : 0, children(node), node.log());
            List<?> ends = exits(node);
            assertEquals(2, ends.size(), ends.toString());
            assertEquals(1, ends.stream().filter(end -> end.toString().contains("role=successor")).count(),
                    ends.toString());
        }
    }

    @Test
    void whoSaysItAgainSaysItToBothAndASecondInterruptKillsBoth() throws Exception {
        mode("deaf 0");
        try (PidNamespace node = start("--stop-timeout", "60s", "--container-stop-timeout", "70s")) {
            mode("deaf 0.1");
            node.call("restart.request", Map.of("overlap", "yes", "door", "cli", "block", false, "timeout", 1));
            waitForReady(node, 2);
            node.waitForLog("SIGTERM 1");
            node.signal("TERM");
            node.waitForLog("SIGTERM 2");
            node.waitFor("the old one, too", () -> node.log().split("SIGTERM 1", -1).length >= 3);
            node.signal("INT");
            node.waitForLog("SIGINT 1");
            node.waitForLog("SIGINT 2");
            long began = System.nanoTime();
            node.signal("INT");
            assertEquals(137, node.exitCode(), node.log());
            assertTrue((System.nanoTime() - began) / 1_000_000 < 20_000, "neither waits for its minute");
        }
    }
}
