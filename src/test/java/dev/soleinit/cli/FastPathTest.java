package dev.soleinit.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is read without picocli means the same as with it; all else is left to it. */
class FastPathTest {
    @TempDir
    Path dir;

    private static Optional<FastPath> supervise(String... args) {
        return FastPath.supervise(List.of(args));
    }

    @Test
    void settingsAndACommandArePlain() {
        assertEquals(Optional.of(new FastPath(
                Map.of("stop-timeout", List.of("2s"), "env", List.of("A=1", "B=@2"), "config", List.of("f")),
                List.of("sh", "-c", "--", "@x"))),
                supervise("supervise", "--stop-timeout=1s", "--env", "A=1", "--config", "f",
                        "--stop-timeout", "2s", "--env=B=@2", "--", "sh", "-c", "--", "@x"));
    }

    @Test
    void otherArgumentsFallBackToPicocli() {
        for (String line : List.of("supervise", "supervise --", "supervise nginx", "supervise -h -- a",
                "supervise --help -- a", "supervise --stop-timeout -- a", "supervise --stop 5s -- a",
                "supervise --env= -- a", "supervise --env --chdir / -- a", "supervise --command x -- a",
                "supervise @file -- a", "supervise --env @file -- a", "supervise x --env a -- a")) {
            assertEquals(Optional.empty(), supervise(line.split(" ")), line);
        }
    }

    @Test
    void aStatusIsPlainWithFewOptions() {
        assertEquals(Optional.of("/r"), FastPath.status(
                List.of("status", "--ready", "--run-dir", "/r")).flatMap(one -> one.given("run-dir")));
        assertTrue(FastPath.status(List.of("status", "--json", "--ready")).isPresent());
        for (String line : List.of("status --watch", "status -h", "status x", "status --run-dir",
                "status --json=true", "status --json --json", "status --run-dir=a --run-dir=b",
                "status --", "status -")) {
            assertEquals(Optional.empty(), FastPath.status(List.of(line.split(" "))), line);
        }
    }

    @Test
    void aWaitAndAStartArePlainWithFewOptions() {
        assertTrue(FastPath.await(List.of("wait", "--stopped", "--timeout", "3s")).isPresent());
        assertTrue(FastPath.start(List.of("start", "--no-block", "--reason=why")).isPresent());
        for (String line : List.of("wait --ready --stopped", "wait --generation 3", "wait --help",
                "wait --timeout", "start -- a", "start --reason a --reason b", "start --stop-timeout 3s",
                "start --ready none")) {
            List<String> words = List.of(line.split(" "));
            assertEquals(Optional.empty(), line.startsWith("wait") ? FastPath.await(words)
                    : FastPath.start(words), line);
        }
    }

    @Test
    void plainOrNotTheSameIsAskedAndPrinted() throws IOException {
        for (String line : List.of("status", "status --json", "status --ready", "start",
                "start --json --no-block --reason why", "wait", "wait --ready --json",
                "wait --stopped --timeout 3s", "wait --timeout soon")) {
            List<String> plain = asked(line, CliRunner::plain);
            assertFalse(plain.getFirst().isEmpty(), line);
            assertEquals(asked(line, CliRunner::of), plain, line);
        }
    }

    /** What it printed, how it ended, and what it had asked. */
    private List<String> asked(String line, BiFunction<Map<String, String>, String[], CliRunner> run)
            throws IOException {
        try (FakeSupervisor supervisor = new FakeSupervisor(dir, call -> call.replyTo().result(Map.of(
                "state", "held", "ready", false, "generation", 3L, "uptimeMs", 12L,
                "command", List.of("a", "b"), "outcome", Map.of("restartStatus", "already"))))) {
            CliRunner done = run.apply(Map.of("DAEMON_RUN_DIR", dir.toString()), line.split(" "));
            List<String> all = new ArrayList<>(List.of(done.toString()));
            supervisor.calls().forEach(call -> all.add(call.request() + " " + call.caller()));
            return all;
        }
    }

    @Test
    void aStartThatNobodyAnswersIsPicoclis() {
        assertEquals(Optional.empty(), FastPath.execute(
                Map.of("DAEMON_RUN_DIR", dir.toString()), "start", "--no-block"));
    }
}
