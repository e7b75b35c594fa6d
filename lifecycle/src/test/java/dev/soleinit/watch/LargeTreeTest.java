package dev.soleinit.watch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** More than is read and remembered is watched all the same, by its dates, and that is said. */
class LargeTreeTest extends WatchedFolder {
    private static final String LINE = "Cannot compare the contents of watched files";

    private void fill(int files) throws IOException {
        for (int i = 0; i < files; i++) {
            Path directory = root.resolve("d" + i % 50);
            if (i < 50) {
                Files.createDirectory(directory);
            }
            Files.createFile(directory.resolve("f" + i));
        }
    }

    @Test
    void asManyAsAreReadAreKnownByName() throws IOException {
        fill(WatchedFiles.MAX_FILES);
        WatchedFiles contents = new WatchedFiles(List.of(root), List.of());
        assertEquals(WatchedFiles.MAX_FILES, contents.snapshot().files().size());
        assertFalse(contents.isByDate());
    }

    @Test
    void oneMoreIsKnownByDate() throws IOException {
        fill(WatchedFiles.MAX_FILES + 1);
        WatchedFiles contents = new WatchedFiles(List.of(root), List.of());
        Snapshot first = contents.snapshot();
        assertTrue(contents.isByDate());
        assertEquals(List.of(), first.changedSince(contents.snapshot()));
        assertEquals(first.hash(), contents.rereadAll().hash());
        Files.writeString(root.resolve("d7/f7"), "x");
        Snapshot second = contents.snapshot();
        assertNotEquals(first.hash(), second.hash());
        Files.move(root.resolve("d7/f7"), root.resolve("d7/f8"));
        assertNotEquals(second.hash(), contents.snapshot().hash());
    }

    @Test
    void aFileThatIsTooLargeToBeReadIsKnownByDate() throws IOException {
        Path large = write("large", "");
        try (RandomAccessFile file = new RandomAccessFile(large.toFile(), "rw")) {
            file.setLength(1L << 40);
        }
        WatchedFiles contents = new WatchedFiles(List.of(root), List.of());
        Snapshot first = contents.snapshot();
        assertTrue(contents.isByDate());
        write("small", "y");
        assertNotEquals(first.hash(), contents.snapshot().hash());
    }

    @Test
    void moreDirectoriesThanAreWatchedAreNotAskedFor() throws IOException {
        for (int i = 0; i < WatchedFiles.MAX_DIRECTORIES + 100; i++) {
            Files.createDirectory(root.resolve("d" + i));
        }
        Set<Path> directories = new WatchedFiles(List.of(root), List.of()).directories();
        assertTrue(directories.size() <= WatchedFiles.MAX_DIRECTORIES + 5, "" + directories.size());
    }

    /** Whoever writes the line fails as badly as can be; the thread goes on all the same. */
    @Test
    void itIsSaidOnceAndTheThreadSurvivesWhateverGoesWrong() throws Exception {
        fill(WatchedFiles.MAX_FILES + 1);
        List<String> lines = new CopyOnWriteArrayList<>();
        LinkedBlockingQueue<Change> changes = new LinkedBlockingQueue<>();
        try (FileWatcher watcher = new FileWatcher(new WatchedFiles(List.of(root), List.of()), WatcherHarness.QUIET,
                WatcherHarness.LONG, changes::add).sayingTrouble(line -> {
                    lines.add(line);
                    throw new OutOfMemoryError("on purpose");
                })) {
            watcher.start();
            assertEquals(List.of(), next(changes).files(), "the first one is told, without names");
            Thread.sleep(WatcherHarness.QUIET.multipliedBy(10));
            Files.writeString(root.resolve("d7/f7"), "x");
            next(changes);
            assertEquals(1, lines.stream().filter(line -> line.startsWith(LINE)).count(),
                    lines.toString());
        }
    }

    private static Change next(LinkedBlockingQueue<Change> changes) throws InterruptedException {
        Change change = changes.poll(WatcherHarness.BOUND.toMillis(), TimeUnit.MILLISECONDS);
        assertTrue(change != null, "nothing was told");
        return change;
    }
}
