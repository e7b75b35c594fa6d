package dev.soleinit.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.control.Caller;
import dev.soleinit.control.ErrorCodes;
import dev.soleinit.control.IncomingRequest;
import dev.soleinit.control.Request;
import dev.soleinit.json.Json;
import dev.soleinit.process.RestartMode;
import dev.soleinit.process.Signal;
import dev.soleinit.process.text.PlainText;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ControlCommandsTest {
    @TempDir
    Path directory;
    private final Map<String, String> environment = new HashMap<>();

    @BeforeEach
    void sayWhereTheSupervisorIs() {
        environment.put("DAEMON_RUN_DIR", directory.toString());
        environment.put("DAEMON_STATE_DIR", directory.resolve("state").toString());
    }

    private CliRunner run(String... arguments) {
        return CliRunner.of(environment, arguments);
    }

    /** Runs a command against a supervisor that gives this answer; returns what it was asked. */
    private Request asked(String... arguments) throws IOException {
        try (FakeSupervisor supervisor = new FakeSupervisor(directory,
                result(Map.of("safe", true)))) {
            CliRunner run = run(arguments);
            assertEquals(ExitCodes.OK, run.exitCode(), run::toString);
            assertEquals(Caller.Origin.CLI, supervisor.calls().getFirst().caller().origin());
            return supervisor.calls().getFirst().request();
        }
    }

    private static Consumer<IncomingRequest> result(Map<String, Object> result) {
        return call -> call.replyTo().result(result);
    }

    private static Consumer<IncomingRequest> error(int code, String message) {
        return call -> call.replyTo().error(code, message, Map.of());
    }

    // ---- exit codes

    @ParameterizedTest
    @CsvSource({
        "ready, true, 0, 0", "starting, false, 1, 1", "stopping, false, 1, 1",
        "killing, false, 1, 1", "backing-off, false, 1, 1", "idle, false, 1, 1",
        "held, false, 3, 1", "ending, false, 3, 1", "ended, false, 3, 1"})
    void theExitCodeOfStatusTellsTheState(String state, boolean ready, int code, int codeOfReady)
            throws IOException {
        Map<String, Object> status = Map.of("state", state, "ready", ready);
        try (FakeSupervisor supervisor = new FakeSupervisor(directory, result(status))) {
            CliRunner plain = run("status");
            assertEquals(code, plain.exitCode(), plain::toString);
            assertTrue(plain.out().startsWith(state + "\n"), plain::toString);
            assertEquals(codeOfReady, run("status", "--ready").exitCode());
            assertEquals(2, supervisor.calls().size());
        }
    }

    @Test
    void statusOfNobodyIsUnknownWithExitCode4() {
        CliRunner run = run("status");
        assertEquals(ExitCodes.NO_ANSWER, run.exitCode(), run::toString);
        assertEquals("unknown\n", run.out());
        assertTrue(run.err().startsWith("Cannot tell: no supervisor answers on " + directory
                + "/control.sock"), run::toString);
        assertEquals(1, run("status", "--ready").exitCode());
    }

    @Test
    void statusAsJsonIsOneObjectEvenOfNobody() throws Exception {
        Map<?, ?> status = (Map<?, ?>) Json.parse(run("status", "--json").out());
        assertEquals(Map.of("schema", 1L, "state", "unknown", "ready", false), status);
    }

    @Test
    void aSupervisorThatIsStuckIsAsGoodAsNone() throws IOException {
        try (ServerSocketChannel deaf = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            deaf.bind(UnixDomainSocketAddress.of(directory.resolve("control.sock")));
            CliRunner run = run("status");
            assertEquals(ExitCodes.NO_ANSWER, run.exitCode(), run::toString);
            assertTrue(run.err().contains("has not answered within 1 s"), run::toString);
        }
    }

    @ParameterizedTest
    @CsvSource({"stop", "restart", "wait --timeout 200ms", "events", "signal HUP"})
    void aRequestToNobodyEndsWith69(String line) {
        CliRunner run = run(line.split(" "));
        assertEquals(ExitCodes.NO_SUPERVISOR, run.exitCode(), run::toString);
        assertTrue(run.err().startsWith("Cannot reach the supervisor: no supervisor answers on "
                + directory + "/control.sock"), run::toString);
    }

    @ParameterizedTest
    @CsvSource({"-32001, 1", "-32002, 1", "-32003, 75", "-32602, 2", "-32601, 2"})
    void theKindOfRefusalIsTheExitCode(int error, int code) throws IOException {
        try (FakeSupervisor supervisor = new FakeSupervisor(directory, error(error, "no luck"))) {
            for (String verb : List.of("stop", "restart", "start", "wait")) {
                CliRunner run = run(verb);
                assertEquals(code, run.exitCode(), run::toString);
                assertTrue(run.err().startsWith("Cannot " + verb + ": no luck"), run::toString);
            }
            assertEquals(4, supervisor.calls().size());
        }
    }

    @Test
    void aBusySupervisorIsAskedAgain() throws IOException {
        AtomicInteger turns = new AtomicInteger();
        try (FakeSupervisor supervisor = new FakeSupervisor(directory, call -> {
            if (turns.incrementAndGet() < 3) {
                call.replyTo().error(ErrorCodes.BUSY, "busy: try again shortly", Map.of());
            } else {
                call.replyTo().result(Map.of());
            }
        })) {
            assertEquals(ExitCodes.OK, run("stop").exitCode());
            assertEquals(3, supervisor.calls().size());
        }
    }

    @Test
    void moreCallersThanConnectionsAllGetTheirAnswer() throws Exception {
        try (FakeSupervisor supervisor = new FakeSupervisor(directory, result(Map.of("a", 1L)))) {
            List<Object> answers = Collections.synchronizedList(new ArrayList<>());
            List<Thread> callers = new ArrayList<>();
            for (int i = 0; i < 60; i++) {
                callers.add(Thread.ofPlatform().start(() -> answers.add(ask())));
            }
            for (Thread caller : callers) {
                caller.join();
            }
            assertEquals(Collections.nCopies(60, Map.of("a", 1L)), answers);
            assertEquals(60, supervisor.calls().size());
        }
    }

    private Object ask() {
        try {
            return ControlCommand.call(directory.resolve("control.sock"), "stop", Map.of());
        } catch (Exception wrong) {
            return wrong;
        }
    }

    // ---- what is asked

    @Test
    void stopWaitsUnlessToldNotTo() throws IOException {
        assertEquals(new Request.Stop(true), asked("stop"));
        assertEquals(new Request.Stop(false), asked("stop", "--no-block"));
    }

    @Test
    void restartIsGracefulUnlessToldOtherwise() throws IOException {
        assertEquals(restart(RestartMode.GRACEFUL, -1, "", Optional.empty(), true), asked("restart"));
        assertEquals(restart(RestartMode.GRACEFUL, 500, "", Optional.empty(), true),
                asked("restart", "--graceful", "--timeout", "500ms"));
        assertEquals(restart(RestartMode.IMMEDIATE, -1, "", Optional.empty(), true),
                asked("restart", "--no-graceful"));
        assertEquals(restart(RestartMode.FORCE, -1, "new build", Optional.empty(), false),
                asked("restart", "--force", "--no-block", "--reason", "new build"));
    }

    @Test
    void aSafeRestartSaysHowLongItWaitsAndWhatItPassesOver() throws IOException {
        assertEquals(new Request.Restart(RestartMode.SAFE, Optional.empty(),
                Optional.of(Duration.ofMinutes(2)), Set.of("me", "stuck"), "", Optional.empty(), true,
                false, false, Optional.empty()),
                asked("restart", "--safe", "--wait", "2m", "--own-work", "me", "--ignore-blocker",
                        "stuck"));
    }

    @Test
    void whatIsAssumedAndWhatIsNotCheckedIsPassedOn() throws IOException {
        Request.Restart safe = (Request.Restart) asked("restart", "--safe", "--assume-idle");
        assertTrue(safe.assumeIdle() && !safe.unchecked(), safe::toString);
        Request.Restart force = (Request.Restart) asked("restart", "--force", "--no-check");
        assertTrue(!force.assumeIdle() && force.unchecked(), force::toString);
        assertEquals(new Request.Reload("", true, true), asked("reload", "--no-check"));
        assertEquals(ExitCodes.USAGE, run("restart", "--assume-idle").exitCode());
    }

    @Test
    void aReloadThatNothingConfirmsHasAnExitCodeOfItsOwn() throws IOException {
        Map<String, Object> outcome = Map.of("restartStatus", "unconfirmed", "message",
                "generation 2 (unconfirmed): SIGHUP was sent", "generation", 2L, "pid", 7L);
        try (FakeSupervisor _ = new FakeSupervisor(directory, result(Map.of("outcome", outcome)))) {
            CliRunner run = run("reload");
            assertEquals(ExitCodes.UNCONFIRMED, run.exitCode(), run::toString);
            assertEquals("unconfirmed: generation 2 (unconfirmed): SIGHUP was sent, pid 7\n", run.out());
            assertEquals(ExitCodes.UNCONFIRMED, run("reload", "--json").exitCode());
        }
    }

    @Test
    void safeAndForceExcludeEachOther() {
        CliRunner run = run("restart", "--safe", "--force");
        assertEquals(ExitCodes.USAGE, run.exitCode());
        assertTrue(run.err().contains("drop --force to wait for work, or --safe to cut it"),
                run::toString);
        assertEquals(ExitCodes.USAGE, run("restart", "--safe", "--no-graceful").exitCode());
        assertEquals(ExitCodes.USAGE, run("restart", "--wait", "3s").exitCode());
    }

    @Test
    void restartReplacesTheArgumentsByThoseAfterTheDashes() throws IOException {
        assertEquals(restart(RestartMode.GRACEFUL, -1, "", Optional.of(List.of("--port", "80", "--")),
                true), asked("restart", "--", "--port", "80", "--"));
    }

    private static Request restart(RestartMode mode, long timeout, String reason,
            Optional<List<String>> arguments, boolean block) {
        return new Request.Restart(mode, timeout < 0 ? Optional.empty()
                : Optional.of(Duration.ofMillis(timeout)), Optional.empty(), Set.of(), reason,
                arguments, block, false, false, Optional.empty());
    }

    @Test
    void reloadAndPreflightAsk() throws IOException {
        assertEquals(new Request.Reload("certificate", false, false),
                asked("reload", "--no-block", "--reason", "certificate"));
        assertEquals(new Request.Preflight(Set.of("a", "b")), asked("preflight", "--own-work", "a",
                "--ignore-blocker", "b"));
    }

    @Test
    void preflightExits75WhileWorkBlocks() throws IOException {
        Map<String, Object> busy = Map.of("safe", false, "summary", "not safe: 1 piece",
                "blockers", List.of(Map.of("kind", "session", "message", "session s1 (3 s): upload")));
        try (FakeSupervisor _ = new FakeSupervisor(directory, result(busy))) {
            CliRunner run = run("preflight");
            assertEquals(ExitCodes.TRY_LATER, run.exitCode());
            assertEquals("not safe: 1 piece\n  session s1 (3 s): upload\n", run.out());
        }
        try (FakeSupervisor _ = new FakeSupervisor(directory, result(Map.of("safe", true)))) {
            assertEquals(ExitCodes.OK, run("preflight").exitCode());
        }
    }

    @Test
    void aSafeRestartThatGaveUpExits75AndNamesWhoBlocked() throws IOException {
        try (FakeSupervisor _ = new FakeSupervisor(directory, call -> call.replyTo().error(
                dev.soleinit.control.ErrorCodes.GAVE_UP, "Cannot restart safely: blocked by x",
                Map.of("action", "restart", "outcome", Map.of("restartStatus", "gave-up"))))) {
            CliRunner run = run("restart", "--safe", "--json");
            assertEquals(ExitCodes.TRY_LATER, run.exitCode());
            assertTrue(run.err().contains("blocked by x"), run::toString);
            assertTrue(run.out().contains("\"restartStatus\":\"gave-up\""), run::toString);
        }
    }

    @Test
    void statusShowsWorkWaitingRestartsAndRejectedConfiguration() throws IOException {
        Map<String, Object> status = new HashMap<>(Map.of("state", "ready", "ready", true));
        status.put("work", Map.of("counts", Map.of("totalActive", 1L), "summary", "not safe: 1",
                "blockers", List.of(Map.of("message", "session s1 (3 s)"))));
        status.put("restarts", List.of(Map.of("mode", "safe", "id", "r4", "caller", "cli (root)",
                "givesUpInMs", 20_000L)));
        status.put("configRejected", Map.of("at", "2026-01-01T00:00:00Z", "reason", "exited 1: bad"));
        try (FakeSupervisor _ = new FakeSupervisor(directory, result(status))) {
            String out = run("status").out();
            for (String part : List.of("not safe: 1", "session s1 (3 s)", "safe r4 waits, asked for "
                    + "by cli (root)", "exited 1: bad")) {
                assertTrue(out.contains(part), part + " in " + out);
            }
        }
        assertEquals("restart: ready; waits for session s1 (3 s); gives up in 20.0 s",
                Progress.line("restart", status));
    }

    @Test
    void statusShowsTheDeadlineOfWhatIsWaitedFor() throws IOException {
        Map<String, Object> status = new HashMap<>(Map.of("state", "draining", "ready", false));
        status.put("awaited", Map.of("what", "the end of its work", "deadlineMs", 7_800L));
        status.put("overlap", Map.of("role", "successor", "generation", 8L, "pid", 9L, "stage", "starting",
                "deadlineMs", 41_000L));
        try (FakeSupervisor _ = new FakeSupervisor(directory, result(status))) {
            String out = run("status").out();
            assertTrue(out.contains("\n  waits for   the end of its work, 7.8 s left\n"), out);
            assertTrue(out.contains("generation 8, pid 9, starting, 41.0 s left\n"), out);
        }
        assertEquals("restart: draining; successor (generation 8) is starting, 41.0 s left, 7.8 s left",
                Progress.line("restart", status));
    }

    @Test
    void nothingThatADaemonSaysReachesTheTerminalAsACommand() throws Exception {
        String evil = "\u001b[2J\u009b31m\u202e\nforged";
        Map<String, Object> status = Map.of("state", "ready", "ready", true, "statusText", evil,
                "work", Map.of("counts", Map.of("totalActive", 1L), "summary", evil,
                        "blockers", List.of(Map.of("message", evil))),
                "configRejected", Map.of("at", "now", "reason", evil));
        try (FakeSupervisor _ = new FakeSupervisor(directory, result(status))) {
            String out = run("status").out();
            assertFalse(out.chars().anyMatch(one -> one != '\n' && PlainText.isUnsafe((char) one)), out);
            assertTrue(out.contains("says        \\u001b[2J\\u009b31m\\u202e\\nforged\n"), out);
            String json = run("status", "--json").out().strip();
            assertFalse(json.chars().anyMatch(one -> PlainText.isUnsafe((char) one)), json);
            assertEquals(evil, ((Map<?, ?>) Json.parse(json)).get("statusText"));
        }
        try (FakeSupervisor _ = new FakeSupervisor(directory, error(-32001, evil))) {
            String err = run("stop").err();
            assertEquals("Cannot stop: \\u001b[2J\\u009b31m\\u202e\\nforged\n", err);
        }
    }

    @Test
    void signalsHaveNamesAndNumbers() throws IOException {
        assertEquals(new Request.SendSignal(Signal.HUP), asked("signal", "SIGHUP"));
        assertEquals(new Request.SendSignal(Signal.parse("RTMIN+3")), asked("signal", "RTMIN+3"));
    }

    @Test
    void waitSaysForWhatAndHowLong() throws IOException {
        assertEquals(wait(Request.Condition.READY, 0, 60), asked("wait"));
        assertEquals(wait(Request.Condition.STOPPED, 0, 5), asked("wait", "--stopped", "--timeout",
                "5"));
        assertEquals(wait(Request.Condition.GENERATION, 7, 60), asked("wait", "--generation", "7"));
    }

    private static Request wait(Request.Condition condition, long generation, long seconds) {
        return new Request.Wait(condition, generation, Optional.of(Duration.ofSeconds(seconds)));
    }

    @Test
    void theFlagForTheDirectoryWinsOverTheVariable() throws IOException {
        environment.put("DAEMON_RUN_DIR", "/nowhere");
        assertEquals(new Request.Stop(true), asked("stop", "--run-dir", directory.toString()));
        assertEquals(new Request.Start(true), asked("start", "--run-dir", directory.toString()));
    }

    @Test
    void aBrokenSettingsFileKeepsNobodyFromAsking() throws IOException {
        environment.put("DAEMON_CONFIG",
                Files.writeString(directory.resolve("d.json"), "{\"half\":").toString());
        assertEquals(new Request.Stop(true), asked("stop"));
        assertEquals(new Request.Start(true), asked("start"));
    }

    // ---- what is printed

    @Test
    void statusShowsTheFailuresAndTheLastEnds() throws IOException {
        Map<String, Object> status = new HashMap<>(Map.of("state", "backing-off", "ready", false,
                "crashLoop", true, "generation", 7L, "failures", 5L, "nextAttemptInMs", 31_000L,
                "backoffReason", "exit code 3", "warnings", List.of("crash-loop: 5 quick failures")));
        status.put("exits", List.of(Map.of("generation", 7L, "words", "exit code 3", "uptimeMs",
                12L, "cause", "failed")));
        try (FakeSupervisor supervisor = new FakeSupervisor(directory, result(status))) {
            CliRunner run = run("status");
            assertTrue(run.out().startsWith("backing-off (crash-loop)\n"), run::toString);
            for (String part : List.of("generation  7", "5 in a row: exit code 3", "in 31.0 s",
                    "generation 7 after 12 ms: exit code 3, failed", "crash-loop: 5 quick")) {
                assertTrue(run.out().contains(part), part + " in " + run);
            }
            assertEquals(1, supervisor.calls().size());
        }
    }

    @Test
    void restartAsJsonPrintsTheRequestThenTheOutcome() throws Exception {
        Map<String, Object> answer = Map.of("action", "restart", "outcome",
                Map.of("restartStatus", "complete", "generation", 4L));
        try (FakeSupervisor _ = new FakeSupervisor(directory, result(answer))) {
            List<String> lines = run("restart", "--json").out().lines().toList();
            assertEquals(List.of(Map.of("action", "restart"), answer.get("outcome")),
                    List.of(Json.parse(lines.get(0)), Json.parse(lines.get(1))));
        }
    }

    @Test
    void eventsPrintsLinesUntilTheEnd() throws IOException {
        try (FakeSupervisor supervisor = new FakeSupervisor(directory, call -> {
            call.replyTo().result(Map.of());
            call.replyTo().notice("event", Map.of("line", "{\"seq\":1}"));
            call.replyTo().notice("event", Map.of("line", "{\"seq\":2}"));
            call.replyTo().notice("end", Map.of());
        })) {
            CliRunner run = run("events", "--since", "0");
            assertEquals(ExitCodes.OK, run.exitCode(), run::toString);
            assertEquals("{\"seq\":1}\n{\"seq\":2}\n", run.out());
            Request.Subscribe subscribe = assertInstanceOf(Request.Subscribe.class,
                    supervisor.calls().getFirst().request());
            assertEquals(new Request.Subscribe(false, Optional.of(0L)), subscribe);
        }
    }
}
