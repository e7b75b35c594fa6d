package dev.soleinit.storage.history;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What can be read out of the journal's lines, and what cannot. */
class GenerationHistoryTest {
    private final GenerationHistory history = new GenerationHistory();
    private int seq;

    private void line(int second, String fields) {
        history.add("{\"seq\":" + ++seq + ",\"at\":\"2026-01-01T00:00:"
                + (second < 10 ? "0" : "") + second + "Z\"," + fields + "}");
    }

    private void phase(int second, String phase, int generation, int pid) {
        line(second, "\"event\":\"phase\",\"phase\":\"" + phase + "\",\"generation\":" + generation
                + ",\"pid\":" + pid);
    }

    private void end(int second, int generation, String words, boolean asked) {
        line(second, "\"event\":\"end\",\"generation\":" + generation + ",\"pid\":9,\"words\":\"" + words
                + "\",\"cause\":\"why\",\"asked\":" + asked);
    }

    @Test
    void aRestartHasItsDowntimeAndWhoAskedForIt() {
        phase(1, "starting", 1, 10);
        phase(2, "ready", 1, 10);
        line(3, "\"event\":\"request\",\"action\":\"restart\",\"caller\":\"cli (root)\",\"mode\":\"safe\","
                + "\"reason\":\"new certificate\"");
        phase(4, "draining", 1, 10);
        end(5, 1, "exit 0", true);
        phase(6, "starting", 2, 11);
        phase(9, "ready", 2, 11);
        List<Generation> all = history.newestFirst();
        assertEquals(2, all.size());
        assertEquals(Optional.of(Duration.ofSeconds(5)), all.get(0).downtime());
        assertEquals("restart (safe) by cli (root): new certificate", all.get(0).requested());
        assertTrue(all.get(0).endedAt().isEmpty());
        assertEquals("exit 0", all.get(1).how());
        assertEquals(Duration.ofSeconds(4), all.get(1).lifetime(all.get(0).seenAt()));
    }

    @Test
    void whatIsHeldIsNotDown() {
        phase(1, "ready", 1, 10);
        end(2, 1, "exit 0", true);
        phase(3, "held", 1, 0);
        phase(30, "ready", 2, 11);
        assertEquals(Optional.empty(), history.newestFirst().getFirst().downtime());
    }

    @Test
    void aReloadIsTheNextGenerationOfTheSameProcess() {
        phase(1, "ready", 1, 10);
        phase(2, "reloading", 1, 10);
        phase(3, "ready", 2, 10);
        assertEquals("reloaded", history.newestFirst().get(1).how());
        assertEquals(Optional.of(Duration.ofSeconds(1)), history.newestFirst().get(0).downtime());
    }

    @Test
    void whatDiedWithItsSupervisorIsSaidToHave() {
        phase(1, "ready", 1, 10);
        line(5, "\"event\":\"boot\"");
        phase(6, "ready", 2, 3);
        assertEquals("unknown", history.newestFirst().get(1).how());
        assertEquals(Optional.empty(), history.newestFirst().get(0).downtime(),
                "nobody knows since when");
    }

    @Test
    void linesThatAreNoneChangeNothing() {
        phase(1, "ready", 1, 10);
        List<Generation> before = history.newestFirst();
        for (String broken : List.of("", "{", "[]", "null", "{\"seq\":99}",
                "{\"seq\":99,\"at\":\"yesterday\",\"event\":\"phase\"}", "{\"seq\":\"99\"}",
                "x".repeat(70_000), "{\"seq\":1,\"at\":\"2026-01-01T00:00:09Z\",\"event\":\"phase\","
                + "\"generation\":5,\"pid\":1,\"phase\":\"ready\"}")) {
            history.add(broken);
        }
        assertEquals(before, history.newestFirst());
    }

    @Test
    void onlyTheLastOnesAreKept() {
        for (int i = 1; i <= 300; i++) {
            phase(1, "ready", i, 10 + i);
        }
        assertEquals(GenerationHistory.KEPT, history.newestFirst().size());
        assertEquals(300, history.newestFirst().getFirst().number());
    }

    @Test
    void theOlderFileComesFirst(@TempDir Path dir) throws IOException {
        phase(1, "ready", 1, 10);
        Files.writeString(dir.resolve("events.jsonl.1"), "{\"seq\":1,\"at\":\"2026-01-01T00:00:00Z\","
                + "\"event\":\"phase\",\"phase\":\"ready\",\"generation\":1,\"pid\":4}\nhalf a li");
        Files.writeString(dir.resolve("events.jsonl"), "{\"seq\":2,\"at\":\"2026-01-01T00:00:01Z\","
                + "\"event\":\"end\",\"generation\":1,\"pid\":4,\"words\":\"exit 3\",\"asked\":false,"
                + "\"cause\":\"exited by itself\"}\n");
        assertEquals("exit 3", GenerationHistory.load(dir).newestFirst().getFirst().how());
        assertTrue(GenerationHistory.load(dir.resolve("none")).newestFirst().isEmpty());
    }
}
