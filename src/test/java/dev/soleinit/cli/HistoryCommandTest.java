package dev.soleinit.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code daemon history} reads the journal, whether or not there is a supervisor. */
class HistoryCommandTest {
    @TempDir
    Path dir;

    private void journal() throws IOException {
        Files.writeString(dir.resolve("events.jsonl"), """
                {"seq":1,"at":"2026-01-01T00:00:00Z","event":"phase","phase":"starting","generation":7,"pid":10}
                {"seq":2,"at":"2026-01-01T00:00:01.500Z","event":"phase","phase":"ready","generation":7,"pid":10}
                {"seq":3,"at":"2026-01-01T01:02:03Z","event":"end","generation":7,"pid":10,"words":"exit 3\\u001b[31m","cause":"exited by itself","asked":false}
                {"seq":4,"at":"2026-01-01T01:02:03Z","event":"phase","phase":"backing-off","generation":7,"pid":0}
                {"seq":5,"at":"2026-01-01T01:02:04Z","event":"phase","phase":"starting","generation":8,"pid":11}
                {"seq":6,"at":"2026-01-01T01:02:05Z","event":"phase","phase":"ready","generation":8,"pid":11}
                """);
    }

    private CliRunner run(String... more) {
        String[] words = new String[more.length + 1];
        words[0] = "history";
        System.arraycopy(more, 0, words, 1, more.length);
        return CliRunner.of(Map.of("DAEMON_STATE_DIR", dir.toString()), words);
    }

    @Test
    void theNewestGenerationComesFirst() throws IOException {
        journal();
        CliRunner run = run();
        assertEquals(0, run.exitCode(), run.err());
        String[] lines = run.out().split("\n");
        assertEquals(3, lines.length, run.out());
        assertTrue(lines[1].startsWith("8          2026-01-01T01:02:04Z  1.0 s "), run.out());
        assertTrue(lines[1].contains("2.0 s     running"), run.out());
        assertTrue(lines[2].contains("1.5 s     1 h 2 m   -"), run.out());
        assertTrue(lines[2].endsWith("exit 3\\u001b[31m: exited by itself"), "no terminal obeys it: " + run.out());
    }

    @Test
    void asJsonItHasStableNames() throws Exception {
        journal();
        String first = run("--json").out().lines().findFirst().orElseThrow();
        assertTrue(Json.parse(first) instanceof Map<?, ?> fields && fields.get("generation").equals(8L)
                && fields.get("downtimeMs").equals(2000L) && fields.get("endedAt") == null, first);
    }

    @Test
    void withoutAJournalItSaysWhereItLooked() {
        CliRunner run = run("--state-dir", dir.resolve("nowhere").toString());
        assertEquals(1, run.exitCode());
        assertTrue(run.err().startsWith("Cannot show the history: " + dir.resolve("nowhere/events.jsonl")),
                run.err());
    }
}
