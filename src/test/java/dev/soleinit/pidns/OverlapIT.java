package dev.soleinit.pidns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.RequiredTier;
import dev.soleinit.control.client.RpcException;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Restarts that start the next generation beside the running one, with a daemon of a kept socket in Python. */
@ExtendWith(RequiredTier.PidNamespace.class)
class OverlapIT extends OverlappingDaemon {
    private static long generation(PidNamespace node) {
        return (Long) node.status().get("generation");
    }

    /** The control, an ordinary restart of the same daemon, keeps who connects waiting for its start. */
    @Test
    void nobodyIsRefusedAndNobodyWaitsForTheStart() throws IOException, RpcException {
        mode("slow 3");
        try (PidNamespace node = start(); Arrivals load = new Arrivals(port, 200)) {
            for (int i = 2; i <= 5; i++) {
                Map<String, Object> answer = node.call("restart.request", OVERLAP);
                assertEquals("complete", ((Map<?, ?>) answer.get("outcome")).get("restartStatus"));
                assertEquals(true, answer.get("overlap"), answer.toString());
                assertEquals(i, generation(node));
            }
            long next = generation(node);
            node.waitFor("the last one serves", () -> load.answeredBy(next) > 20);
            assertEquals("", load.unanswered(), node.log());
            assertTrue(load.longest() < 2_000, "the longest connection took " + load.longest() + " ms");
            node.waitFor("one is left", () -> daemons(node) == 1);
            try (Arrivals control = new Arrivals(port, 200)) {
                node.call("restart.request", Map.of("door", "cli"));
                assertEquals("", control.unanswered());
                assertTrue(control.longest() >= 2_900, "without an overlap it took " + control.longest() + " ms");
            }
        }
    }

    @Test
    void aSuccessorThatFailsCostsNothing() throws IOException {
        mode("good");
        try (PidNamespace node = start("--ready-timeout", "1s"); Arrivals load = new Arrivals(port, 200)) {
            Object pid = node.status().get("pid");
            for (String broken : List.of("exit", "silent", "exit", "slow 9")) {
                mode(broken);
                RpcException failed = assertThrows(RpcException.class, () -> node.call("restart.request", OVERLAP));
                Map<?, ?> outcome = (Map<?, ?>) failed.data().get("outcome");
                assertEquals("failed", outcome.get("restartStatus"), failed.data().toString());
                assertEquals(pid, node.status().get("pid"), broken);
                assertEquals("ready", node.status().get("state"), broken);
                assertEquals(1, generation(node), broken);
                assertEquals(0L, node.status().get("failures"), broken);
            }
            node.waitFor("the successors have gone", () -> daemons(node) == 1);
            assertEquals(pid.toString(), Files.readString(node.run("daemon.pid")).strip());
            assertTrue(Files.readString(node.run("generation.json")).contains("\"generation\":1"));
            assertEquals("", load.unanswered(), node.log());
            mode("good");
            PidNamespace.Finished cli = node.daemon(Map.of(), "restart", "--overlap");
            assertEquals(0, cli.code(), cli.output());
            assertTrue(generation(node) > 4, "numbers are not used twice");
        }
    }

    /** The control: without an overlap a bad configuration is an outage. */
    @Test
    void anOrdinaryRestartIntoABadConfigurationIsAnOutage() throws IOException {
        mode("good");
        try (PidNamespace node = start("--ready-timeout", "1s")) {
            Object pid = node.status().get("pid");
            mode("exit");
            assertThrows(RpcException.class, () -> node.call("restart.request", Map.of("door", "cli")));
            assertNotEquals(pid, node.status().get("pid"));
            assertNotEquals("ready", node.status().get("state"));
        }
    }

    @Test
    void aStopInTheMiddleEndsBoth() throws Exception {
        mode("good");
        try (PidNamespace node = start()) {
            mode("slow 30");
            begin(node);
            node.waitFor("both run", () -> daemons(node) == 2);
            long pid1 = node.pid1();
            long began = System.nanoTime();
            PidNamespace.kill("TERM", pid1);
            assertEquals(0, node.exitCode());
            long took = (System.nanoTime() - began) / 1_000_000;
            assertTrue(took < 9_500, "it took " + took + " ms\n" + node.log());
            assertFalse(Files.exists(node.run("daemon.pid")));
        }
    }

    @Test
    void aHoldInTheMiddleEndsBoth() throws Exception {
        mode("good");
        try (PidNamespace node = start()) {
            mode("slow 30");
            begin(node);
            node.call("stop", Map.of());
            assertEquals("held", node.status().get("state"));
            assertEquals(0, daemons(node));
            mode("good");
            node.call("start", Map.of());
            assertEquals(1, daemons(node));
        }
    }

