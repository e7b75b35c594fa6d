package dev.soleinit.storage;

import static dev.soleinit.fuzz.Fuzzing.empty;
import static dev.soleinit.fuzz.Fuzzing.folder;
import static dev.soleinit.fuzz.Fuzzing.halves;
import static dev.soleinit.fuzz.Fuzzing.require;

import dev.soleinit.json.Json;
import dev.soleinit.json.JsonException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** What an earlier life left in the journal, and in the older one: it is gone on with, behind it. */
public final class JournalFuzz {
    private static final Path STATE = folder("journal");
    /** A greater one no journal has by itself. */
    private static final long GREATEST = 999_999_999_999_999_999L;

    private JournalFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) throws IOException, JsonException {
        Path file = STATE.resolve("events.jsonl");
        byte[][] both = halves(input);
        Files.write(file, both[0]);
        Files.write(STATE.resolve("events.jsonl.1"), both[1]);
        EventJournal journal = EventJournal.open(STATE);
        journal.append(Map.of("event", "boot"));
        require(journal.dropped() == 0, "the line is written");
        String text = Files.readString(file, StandardCharsets.ISO_8859_1);
        String before = new String(both[0], StandardCharsets.ISO_8859_1);
        require(text.startsWith(before) && text.endsWith("\n"), "nothing that was there is lost");
        String[] lines = text.split("\n");
        Map<?, ?> line = (Map<?, ?>) Json.parse(lines[lines.length - 1]);
        require(line.get("seq") instanceof Long seq && seq > 0, "a number rises from 1 on");
        EventJournal next = EventJournal.open(STATE);
        next.append(Map.of("event", "boot"));
        Map<?, ?> following = (Map<?, ?>) Json.parse(next.since(0).getLast());
        require((Long) following.get("seq") > (Long) line.get("seq")
                || (Long) line.get("seq") > GREATEST, "a later number is greater");
        empty(STATE);
    }
}
