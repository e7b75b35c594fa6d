package dev.soleinit.pidns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.RequiredTier;
import dev.soleinit.pidns.PidNamespace.Finished;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code status}, {@code preflight}, {@code wait}, {@code signal}, {@code restart}, {@code reload} and
 * {@code stop}, which the launcher asks for without a JVM: byte for byte what the JVM says, in every state. A launcher without its folder can only ask by itself; a
 * relative run directory is left to the JVM.
 */
@ExtendWith(RequiredTier.PidNamespace.class)
class PlainCommandsIT {
    private static final String DAEMON = PidNamespace.HOME.resolve("bin/daemon").toString();
    private static final List<String> LINES = List.of("status", "status --json", "preflight", "preflight --json",
            "signal HUP", "signal rtmin+2", "wait --timeout 30ms", "wait --stopped --timeout=30ms --json",
            "wait --ready --json --timeout 0", "wait --generation 1 --timeout 30ms", "wait --generation=9 --timeout 30ms");

    @TempDir
    Path dir;

    // ---- the three ways to ask

    private Finished asked(String program, String runDir, String line) throws IOException {
        List<String> words = new ArrayList<>(List.of("env", "-C", dir.toString(), "DAEMON_RUN_DIR=" + runDir, program));
        words.addAll(List.of(line.split(" ")));
        return PidNamespace.command(Map.of(), words.toArray(String[]::new));
    }

    private Finished alone(String line) throws IOException {
        Path launcher = Files.createDirectories(dir.resolve("alone/bin")).resolve("daemon");
        if (!Files.exists(launcher)) {
            Files.copy(Path.of(DAEMON), launcher, StandardCopyOption.COPY_ATTRIBUTES);
        }
        return asked(launcher.toString(), dir.resolve("run").toString(), line);
    }

    private Finished whole(String line) throws IOException {
        return asked(DAEMON, dir.resolve("run").toString(), line);
    }

    private Finished byJvm(String line) throws IOException {
        return asked(DAEMON, "run", line);
    }

    /** Without what changes from one moment to the next. */
    private static String steady(Finished finished) {
        return finished.code() + ": " + finished.output().replaceAll("[0-9.]+ m?s\\b", "N s")
                .replaceAll("(Ms|At)\":(\"[^\"]*\"|[0-9]+)", "$1\":0");
    }

    /** A daemon that is not held may go on between the two: what differs in truth differs each time. */
    private void agreeOn(List<String> lines) throws IOException {
        for (String line : lines) {
            int more = 5;
            String expected;
            String actual;
            do {
                expected = steady(byJvm(line));
                actual = steady(alone(line));
                more--;
            } while (more > 0 && !expected.equals(actual));
            assertEquals(expected, actual, line);
        }
    }

    /** What the launcher has to leave to the JVM. */
    private void isLeftToTheJvm(String line) throws IOException {
        assertTrue(alone(line).output().contains("works only within its folder"), line);
        assertEquals(steady(byJvm(line)), steady(whole(line)), line);
    }

    private PidNamespace node(String... words) throws IOException {
        return PidNamespace.start(dir, words);
    }

    // ---- states

    @Test
    void theyAreTheSameWhileReadyAndHeld() throws IOException {
        String daemon = PidNamespace.script(dir, "trap 'exit 0' TERM", "trap : HUP", "trap : RTMIN+2",
                "while :; do sleep 0.05; done");
        try (PidNamespace node = node("--preflight-command", "echo two users; exit 75", "--listen", "unix:"
                + dir.resolve("sock"), "--", "bash", daemon, "p\u00e4\u202e\u001b[2J", "two\nlines")
                .waitForState("ready")) {
            assertTrue(alone("preflight").output().contains("two users"));
            agreeOn(LINES);
            node.daemon(Map.of(), "stop");
            assertEquals(3, alone("status").code());
            agreeOn(LINES);
        }
    }

