package dev.soleinit.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventJournalTest extends HostileDirectory {
    private Path file;

    @BeforeEach
    void name() {
        file = dir.resolve("events.jsonl");
    }

    private static void fill(EventJournal journal) {
        for (int i = 0; i < 12_000; i++) {
            journal.append(Map.of("event", "x".repeat(100)));
        }
    }

    private void replaceWith(String kind) throws IOException {
        Files.deleteIfExists(file);
        switch (kind) {
            case "nothing" -> { }
            case "link" -> planted.link("events.jsonl");
            case "hard link" -> planted.hardLink("events.jsonl");
            case "pipe" -> planted.pipe("events.jsonl");
            case "directory" -> planted.fullDirectory("events.jsonl");
            default -> throw new IllegalArgumentException(kind);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"nothing", "link", "hard link", "pipe", "directory"})
    void theNextLineIsWrittenWhateverSomebodyHasDoneToTheFile(String kind) throws IOException {
        EventJournal journal = EventJournal.open(dir);
        journal.append(Map.of("event", "first"));
        replaceWith(kind);
        assertTimeoutPreemptively(Duration.ofSeconds(10),
                () -> journal.append(Map.of("event", "second")));
        journal.append(Map.of("event", "third"));
        List<String> lines = Files.readAllLines(file);
        assertEquals(2, lines.size(), lines.toString());
        assertTrue(lines.getFirst().contains("second"), lines.toString());
        assertEquals(!kind.equals("nothing"), lines.getFirst().contains("set aside as"),
                lines.toString());
        assertTrue(Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS));
        assertEquals(0, journal.dropped());
        planted.targetIsUntouched();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 5_000, 11_000})
    void aDirectoryThatSomebodyHasRemovedIsMadeAnew(int linesBefore) throws IOException {
        Path state = Files.createDirectory(dir.resolve("state"));
        EventJournal journal = EventJournal.open(state);
        for (int i = 0; i < linesBefore; i++) {
            journal.append(Map.of("event", "x".repeat(100)));
        }
        Files.walk(state).sorted(java.util.Comparator.reverseOrder()).forEach(one -> one.toFile().delete());
        assertFalse(Files.exists(state));
        fill(journal);
        assertEquals(0, journal.dropped());
        assertTrue(Files.exists(state.resolve("events.jsonl"))
                && Files.exists(state.resolve("events.jsonl.1")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"nothing", "link", "hard link", "pipe", "directory"})
    void soItIsRightBeforeARotation(String kind) throws IOException {
        EventJournal journal = EventJournal.open(dir);
        fill(journal);
        replaceWith(kind);
        fill(journal);
        assertEquals(0, journal.dropped());
        assertTrue(Files.size(file) > 0 && Files.size(file) <= 1 << 20);
        planted.targetIsUntouched();
    }

    @ParameterizedTest
    @ValueSource(strings = {"link", "hard link", "pipe", "directory"})
    void soItIsAtBoot(String kind) throws IOException {
        replaceWith(kind);
        EventJournal journal = assertTimeoutPreemptively(Duration.ofSeconds(10),
                () -> EventJournal.open(dir));
        journal.append(Map.of("event", "boot"));
        assertTrue(Files.readString(file).contains("boot"));
        assertEquals(0, journal.dropped());
        planted.targetIsUntouched();
    }

    @ParameterizedTest
    @ValueSource(strings = {"link", "pipe", "directory"})
    void nothingInThePlaceOfTheOlderFileStopsARotation(String kind) throws IOException {
        switch (kind) {
            case "link" -> planted.link("events.jsonl.1");
            case "pipe" -> planted.pipe("events.jsonl.1");
            default -> planted.fullDirectory("events.jsonl.1");
        }
        EventJournal journal = assertTimeoutPreemptively(Duration.ofSeconds(10),
                () -> EventJournal.open(dir));
        fill(journal);
        assertEquals(0, journal.dropped());
        assertTrue(Files.isRegularFile(dir.resolve("events.jsonl.1"), LinkOption.NOFOLLOW_LINKS));
        planted.targetIsUntouched();
    }

    @Test
    void whereOthersMayWriteTheHistoryIsCopiedIntoAFileOfOurs() throws IOException {
        EventJournal.open(dir).append(Map.of("event", "first"));
        Object before = Files.getAttribute(file, "unix:ino");
        Files.setAttribute(dir, "unix:mode", 0777);
        EventJournal journal = EventJournal.open(dir);
        journal.append(Map.of("event", "second"));
        List<String> lines = Files.readAllLines(file);
        assertEquals(2, lines.size(), lines.toString());
        assertTrue(lines.getLast().startsWith("{\"seq\":2,"), lines.toString());
        assertTrue(!before.equals(Files.getAttribute(file, "unix:ino")), "a new file");
    }

    @Test
    void whatCannotBeWrittenIsCountedAndSaidWithTheNextThatCan() throws IOException {
        EventJournal journal = EventJournal.open(dir);
        Path elsewhere = outside.resolve("moved");
        Files.move(dir, elsewhere);
        Files.writeString(dir, "in the way");
        journal.append(Map.of("event", "lost"));
        journal.append(Map.of("event", "lost"));
        assertEquals(2, journal.dropped());
        Files.delete(dir);
        Files.createDirectory(dir);
        journal.append(Map.of("event", "back"));
        assertTrue(Files.readString(file).contains("\"linesLostBefore\":2"));
        assertEquals(2, journal.dropped());
    }

    @Test
    void aLineStaysOneLineWhateverIsInIt() throws IOException {
        StringBuilder all = new StringBuilder();
        for (char c = 0; c < 0x100; c++) {
            all.append(c);
        }
        all.append("\u2028\u2029\ud800");
        EventJournal journal = EventJournal.open(dir);
        journal.append(Map.of("event", all.toString(), "a\nkey\u0000", "x\r\ny"));
        byte[] content = Files.readAllBytes(file);
        for (int i = 0; i < content.length - 1; i++) {
            assertTrue(content[i] < 0 || content[i] >= 0x20, "control character at " + i);
        }
        assertEquals('\n', content[content.length - 1]);
    }

    @Test
    void theNumbersGoOnBehindLinesThatHaveNone() throws IOException {
        EventJournal journal = EventJournal.open(dir);
        for (String text : List.of("short", "x".repeat(3_000))) {
            journal.append(Map.of("event", text));
        }
        Files.writeString(file, "no line of ours\n".repeat(1_000), StandardOpenOption.APPEND);
        EventJournal.open(dir).append(Map.of("event", "next"));
        String line = Files.readAllLines(file).getLast();
        assertTrue(line.startsWith("{\"seq\":3,"), line);
    }
}
