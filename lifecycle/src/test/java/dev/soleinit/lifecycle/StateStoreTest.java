package dev.soleinit.lifecycle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StateStoreTest {
    private static final Map<String, Object> STATE = Map.of("open", List.of(1L, 2L));
    @TempDir
    Path dir;
    private Instant now = Instant.parse("2026-01-01T12:00:00Z");

    /** A new one each time, as each life has its own. */
    private StateStore store() {
        return new StateStore(dir, "work").withClock(() -> now);
    }

    private List<String> names() throws IOException {
        try (Stream<Path> all = Files.list(dir)) {
            return all.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    private Restored.State state(Restored restored) {
        return assertInstanceOf(Restored.State.class, restored);
    }

    /** It failed, lies aside under this name, and the next life finds nothing. */
    private Restored.Failed aside(String why) throws IOException {
        Restored.Failed failed = assertInstanceOf(Restored.Failed.class, store().load());
        Path aside = failed.quarantinedTo().orElseThrow(() -> new AssertionError(failed.toString()));
        assertEquals("work.json." + why + "-" + now.toEpochMilli(),
                aside.getFileName().toString());
        assertEquals(List.of(aside.getFileName().toString()), names());
        assertEquals(new Restored.None(), store().load());
        return failed;
    }

    private void replace(String from, String to) throws IOException {
        Path file = dir.resolve("work.json");
        String text = Files.readString(file);
        assertTrue(text.contains(from), text);
        Files.writeString(file, text.replace(from, to));
    }

    // ---- from one life to the next

    @Test
    void nothingSavedIsNothing() throws IOException {
        assertEquals(new Restored.None(), store().load());
        assertEquals(new Restored.None(), new StateStore(dir.resolve("none"), "work").load());
        assertEquals(List.of(), names());
    }

    @Test
    void aStateComesBackWithItsAgeAndGeneration() throws IOException {
        store().save(STATE, 7);
        assertEquals(List.of("work.json"), names(), "no temporary file stays");
        now = now.plusSeconds(5);
        assertEquals(new Restored.State(STATE, Duration.ofSeconds(5), 1, 7), store().load());
    }

    @Test
    void theDirectoryIsMade() throws IOException {
        new StateStore(dir.resolve("state/handover"), "work").save(STATE, 1);
        assertTrue(Files.exists(dir.resolve("state/handover/work.json")));
    }

    @Test
    void theLastSaveIsTheOneThatCounts() throws IOException {
        store().save(STATE, 1);
        store().save(Map.of("open", List.of()), 2);
        assertEquals(2, state(store().load()).generation());
    }

    @Test
    void numbersTextAndNullComeBackAsTheyWere() throws IOException {
        Map<String, Object> mixed = Map.of("whole", 3, "part", 0.1, "text", "\u00e4\n\"\u2028",
                "list", Arrays.asList(true, null, Map.of()));
        store().save(mixed, 1);
        Map<String, Object> found = state(store().load()).value();
        assertEquals(3L, found.get("whole"), "every whole number is a Long");
        assertEquals(0.1, found.get("part"));
        assertEquals(mixed.get("text"), found.get("text"));
        assertEquals(mixed.get("list"), found.get("list"));
    }

    @Test
    void aConfirmedStateIsGone() throws IOException {
        store().save(STATE, 1);
        StateStore store = store();
        store.load();
        store.confirm();
        assertEquals(List.of(), names());
        assertEquals(new Restored.None(), store().load());
    }

    @Test
    void confirmingTwiceOrNothingIsNoError() throws IOException {
        StateStore store = store();
        store.confirm();
        store.save(STATE, 1);
        store.load();
        store.confirm();
        store.confirm();
        assertEquals(List.of(), names());
    }

    @Test
    void namesDoNotMeet() throws IOException {
        store().save(STATE, 1);
        assertEquals(new Restored.None(), new StateStore(dir, "other").load());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a/b", "../a", "A", "a b", "\u00e4", "a\n"})
    void aNameThatIsNoFileNameIsRefused(String name) {
        assertThrows(IllegalArgumentException.class, () -> new StateStore(dir, name));
    }

    @Test
    void aNameMayHave64Characters() throws IOException {
        new StateStore(dir, "a".repeat(64)).save(STATE, 1);
        assertThrows(IllegalArgumentException.class, () -> new StateStore(dir, "a".repeat(65)));
    }

    // ---- lives that die

    /** As a life leaves it that dies between writing and renaming. */
    private static final String HALF = ".work.json.0b2c1a3e-7f5d-4e6a-9c8b-1d2e3f405162.tmp";

    @Test
    void aDeathBeforeTheRenameLeavesTheOldState() throws IOException {
        store().save(STATE, 1);
        Files.writeString(dir.resolve(HALF), "{\"format\":1,\"chec");
        assertEquals(STATE, state(store().load()).value());
        store().save(STATE, 2);
        assertFalse(names().contains(HALF), "the next save removes it");
    }

    @Test
    void aDeathBeforeTheFirstRenameLeavesNothing() throws IOException {
        Files.writeString(dir.resolve(HALF), "{\"format\":1,\"chec");
        assertEquals(new Restored.None(), store().load());
    }

    @Test
    void loadingIsClaiming() throws IOException {
        store().save(STATE, 1);
        store().load();
        assertEquals(List.of("work.claimed.json"), names());
        assertTrue(Files.readString(dir.resolve("work.claimed.json")).contains("\"attempts\":1"));
    }

    @Test
    void aDeathBetweenRenameAndCountLosesNothing() throws IOException {
        store().save(STATE, 1);
        Files.move(dir.resolve("work.json"), dir.resolve("work.claimed.json"));
        assertEquals(1, state(store().load()).attempt(), "nobody has had it yet");
    }

    @Test
    void aDeathBeforeConfirmingGivesItToTheNextLife() throws IOException {
        store().save(STATE, 4);
        assertEquals(1, state(store().load()).attempt());
        now = now.plusSeconds(1);
        assertEquals(new Restored.State(STATE, Duration.ofSeconds(1), 2, 4), store().load());
    }

    @Test
    void afterThreeAttemptsItIsSetAside() throws IOException {
        store().save(STATE, 1);
        for (int attempt = 1; attempt <= 3; attempt++) {
            assertEquals(attempt, state(store().load()).attempt());
        }
        assertTrue(aside("exhausted").reason().contains("3 times"));
    }

    @Test
    void fewerAttemptsMayBeAllowed() throws IOException {
        store().save(STATE, 1);
        store().withMaxAttempts(1).load();
        assertInstanceOf(Restored.Failed.class, store().withMaxAttempts(1).load());
    }

    @Test
    void aNewerSaveWinsAndTheOldClaimIsSetAside() throws IOException {
        store().save(STATE, 1);
        store().load();
        store().save(Map.of("newer", true), 2);
        assertEquals(new Restored.State(Map.of("newer", true), Duration.ZERO, 1, 2),
                store().load());
        assertEquals(List.of("work.claimed.json", "work.json.superseded-" + now.toEpochMilli()),
                names());
    }

    @Test
    void confirmingLeavesWhatWasSavedSince() throws IOException {
        store().save(STATE, 1);
        StateStore store = store();
        store.load();
        store.save(STATE, 2);
        store.confirm();
        assertEquals(2, state(store().load()).generation());
    }

    // ---- time

    @Test
    void anOldStateIsSetAside() throws IOException {
        store().save(STATE, 1);
        now = now.plus(Duration.ofMinutes(10)).plusMillis(1);
        assertTrue(aside("expired").reason().contains("600 s"));
    }

    @Test
    void aStateOfJustThatAgeIsNotTooOld() throws IOException {
        store().save(STATE, 1);
        now = now.plus(Duration.ofMinutes(10));
        assertEquals(Duration.ofMinutes(10), state(store().load()).age());
    }

    @Test
    void theAgeMayBeSet() throws IOException {
        store().save(STATE, 1);
        now = now.plusSeconds(2);
        assertInstanceOf(Restored.Failed.class,
                store().withMaxAge(Duration.ofSeconds(1)).load());
    }

    @Test
    void afterAClockWasSetBackAStateIsFresh() throws IOException {
        store().save(STATE, 1);
        now = now.minus(Duration.ofDays(400));
        assertEquals(Duration.ZERO, state(store().load()).age());
    }

    // ---- files that are no state

    @ParameterizedTest
    @ValueSource(strings = {"", "null", "[]", "{}", "{\"format\":1}", "\u0000\u0001",
        "{\"format\":1}x", "{\"format\":1,\"state\":{},\"checksum\":7}"})
    void aFileThatIsNoStateIsSetAside(String content) throws IOException {
        Files.writeString(dir.resolve("work.json"), content);
        aside("corrupt");
    }

    @Test
    void aTruncatedFileIsSetAsideWhereverItEnds() throws IOException {
        store().save(STATE, 1);
        byte[] whole = Files.readAllBytes(dir.resolve("work.json"));
        // without its last line feed it is still whole
        for (int length = 0; length < whole.length - 1; length++) {
            Files.write(dir.resolve("work.json"), Arrays.copyOf(whole, length));
            Restored.Failed failed = aside("corrupt");
            Files.delete(failed.quarantinedTo().orElseThrow());
        }
    }

    @Test
    void aFlippedByteOfTheStateIsNoticed() throws IOException {
        store().save(STATE, 1);
        replace("\"open\"", "\"oqen\"");
        assertTrue(aside("corrupt").reason().contains("checksum"));
    }

    @Test
    void aFlippedByteThatIsNoTextIsNoticed() throws IOException {
        store().save(STATE, 1);
        byte[] whole = Files.readAllBytes(dir.resolve("work.json"));
        whole[whole.length / 2] ^= (byte) 0x80;
        Files.write(dir.resolve("work.json"), whole);
        aside("corrupt");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"0\"", "null", "1.5", "{}", "true"})
    void aNumberOfTheWrongTypeIsCorrupt(String value) throws IOException {
        store().save(STATE, 1);
        replace("\"attempts\":0", "\"attempts\":" + value);
        aside("corrupt");
    }

    @Test
    void aTimeThatIsNoneIsCorrupt() throws IOException {
        store().save(STATE, 1);
        replace("\"savedAt\":\"2026", "\"savedAt\":\"x026");
        aside("corrupt");
    }

    @Test
    void aNegativeCountOfAttemptsIsCorrupt() throws IOException {
        store().save(STATE, 1);
        replace("\"attempts\":0", "\"attempts\":-9");
        aside("corrupt");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"1\"", "null", "0", "-1", "1.0"})
    void aFormatThatNeverWasIsCorrupt(String format) throws IOException {
        store().save(STATE, 1);
        replace("\"format\":1", "\"format\":" + format);
        aside("corrupt");
    }

    @Test
    void aLaterFormatIsSetAsideAsSuch() throws IOException {
        store().save(STATE, 1);
        replace("\"format\":1", "\"format\":2");
        assertTrue(aside("future").reason().contains("format 2"));
    }

    @Test
    void aClaimThatBecameCorruptIsSetAside() throws IOException {
        store().save(STATE, 1);
        store().load();
        Files.writeString(dir.resolve("work.claimed.json"), "{");
        aside("corrupt");
    }

    @Test
    void twoSetAsideAtOnceAreBothKept() throws IOException {
        for (int i = 0; i < 2; i++) {
            Files.writeString(dir.resolve("work.json"), "broken " + i);
            store().load();
        }
        assertEquals(2, names().size(), names().toString());
    }

    @Test
    void oneNameIsNotTheClaimOfAnother() {
        assertThrows(IllegalArgumentException.class, () -> new StateStore(dir, "work.claimed"));
    }

    // ---- places that cannot be written

    @Test
    void aStateThatCannotBeReplacedSaysSo() throws IOException {
        // rename(2) puts no file in place of a directory, not even for root
        Files.createDirectories(dir.resolve("work.json/full"));
        IOException said = assertThrows(IOException.class, () -> store().save(STATE, 1));
        assertTrue(said.getMessage().contains("work.json"), said.getMessage());
        assertEquals(List.of("work.json"), names(), "no temporary file stays");
    }

    @Test
    void aDirectoryThatIsNoneSaysSo() throws IOException {
        Path file = Files.writeString(dir.resolve("file"), "");
        IOException said = assertThrows(IOException.class,
                () -> new StateStore(file, "work").save(STATE, 1));
        assertTrue(said.getMessage().contains(file.toString()), said.getMessage());
    }

    @Test
    void aPlaceThatCannotBeWrittenIsNamed() throws IOException {
        Path file = Files.createFile(dir.resolve("file"));
        IOException said = assertThrows(IOException.class,
                () -> new StateStore(file, "work").save(STATE, 1));
        assertTrue(said.getMessage().contains(file.toString()), said.getMessage());
    }

    @Test
    void whatCouldNotBeClaimedIsNotConfirmedAway() throws IOException {
        store().save(STATE, 1);
        Path claimed = dir.resolve("work.claimed.json");
        Path kept = dir.resolve("kept");
        // it is asked for the time between reading and writing the raised count
        StateStore store = store().withClock(() -> {
            putInTheWay(claimed, kept);
            return now;
        });
        assertInstanceOf(Restored.Failed.class, store.load());
        store.confirm();
        assertTrue(Files.isDirectory(claimed), "nothing there is removed");
        Files.delete(claimed.resolve("full"));
        Files.delete(claimed);
        Files.move(kept, claimed);
        assertEquals(STATE, state(store().load()).value());
    }

    private static void putInTheWay(Path claimed, Path kept) {
        try {
            Files.move(claimed, kept);
            Files.createDirectories(claimed.resolve("full"));
        } catch (IOException failed) {
            throw new IllegalStateException(failed);
        }
    }

    @Test
    void aStateThatCouldNotBeReadBackIsRefused() throws IOException {
        Map<String, Object> deep = Map.of();
        for (int i = 0; i < 40; i++) {
            deep = Map.of("in", deep);
        }
        Map<String, Object> tooDeep = deep;
        store().save(STATE, 1);
        assertThrows(IOException.class, () -> store().save(tooDeep, 2));
        assertEquals(1, state(store().load()).generation(), "what was kept stays");
    }
}
