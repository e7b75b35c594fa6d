package dev.soleinit.watch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileWatcherTest {
    private static final Duration QUIET = Duration.ofMillis(60);
    private static final Duration NEVER = Duration.ofHours(1);

    @TempDir
    Path dir;

    private final BlockingQueue<Change> changes = new LinkedBlockingQueue<>();
    private FileWatcher watcher;

    private void watch(Duration poll, List<String> ignore, Path... paths) throws Exception {
        Contents contents = new Contents(List.of(paths), ignore);
        watcher = new FileWatcher(contents, contents.take(), QUIET, poll, changes::add);
        watcher.start();
        // the directories are registered shortly after
        Thread.sleep(150);
    }

    @AfterEach
    void close() {
        if (watcher != null) {
            watcher.close();
        }
    }

    private Change change() throws InterruptedException {
        Change change = changes.poll(10, TimeUnit.SECONDS);
        assertTrue(change != null, "expected a change within 10 s");
        return change;
    }

    private void nothing() throws InterruptedException {
        assertNull(changes.poll(500, TimeUnit.MILLISECONDS));
    }

    private Path file(String name, String text) throws IOException {
        Files.createDirectories(dir.resolve(name).getParent());
        return Files.writeString(dir.resolve(name), text);
    }

    @Test
    void anEditInPlaceAndAnEditorsRenameAreChanges() throws Exception {
        Path file = file("a", "one");
        watch(NEVER, List.of(), file);
        Files.writeString(file, "two");
        assertEquals(List.of(file), change().files());
        Files.move(file("a~", "three"), file, StandardCopyOption.REPLACE_EXISTING);
        assertEquals(List.of(file), change().files());
    }

    @Test
    void theSameContentIsNoChangeHoweverItComes() throws Exception {
        Path file = file("a", "one");
        watch(NEVER, List.of(), file);
        Files.writeString(file, "one");
        Files.move(file("a~", "one"), file, StandardCopyOption.REPLACE_EXISTING);
        Files.delete(file);
        Files.writeString(file, "one");
        nothing();
    }

    @Test
    void aFileThatDidNotExistYetAndOneThatGoesAreChanges() throws Exception {
        Path file = dir.resolve("deep/er/a");
        watch(NEVER, List.of(), file);
        file("deep/er/a", "one");
        change();
        Files.delete(file);
        change();
        Files.writeString(file, "two");
        change();
    }

    @Test
    void aSwappedLinkIsAChange() throws Exception {
        file("v1/a", "one");
        file("v2/a", "two");
        Files.createSymbolicLink(dir.resolve("..data"), Path.of("v1"));
        Path link = Files.createSymbolicLink(dir.resolve("a"), Path.of("..data/a"));
        watch(NEVER, List.of(), link);
        Files.createSymbolicLink(dir.resolve("..tmp"), Path.of("v2"));
        Files.move(dir.resolve("..tmp"), dir.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
        change();
        nothing();
    }

    @Test
    void aHalfWrittenFileIsNeverReported() throws Exception {
        Path file = file("a", "one");
        watch(NEVER, List.of(), file);
        try (Writer out = Files.newBufferedWriter(file)) {
            for (int i = 0; i < 10; i++) {
                out.write("part " + i + "\n");
                out.flush();
                Thread.sleep(25);
            }
        }
        change();
        nothing();
    }

    @Test
    void ignoredFilesDoNotCount() throws Exception {
        file("src/a", "one");
        watch(NEVER, List.of("*.log", ".git/*", "gen/*.txt"), dir.resolve("src"));
        file("src/x.log", "x");
        file("src/.git/HEAD", "x");
        file("src/gen/b.txt", "x");
        nothing();
        file("src/gen/b.java", "x");
        change();
    }

    @Test
    void filesInNewDirectoriesAndSeveralAtOnceAreOneChange() throws Exception {
        file("src/a", "one");
        watch(NEVER, List.of(), dir.resolve("src"));
        Path one = file("src/new/b", "one");
        Path other = file("src/c", "one");
        assertEquals(List.of(other, one), change().files());
        file("src/new/b", "two");
        assertEquals(List.of(one), change().files());
    }

    @Test
    void thePollFindsWhatNoEventTells() throws Exception {
        Path target = file("elsewhere/far/a", "one");
        Files.createSymbolicLink(dir.resolve("l1"), Path.of("l2"));
        Files.createSymbolicLink(dir.resolve("l2"), Path.of("elsewhere"));
        file("src/keep", "x");
        Files.createSymbolicLink(dir.resolve("src/linked"), target);
        watch(Duration.ofMillis(100), List.of(), dir.resolve("src"));
        Files.writeString(target, "two");
        change();
    }

    @Test
    void aTakerThatThrowsDoesNotEndTheWatch() throws Exception {
        Path file = file("a", "one");
        Contents contents = new Contents(List.of(file), List.of());
        watcher = new FileWatcher(contents, contents.take(), QUIET, NEVER, change -> {
            changes.add(change);
            throw new IllegalStateException("taker");
        });
        watcher.start();
        Thread.sleep(150);
        Files.writeString(file, "two");
        change();
        Files.writeString(file, "three");
        change();
    }

    @Test
    void loopsOfLinksAndUnreadableFilesAreSurvived() throws Exception {
        file("src/a", "one");
        Files.createSymbolicLink(dir.resolve("src/loop"), dir.resolve("src"));
        Files.createSymbolicLink(dir.resolve("src/self"), Path.of("self"));
        Contents contents = new Contents(List.of(dir.resolve("src")), List.of());
        assertEquals(1, contents.take().files().size());
        assertEquals(contents.take().hash(), contents.takeFresh().hash());
    }

    @Test
    void aMalformedPatternIsNamed() {
        IllegalArgumentException bad = assertThrows(IllegalArgumentException.class,
                () -> new Contents(List.of(dir), List.of("[")));
        assertTrue(bad.getMessage().startsWith("Cannot use ignore pattern '['"), bad.getMessage());
    }
}
