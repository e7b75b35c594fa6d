package dev.soleinit.supervisor.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.statemachine.model.Effect;
import dev.soleinit.statemachine.work.WorkItem;
import dev.soleinit.storage.RestartManifest;
import dev.soleinit.storage.RestartManifest.Entry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InterruptedWorkStoreTest {
    @TempDir
    Path dir;

    /** As a new supervisor finds it. */
    private InterruptedWorkStore desk() {
        return new InterruptedWorkStore(dir, line -> { });
    }

    private static WorkItem item(String id) {
        return new WorkItem(id, "session", "an upload", true, Optional.of("at 3"), "", 0);
    }

    private static Effect.SaveManifest left(long generation, int drained, WorkItem... items) {
        return new Effect.SaveManifest(1, generation, "restart", List.of(items), drained, true);
    }

    /** No file can be renamed over a folder that has something in it. */
    private Path block() throws IOException {
        return Files.createDirectories(dir.resolve("restart-manifest.json").resolve("full"));
    }

    private void unblock() throws IOException {
        Files.delete(dir.resolve("restart-manifest.json").resolve("full"));
        Files.delete(dir.resolve("restart-manifest.json"));
    }

    @Test
    void whatTheDiskDoesNotTakeGoesOnFromMemoryAndIsWrittenOnceThereIsRoom() throws IOException {
        InterruptedWorkStore desk = desk();
        block();
        assertThrows(IOException.class, () -> desk.save(left(1, 0, item("a"), item("b"))));
        assertEquals("a", desk.claim(2, Set.of()).orElseThrow().id());
        assertTrue(desk.confirm("a"));
        unblock();
        assertEquals("b", desk.claim(2, Set.of()).orElseThrow().id());
        assertEquals("b", desk().claim(3, Set.of()).orElseThrow().id(), "another supervisor finds it");
    }

    @Test
    void workOfAProcessThatLivesOnIsNotResumed() throws IOException {
        InterruptedWorkStore desk = desk();
        block();
        assertThrows(IOException.class, () -> desk.save(new Effect.SaveManifest(1, 1, "restart",
                List.of(item("a")), 0, false)));
        assertEquals(0, desk.candidates());
    }

    @Test
    void whatIsLeftIsHandedOverOnePieceAtATimeAndGoneOnceConfirmed() throws IOException {
        desk().save(left(1, 4, item("a"), item("b")));
        InterruptedWorkStore next = desk();
        assertEquals("a", next.claim(2, Set.of()).orElseThrow().id());
        assertTrue(next.confirm("a"));
        Entry second = next.claim(2, Set.of()).orElseThrow();
        assertEquals("b", second.id());
        assertEquals(Optional.of("at 3"), second.checkpoint());
        assertEquals(Optional.empty(), next.claim(2, Set.of()));
        assertTrue(next.confirm("b"));
        assertFalse(next.confirm("b"));
        assertFalse(Files.exists(dir.resolve("restart-manifest.json")));
    }

    @Test
    void aCrashBetweenClaimAndConfirmLeavesItToTheNextGeneration() throws IOException {
        desk().save(left(1, 0, item("a")));
        assertEquals(1, desk().claim(2, Set.of()).orElseThrow().attempts());
        assertEquals(2, desk().claim(3, Set.of()).orElseThrow().attempts());
        assertEquals(3, desk().claim(4, Set.of()).orElseThrow().attempts());
        assertEquals(Optional.empty(), desk().claim(5, Set.of()), "after three attempts it is given up");
        assertEquals(0, desk().candidates());
    }

    @Test
    void whatAGenerationEndsAfterAllIsNotResumed() throws IOException {
        InterruptedWorkStore desk = desk();
        desk.save(left(1, 0, item("a"), item("b")));
        desk.save(left(1, 1, item("b")));
        assertEquals("b", desk.claim(2, Set.of()).orElseThrow().id());
        assertEquals(Optional.empty(), desk.claim(2, Set.of()));
    }

    @Test
    void unconfirmedWorkOfOlderGenerationsStays() throws IOException {
        InterruptedWorkStore desk = desk();
        desk.save(left(1, 0, item("a")));
        desk.save(left(2, 0, item("b")));
        assertEquals(2, desk.candidates());
    }

    @Test
    void whatIsTooOldIsNotResumedAndAStepBackOfTheClockMakesNothingLiveLonger() throws IOException {
        write(Instant.now().minusSeconds(1));
        assertEquals(Optional.empty(), desk().claim(2, Set.of()));
        write(Instant.now().plus(Duration.ofDays(3)));
        Instant deadline = desk().claim(2, Set.of()).orElseThrow().deadline();
        assertTrue(deadline.isBefore(Instant.now().plus(Duration.ofMinutes(11))), deadline.toString());
    }

    private void write(Instant deadline) throws IOException {
        new RestartManifest("restart", "", 1, 0, List.of(new Entry("a", "session", "", true,
                Optional.empty(), 1, deadline, 0, 0))).write(dir);
    }
}
