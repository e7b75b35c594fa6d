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
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateStoreTest {
    private static final Map<String, Object> STATE = Map.of("users", List.of("a", "b"), "n", 3L);

    @TempDir
    Path dir;

    private StateStore store() {
        return new StateStore(dir, "s");
    }

    private Restored.State state(Restored found) {
        return assertInstanceOf(Restored.State.class, found);
    }

    private void failed(String why, String suffix) {
        Restored.Failed failed = assertInstanceOf(Restored.Failed.class, store().load());
        assertTrue(failed.reason().contains(why), failed.reason());
        String aside = failed.aside().orElseThrow().getFileName().toString();
        assertTrue(aside.contains(suffix), aside);
        assertTrue(Files.exists(failed.aside().get()), "it is set aside, not dropped");
        assertInstanceOf(Restored.Nothing.class, store().load());
    }

    @Test
    void whatIsSavedIsLoadedOnceItIsConfirmedItIsGone() throws IOException {
        assertInstanceOf(Restored.Nothing.class, store().load());
        store().save(STATE, 7);
        Restored.State found = state(store().load());
        assertEquals(STATE, found.value());
        assertEquals(7, found.generation());
        assertEquals(1, found.attempt());
        store().confirm();
        assertInstanceOf(Restored.Nothing.class, store().load());
    }

    @Test
    void aLifeThatDiesBeforeItConfirmsLeavesItToTheNextThreeTimes() throws IOException {
        store().save(STATE, 1);
        assertEquals(1, state(store().load()).attempt());
        assertEquals(2, state(store().load()).attempt());
        assertEquals(3, state(store().load()).attempt());
        failed("tried 3 times", "exhausted");
    }

    @Test
    void aNewerSaveWinsAndTheUnconfirmedOneIsSetAside() throws IOException {
        store().save(STATE, 1);
        store().load();
        store().save(Map.of("n", 4L), 2);
        assertEquals(Map.of("n", 4L), state(store().load()).value());
        assertTrue(Files.list(dir).anyMatch(file -> file.toString().contains("superseded")));
    }

    @Test
    void brokenChangedAndNewerFilesAreSetAside() throws IOException {
        store().save(STATE, 1);
        String good = Files.readString(dir.resolve("s.json"));
        for (String broken : List.of("", "{half", good.replace("\"b\"", "\"c\""), "[]",
                good.substring(0, good.length() / 2))) {
            Files.writeString(dir.resolve("s.json"), broken);
            failed("corrupt", "corrupt");
        }
        Files.writeString(dir.resolve("s.json"), good.replace("\"format\":1", "\"format\":2"));
        failed("format 2", "future");
    }

    @Test
    void aLeftoverTemporaryFileIsNoState() throws IOException {
        Files.writeString(dir.resolve(".s.json.tmp"), "{half");
        assertInstanceOf(Restored.Nothing.class, store().load());
    }

    @Test
    void tooOldIsNotRestoredAndAClockThatWasSetBackIsFresh() throws IOException {
        store().save(STATE, 1);
        Instant later = Instant.now().plus(Duration.ofMinutes(11));
        assertInstanceOf(Restored.Failed.class,
                store().withClock(InstantSource.fixed(later)).load());
        store().withClock(InstantSource.fixed(later)).save(STATE, 1);
        assertEquals(Duration.ZERO, state(store().load()).age());
        assertThrows(IllegalArgumentException.class, () -> new StateStore(dir, "../x"));
        assertFalse(Files.exists(dir.resolve("s.json")));
    }
}