    @Test
    void theyAreTheSameWhileBackingOffAfterFailures() throws IOException {
        try (PidNamespace node = node("--backoff-initial", "10ms", "--backoff-max", "100s", "--", PidNamespace.script(
                dir, "test $DAEMON_GENERATION -gt 12 && sleep 1; exit 3"))) {
            node.waitForStatus("a crash-loop", status -> Boolean.TRUE.equals(status.get("crashLoop"))
                    && status.get("nextAttemptInMs") instanceof Long left && left > 2_000);
            assertTrue(alone("status").output().startsWith("backing-off (crash-loop)"), alone("status").output());
            agreeOn(LINES.stream().filter(line -> !line.contains("preflight")).toList());
        }
    }

    @Test
    void theyAreTheSameWhileStartingAndWhileStopping() throws Exception {
        String deaf = PidNamespace.script(dir, "trap : TERM HUP RTMIN+2", "while :; do sleep 0.05; done");
        try (PidNamespace node = node("--ready", "notify", "--ready-timeout", "100s", "--stop-timeout", "60s", "--", deaf)) {
            node.waitForState("starting");
            assertEquals(1, alone("status").code());
            agreeOn(LINES);
            PidNamespace.command(Map.of(), DAEMON, "stop", "--no-block", "--run-dir", dir.resolve("run").toString());
            node.waitForStatus("it stops", status -> !"starting".equals(status.get("state")));
            agreeOn(LINES);
        }
    }

    /** One after the other, so the numbers differ. */
    @Test
    void whatChangesSomethingSaysTheSameAndIsDoneOnce() throws IOException {
        try (PidNamespace node = node("--preflight-command", "true", "--reload-signal", "WINCH", "--", PidNamespace.obedient(dir))
                .waitForState("ready")) {
            long generation = 1;
            for (String line : List.of("restart", "restart --force --reason because", "restart --no-graceful",
                    "restart --safe --wait 1m", "restart --timeout=300ms", "restart --reason=v1.2_(b) --no-block",
                    "reload", "reload --no-block")) {
                Finished alone = alone(line);
                settle(node, ++generation);
                assertEquals(withoutNumbers(byJvm(line)), withoutNumbers(alone), line);
                settle(node, ++generation);
            }
            for (String line : List.of("restart --overlap", "stop", "stop --no-block", "restart", "reload")) {
                Finished alone = alone(line);
                settle(node, generation);
                assertEquals(withoutNumbers(byJvm(line)), withoutNumbers(alone), line);
            }
            node.waitForJournal("\"because\"", "\"v1.2_(b)\"");
        }
    }

    private static String withoutNumbers(Finished finished) {
        return steady(finished).replaceAll("(generation|pid) [0-9]+", "$1 N");
    }

    private static void settle(PidNamespace node, long generation) {
        node.waitForStatus("generation " + generation + ", and nothing is under way", status ->
                List.of("ready", "held").contains(status.get("state")) && List.of().equals(status.get("restarts"))
                && Long.valueOf(generation).equals(status.get("generation")));
    }

    @Test
    void whatIsNotPlainIsTheJvms() throws IOException {
        try (PidNamespace node = node("--", PidNamespace.obedient(dir)).waitForState("ready")) {
            for (String line : List.of("status --help", "status --json --json", "status --json=true", "status --nonsense",
                    "status more", "signal", "signal NONSENSE", "signal HUP USR1", "signal -x", "preflight --own-work a",
                    "wait --ready --stopped", "wait --timeout", "wait --timeout 1.5ms", "wait --timeout never",
                    "wait --generation x", "wait --generation 01", "wait --timeout --json", "status --run-dir --json",
                    "status --run-dir @file", "status --run-dir nowhere", "restart --safe --force", "restart now",
                    "restart --safe --no-graceful", "restart --no-block --no-block", "restart --reason",
                    "restart --overlap never", "restart --wait 1s", "restart --safe --wait never", "stop --no-check", "reload --safe", "stop --json --json")) {
                isLeftToTheJvm(line);
            }
            for (String line : List.of("restart --json", "restart --timeout 1.5s", "restart -- a", "restart --reason a\"b",
                    "restart --reason \u00e4", "restart --reason " + "x".repeat(201), "stop --json", "reload --no-check")) {
                assertTrue(alone(line).output().contains("works only within its folder"), line);
            }
            assertEquals(1L, node.status().get("generation"));
            node.daemon(Map.of(), "stop");
        }
    }