    @Test
    void aSuccessorTakesOverFromOneThatDies() throws Exception {
        mode("good");
        try (PidNamespace node = start()) {
            mode("slow 2");
            begin(node);
            try (Arrivals load = new Arrivals(port, 50)) {
                PidNamespace.kill("KILL", node.daemonPid());
                node.waitForStatus("the successor is current", status -> Long.valueOf(2).equals(
                        status.get("generation")) && "ready".equals(status.get("state")));
                node.waitFor("it serves", () -> load.answeredBy(2) > 5);
                // of who was being answered when it was killed nobody can say anything
                assertTrue(load.unanswered().matches("|\\{failed: Connection reset=1\\} of .*"), node.log());
            }
            assertEquals(1, daemons(node));
        }
    }

    @Test
    void allThatIsPublishedSwitchesAtOnce() throws Exception {
        mode("good");
        try (PidNamespace node = start()) {
            mode("slow 1");
            long old = (Long) node.status().get("pid");
            begin(node);
            String first = Files.readString(node.run("daemon.pid")).strip();
            assertEquals(Long.toString(old), first, "the successor is not current yet");
            assertEquals(old, node.status().get("pid"));
            List<String> seen = new ArrayList<>();
            node.waitFor("the switch", () -> {
                seen.add(pidFile(node));
                return generation(node) == 2;
            });
            String second = Files.readString(node.run("daemon.pid")).strip();
            assertEquals(node.status().get("pid").toString(), second);
            assertTrue(Files.readString(node.run("generation.json")).contains("\"pid\":" + second));
            seen.removeIf(pid -> pid.equals(first) || pid.equals(second));
            assertEquals(List.of(), seen, "it is never absent, and never another's");
        }
    }

    private static String pidFile(PidNamespace node) {
        try {
            return Files.readString(node.run("daemon.pid")).strip();
        } catch (IOException absent) {
            return "absent";
        }
    }

    @Test
    void theWordsOfOneDoNotReachTheOther() throws Exception {
        mode("good");
        try (PidNamespace node = start()) {
            assertEquals("serving as 1", node.status().get("statusText"));
            mode("slow 1");
            begin(node);
            assertEquals("serving as 1", node.status().get("statusText"));
            node.waitFor("the switch", () -> generation(node) == 2);
            assertEquals("serving as 2", node.status().get("statusText"));
        }
    }

    @Test
    void sessionsOfTheReferenceDaemonAreNeitherRefusedNorLost() throws Exception {
        try (PidNamespace node = reference(); LoadGenerator load = new LoadGenerator(port, 20, 300, 0)) {
            for (int i = 2; i <= 4; i++) {
                Map<?, ?> outcome = (Map<?, ?>) node.call("restart.request", OVERLAP).get("outcome");
                assertEquals("complete", outcome.get("restartStatus"));
                assertEquals(List.of(), outcome.get("cut"));
            }
            assertEquals(Set.of("ended"), load.finish().keySet(), node.log());
            assertEquals(4, generation(node));
        }
    }

    /** Its successor has asked for interrupted work long before. */
    @Test
    void whatIsCutGoesToTheNewGenerationOnceTheOldOneHasEnded() throws Exception {
        try (PidNamespace node = reference(); LoadGenerator load = new LoadGenerator(port, 2, 60_000, 0)) {
            node.waitFor("a session runs", () -> node.status().get("work").toString().contains("session"));
            Map<String, Object> options = new HashMap<>(OVERLAP);
            options.put("timeout", 0.5);
            Map<?, ?> outcome = (Map<?, ?>) node.call("restart.request", options).get("outcome");
            assertFalse(((List<?>) outcome.get("cut")).isEmpty(), outcome.toString());
            node.waitFor("it goes on", () -> Long.valueOf(0).equals(node.status().get("resumable"))
                    && node.status().get("work").toString().contains("resumed with"));
        }
    }

    @Test
    void whatCannotOverlapIsRefusedWithTheReason() throws Exception {
        mode("good");
        try (PidNamespace node = PidNamespace.start(dir, "--", PidNamespace.obedient(dir)).waitForState("ready")) {
            PidNamespace.Finished cli = node.daemon(Map.of(), "restart", "--overlap");
            assertEquals(1, cli.code(), cli.output());
            assertTrue(cli.output().contains("--listen"), cli.output());
            cli = node.daemon(Map.of(), "restart", "--overlap=shared-port");
            assertTrue(cli.output().contains("--ready none"), cli.output());
            assertEquals(1, generation(node));
        }
    }
}
