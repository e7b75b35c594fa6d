package dev.soleinit.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is read without picocli means the same as with it; all else is left to it. */
class PlainLineTest {
    private static Optional<PlainLine> supervise(String... args) {
        return PlainLine.supervise(List.of(args));
    }

    @Test
    void settingsAndACommandArePlain() {
        assertEquals(Optional.of(new PlainLine(
                Map.of("stop-timeout", List.of("2s"), "env", List.of("A=1", "B=@2"), "config", List.of("f")),
                List.of("sh", "-c", "--", "@x"))),
                supervise("supervise", "--stop-timeout=1s", "--env", "A=1", "--config", "f",
                        "--stop-timeout", "2s", "--env=B=@2", "--", "sh", "-c", "--", "@x"));
    }

    @Test
    void theRestIsPicoclis() {
        for (String line : List.of("supervise", "supervise --", "supervise nginx", "supervise -h -- a",
                "supervise --help -- a", "supervise --stop-timeout -- a", "supervise --stop 5s -- a",
                "supervise --env= -- a", "supervise --env --chdir / -- a", "supervise --command x -- a",
                "supervise @file -- a", "supervise --env @file -- a", "supervise x --env a -- a")) {
            assertEquals(Optional.empty(), supervise(line.split(" ")), line);
        }
    }

    @Test
    void aStatusIsPlainWithFewOptions() {
        assertEquals(Optional.of("/r"), PlainLine.status(
                List.of("status", "--ready", "--run-dir", "/r")).flatMap(one -> one.given("run-dir")));
        assertTrue(PlainLine.status(List.of("status", "--json", "--ready")).isPresent());
        for (String line : List.of("status --watch", "status -h", "status x", "status --run-dir",
                "status --json=true", "status --json --json", "status --run-dir=a --run-dir=b",
                "status --", "status -")) {
            assertEquals(Optional.empty(), PlainLine.status(List.of(line.split(" "))), line);
        }
    }
}