    // ---- no supervisor, or none that answers

    @Test
    void whereNobodyAnswersTheJvmSaysSo() throws IOException {
        for (String line : List.of("status", "status --json", "preflight", "signal HUP", "wait --timeout 50ms",
                "restart", "reload", "stop")) {
            isLeftToTheJvm(line);
        }
        Files.writeString(Files.createDirectories(dir.resolve("run")).resolve("control.sock"), "no socket");
        isLeftToTheJvm("status");
        isLeftToTheJvm("signal HUP");
    }

    @Test
    void whoMayNotAskIsToldByTheJvm() throws IOException {
        try (PidNamespace node = node("--", PidNamespace.obedient(dir)).waitForState("ready")) {
            PidNamespace.command(Map.of(), "chmod", "755", dir.toString());
            for (String line : List.of("status", "signal HUP")) {
                List<String> texts = new ArrayList<>();
                for (String runDir : List.of(dir.resolve("run").toString(), "run")) {
                    List<String> words = new ArrayList<>(List.of("setpriv", "--reuid", "games", "--clear-groups", "env",
                            "-C", dir.toString(), "DAEMON_RUN_DIR=" + runDir, DAEMON));
                    words.addAll(List.of(line.split(" ")));
                    texts.add(steady(PidNamespace.command(Map.of(), words.toArray(String[]::new))));
                }
                assertTrue(texts.get(0).contains("ermission denied"), texts.get(0));
                assertEquals(texts.get(1), texts.get(0));
            }
            assertEquals("ready", node.status().get("state"));
        }
    }

    /** Asked on both ways at once, for each takes its ten seconds. */
    @Test
    void aStoppedSupervisorIsSaidToBeSilentAndGetsEachSignalOnce() throws Exception {
        String counts = PidNamespace.script(dir, "trap 'exit 0' TERM", "trap 'echo told' USR1",
                "while :; do sleep 0.05; done");
        try (PidNamespace node = node("--", counts).waitForState("ready")) {
            long supervisor = node.pid1();
            PidNamespace.kill("STOP", supervisor);
            List<String> lines = List.of("status", "status --json", "preflight", "wait --timeout 1s");
            List<Future<Finished>> all = new ArrayList<>();
            for (String line : lines) {
                all.add(CompletableFuture.supplyAsync(() -> quietly(() -> whole(line)), Thread::startVirtualThread));
                all.add(CompletableFuture.supplyAsync(() -> quietly(() -> byJvm(line)), Thread::startVirtualThread));
            }
            Future<Finished> told = CompletableFuture.supplyAsync(() -> quietly(() -> whole("signal USR1")),
                    Thread::startVirtualThread);
            for (int i = 0; i < lines.size(); i++) {
                assertEquals(steady(all.get(2 * i + 1).get()), steady(all.get(2 * i).get()), lines.get(i));
            }
            Finished signal = told.get();
            assertEquals(75, signal.code(), signal.output());
            assertTrue(signal.output().contains("has not answered within 10 s; is it stopped?"), signal.output());
            PidNamespace.kill("CONT", supervisor);
            node.waitForLog("told");
            PidNamespace.pause(500);
            assertEquals(1, node.log().split("told", -1).length - 1, node.log());
        }
    }

    @Test
    void aStoppedSupervisorRestartsOnceWhatWasAskedForOnce() throws Exception {
        try (PidNamespace node = node("--", PidNamespace.obedient(dir)).waitForState("ready")) {
            PidNamespace.kill("STOP", node.pid1());
            Finished restart = whole("restart");
            assertEquals(75, restart.code(), restart.output());
            assertTrue(restart.output().contains("has not answered within 10 s; is it stopped?"), restart.output());
            PidNamespace.kill("CONT", node.pid1());
            node.waitForLog("up 2");
            PidNamespace.pause(500);
            settle(node, 2);
        }
    }

