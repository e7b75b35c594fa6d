package dev.soleinit.pidns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.RequiredTier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(RequiredTier.PidNamespace.class)
class SignalsIT {
    /** KILL, STOP, CHLD, the faults of the JVM, and glibc's own two. */
    private static final Set<Integer> NOT_FORWARDED = Set.of(4, 5, 7, 8, 9, 11, 17, 19, 31, 32, 33);
    private static final Set<Integer> STOPS = Set.of(2, 3, 15);

    @TempDir
    Path dir;

    @Test
    void everySignalThatCanBeCaughtReachesTheDaemon() throws IOException {
        String daemon = PidNamespace.script(dir, "for s in $(seq 1 64); do trap \"echo got-$s-\" $s; done",
                "echo armed", "while :; do sleep 0.02; done");
        try (PidNamespace node = PidNamespace.start(dir, "--", daemon)) {
            node.waitForLog("armed");
            for (int signal = 1; signal <= 64; signal++) {
                if (!NOT_FORWARDED.contains(signal) && !STOPS.contains(signal)) {
                    node.signal(Integer.toString(signal));
                    node.waitForLog("got-" + signal + "-");
                }
            }
            node.signal("TERM");
            node.waitForLog("got-15-");
            node.signal("QUIT");
            node.waitForLog("got-3-");
        }
    }

    @Test
    void signalsAtRandomMomentsOfTheStartAreNotLost() throws IOException {
        Random random = new Random(20);
        List<String> lost = new ArrayList<>();
        for (int round = 0; round < 25; round++) {
            Path folder = Files.createDirectory(dir.resolve("r" + round));
            String daemon = PidNamespace.script(folder, "echo spawned", "exec sleep 30");
            try (PidNamespace node = PidNamespace.start(folder, "--", daemon)) {
                long pid1 = node.pid1();
                node.waitFor("env has blocked the signals", () ->
                        !PidNamespace.proc(pid1, "status").contains("SigBlk:\t0000000000000000"));
                PidNamespace.pause(random.nextInt(400));
                node.signal("TERM");
                int code = node.exitCode();
                if (code != 143) {
                    lost.add("round " + round + ": exit " + code + ", " + node.log());
                }
            }
        }
        assertEquals(List.of(), lost, "each TERM ends PID 1 with 143");
    }

    @Test
    void aStopBeforeTheFirstStartSpawnsNothing() throws IOException {
        String daemon = PidNamespace.script(dir, "echo spawned", "exec sleep 30");
        try (PidNamespace node = PidNamespace.start(dir, "--", daemon)) {
            long pid1 = node.pid1();
            node.waitFor("signals are blocked", () ->
                    !PidNamespace.proc(pid1, "status").contains("SigBlk:\t0000000000000000"));
            node.signal("TERM");
            assertEquals(143, node.exitCode());
            assertTrue(!node.log().contains("spawned"), node.log());
        }
    }

    @Test
    void aSignalBeforeTheFirstStartWaitsForTheDaemon() throws IOException {
        String daemon = PidNamespace.script(dir, "exec sleep 30");
        try (PidNamespace node = PidNamespace.start(dir, "--restart", "never", "--", daemon)) {
            long pid1 = node.pid1();
            node.waitFor("signals are blocked", () ->
                    !PidNamespace.proc(pid1, "status").contains("SigBlk:\t0000000000000000"));
            node.signal("USR1");
            assertEquals(128 + 10, node.exitCode(), "USR1 ends a sleep: it has arrived");
        }
    }

    @Test
    void rewriteTranslatesAndDrops() throws IOException {
        String daemon = PidNamespace.script(dir, "trap 'echo got-quit; exit 3' QUIT",
                "trap 'echo got-hup' HUP", "echo armed", "while :; do sleep 0.02; done");
        try (PidNamespace node = PidNamespace.start(dir, "--rewrite", "HUP=", "--rewrite", "TERM=QUIT",
                "--", daemon)) {
            node.waitForLog("armed");
            node.signal("HUP");
            node.signal("TERM");
            assertEquals(3, node.exitCode());
            assertTrue(node.log().contains("got-quit") && !node.log().contains("got-hup"),
                    node.log());
        }
    }

    @Test
    void forwardToGroupReachesTheDaemonsChildren() throws IOException {
        String daemon = PidNamespace.script(dir, "trap 'echo parent' USR1",
                "(trap 'echo child' USR1; echo armed; while :; do sleep 0.02; done) &",
                "while :; do sleep 0.02; done");
        try (PidNamespace node = PidNamespace.start(dir, "--forward-to", "group", "--", daemon)) {
            node.waitForLog("armed");
            // a sleep in the group dies of USR1: the loops go on
            node.signal("USR1");
            node.waitForLog("child").waitForLog("parent");
        }
    }

    @Test
    void theSecondInterruptKillsAtOnce() throws IOException {
        String daemon = PidNamespace.script(dir, "trap '' INT TERM", "echo armed",
                "while :; do sleep 0.05; done");
        try (PidNamespace node = PidNamespace.start(dir, "--", daemon)) {
            node.waitForLog("armed");
            node.signal("INT");
            node.waitForState("stopping");
            node.signal("TERM");
            assertEquals("stopping", node.status().get("state"), "another TERM is harmless");
            node.signal("INT");
            assertEquals(137, node.exitCode());
        }
    }
}
