package dev.soleinit.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.storage.files.RunDirException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StateDirTest {
    @TempDir
    Path dir;

    private List<String> names() throws IOException {
        try (Stream<Path> all = Files.list(dir)) {
            return all.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void theCounterComesBackAsItWasStored() throws IOException {
        StateDir state = StateDir.open(dir);
        state.store(41);
        state.publish(41);
        assertEquals(41, StateDir.open(dir).loadGeneration(0));
        assertEquals("41\n", Files.readString(dir.resolve("generation")));
        assertEquals(List.of("generation", "generation.slots"), names(), "no temporary file stays");
    }

    @Test
    void theCounterNeverFallsBehindTheHint() throws IOException {
        StateDir state = StateDir.open(dir);
        state.store(3);
        state.publish(3);
        assertEquals(9, StateDir.open(dir).loadGeneration(9));
        assertEquals(3, StateDir.open(dir).loadGeneration(1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "12garbage", "-4", "\u0000\u0001", "99999999999999999999999"})
    void aBrokenCounterIsSetAsideAndReported(String content) throws IOException {
        Files.writeString(dir.resolve("generation"), content);
        StateDir state = StateDir.open(dir);
        assertEquals(5, state.loadGeneration(5));
        assertTrue(names().get(1).startsWith("generation.corrupt-"), names().toString());
        assertTrue(state.warnings().getFirst().contains("set aside"), state.warnings().toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{\"failures\":", "[]", "{\"failures\":-1}", "{\"failures\":\"x\"}"})
    void abrokenBackoffCountsAsNone(String content) throws IOException {
        Files.writeString(dir.resolve("backoff.json"), content);
        StateDir state = StateDir.open(dir);
        int failures = state.loadBackoff().failures();
        assertEquals(0, failures);
    }

    @Test
    void theBackoffComesBackAsItWasStored() throws IOException {
        StateDir.open(dir).storeBackoff(new StateDir.Backoff(7));
        assertEquals(7, StateDir.open(dir).loadBackoff().failures());
    }

    @Test
    void aReaderNeverSeesAHalfWrittenFile() throws Exception {
        PidFile file = new PidFile(dir);
        file.write(1);
        Thread writer = new Thread(() -> {
            try {
                for (int i = 0; i < 300; i++) {
                    file.write(i % 2 == 0 ? 1 : 1_234_567);
                }
            } catch (IOException unexpected) {
                throw new IllegalStateException(unexpected);
            }
        });
        writer.start();
        while (writer.isAlive()) {
            String seen = Files.readString(dir.resolve("daemon.pid"));
            assertTrue(seen.equals("1\n") || seen.equals("1234567\n"), "saw '" + seen + "'");
        }
    }

    @Test
    void whoeverHasTheLockKeepsItFromOthers() throws IOException {
        Path file = dir.resolve("lock");
        assertFalse(ProcessLock.isHeld(file));
        try (ProcessLock lock = ProcessLock.acquire(file).orElseThrow()) {
            assertTrue(ProcessLock.isHeld(file));
            assertTrue(ProcessLock.acquire(file).isEmpty(), "held by " + lock);
        }
        assertFalse(ProcessLock.isHeld(file));
        assertEquals(0, Files.size(file), "never written");
    }

    @Test
    void aDirectoryThatCannotBeMadeSaysWhatToDo() throws IOException {
        Path file = Files.writeString(dir.resolve("file"), "");
        RunDirException said = assertThrows(RunDirException.class,
                () -> StateDir.open(file.resolve("state")));
        assertTrue(said.getMessage().contains("--state-dir"), said.getMessage());
    }

    @Test
    void aBrokenMarkerIsNoMarker() throws IOException {
        Files.writeString(dir.resolve("supervisor.json"), "{\"pid\":1,");
        assertTrue(SupervisorMarker.read(dir).isEmpty());
    }

    @Test
    void theJournalRotatesAndItsNumbersRise() throws IOException {
        EventJournal journal = EventJournal.open(dir);
        for (int i = 0; i < 12_000; i++) {
            journal.append(Map.of("event", "x".repeat(100)));
        }
        assertTrue(Files.size(dir.resolve("events.jsonl")) <= 1 << 20);
        assertTrue(Files.size(dir.resolve("events.jsonl.1")) <= 1 << 20);
        assertEquals(256, journal.since(0).size(), "so many are remembered");
        assertEquals(0, journal.dropped());
    }

    @Test
    void aHalfLineOfAnEarlierLifeIsEnded() throws IOException {
        Files.writeString(dir.resolve("events.jsonl"), "{\"seq\":1}\n{\"seq\":2,\"ev");
        EventJournal.open(dir).append(Map.of("event", "boot"));
        List<String> lines = Files.readAllLines(dir.resolve("events.jsonl"));
        assertEquals(3, lines.size());
        assertTrue(lines.get(2).contains("boot"), lines.toString());
    }

    @Test
    void numbersRiseAcrossLives() throws IOException {
        EventJournal.open(dir).append(Map.of("event", "first"));
        EventJournal.open(dir).append(Map.of("event", "second"));
        List<Long> numbers = Files.readAllLines(dir.resolve("events.jsonl")).stream()
                .map(line -> Long.parseLong(line.replaceAll("\\{\"seq\":([0-9]+).*", "$1"))).toList();
        assertTrue(numbers.get(1) > numbers.get(0), numbers.toString());
    }
}