    private interface Asking {
        Finished ask() throws IOException;
    }

    private static Finished quietly(Asking asking) {
        try {
            return asking.ask();
        } catch (IOException gone) {
            throw new IllegalStateException(gone);
        }
    }

    // ---- servers that are no supervisor

    @Test
    void aStrangeAnswerIsTheJvmsToJudge() throws IOException {
        for (String answer : List.of("garbage\n", "{}\n", "soleinit 2 0 1 0\nx", "soleinit 1 0 5 0\n\033[2Jx",
                "soleinit 1 0 3 0\n\u202e", "soleinit 1 0 99999999 0\nx", "soleinit 1 0 9999999999999 0\nx",
                "soleinit 1 -1 0 0\n", "soleinit 1 256 0 0\n", "soleinit 1 0 1 0 0\nx", "soleinit 1 0 1\nx",
                "soleinit 1 0 1 0x\nx", "", "x".repeat(5 << 20), "\n", "soleinit 1 0 5 0\nx")) {
            try (StrangeServer _ = new StrangeServer(dir.resolve("run"), answer)) {
                assertTrue(alone("status").output().contains("works only within its folder"), answer);
                Finished judged = whole("status");
                assertEquals(4, judged.code() == 1 ? 4 : judged.code(), judged.output());
                assertEquals(steady(byJvm("status")), steady(judged));
            }
        }
    }

    @Test
    void anAnswerIsPrintedAsItComes() throws IOException {
        try (StrangeServer _ = new StrangeServer(dir.resolve("run"), "soleinit 1 42 4 6\nout\nerror\n")) {
            assertEquals("42: out\nerror\n", steady(alone("status")), "the control: such an answer is taken");
        }
    }

    @Test
    void whatWasPerhapsDoneIsNotAskedForAgain() throws IOException {
        for (String line : List.of("signal HUP", "restart", "reload", "stop")) {
            try (StrangeServer server = new StrangeServer(dir.resolve("run"), "")) {
                Finished asked = whole(line);
                assertTrue(asked.output().contains("the supervisor closed the connection"), asked.output());
                assertEquals(1, server.connections(), line + ": it was asked once");
            }
        }
    }

    // ---- what else holds

    @Test
    void aLongWaitGoesOnWhileTheSupervisorAnswersAndEndsWithCtrlC() throws Exception {
        try (PidNamespace node = node("--", PidNamespace.obedient(dir)).waitForState("ready")) {
            alone("status");
            Future<Finished> outcome = CompletableFuture.supplyAsync(() -> quietly(() ->
                    alone("wait --stopped --timeout 60s")));
            for (String runDir : List.of(dir.resolve("run").toString(), "run")) {
                Process wait = new ProcessBuilder(DAEMON, "wait", "--stopped", "--run-dir", runDir)
                        .directory(dir.toFile()).start();
                PidNamespace.pause(1_500);
                PidNamespace.kill("INT", wait.pid());
                assertEquals(130, wait.waitFor(), "SIGINT ends it");
            }
            PidNamespace.pause(6_000);
            node.daemon(Map.of(), "stop");
            assertEquals("0: held, generation 1\n", steady(outcome.get()));
        }
    }

    @Test
    void theyNeedHardlyAnything() throws IOException {
        try (PidNamespace node = node("--", PidNamespace.obedient(dir)).waitForState("ready")) {
            for (String line : List.of("status", "preflight", "signal WINCH", "wait", "restart", "stop")) {
                List<String> words = new ArrayList<>(List.of("prlimit", "--as=2000000", "--nofile=16", DAEMON));
                words.addAll(List.of(line.split(" ")));
                Finished finished = node.inside(Map.of(), words.toArray(String[]::new));
                assertEquals(0, finished.code(), finished.output());
            }
        }
    }
}
