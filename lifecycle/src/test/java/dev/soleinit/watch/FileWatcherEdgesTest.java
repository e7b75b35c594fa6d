package dev.soleinit.watch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Links and directories that are exchanged, and takers that misbehave; without the poll. */
class FileWatcherEdgesTest extends WatchedFolder {
    private void swap(Path link, String target) throws IOException {
        Path temporary = link.resolveSibling("..tmp");
        Files.createSymbolicLink(temporary, Path.of(target));
        Files.move(temporary, link, StandardCopyOption.ATOMIC_MOVE);
    }

    @Test
    void aLinkOnTheWayToTheFileIsWatched() throws Exception {
        write("releases/1/b", "one");
        write("releases/2/b", "two");
        Path current = Files.createSymbolicLink(root.resolve("current"), Path.of("releases/1"));
        Path file = current.resolve("b");
        told.watch(file);
        swap(current, "releases/2");
        assertEquals(List.of(file), told.next().files());
        told.settle();
        write("releases/2/b", "three");
        assertEquals(List.of(file), told.next().files());
    }

    @Test
    void aLinkInTheMiddleOfAChainIsWatched() throws Exception {
        write("volume/v1/b", "one");
        write("volume/v2/b", "two");
        Files.createSymbolicLink(root.resolve("volume/..data"), Path.of("v1"));
        Files.createSymbolicLink(root.resolve("volume/b"), Path.of("..data/b"));
        Files.createDirectory(root.resolve("etc"));
        Path file = Files.createSymbolicLink(root.resolve("etc/b"), Path.of("../volume/b"));
        told.watch(file);
        swap(root.resolve("volume/..data"), "v2");
        assertEquals(List.of(file), told.next().files());
    }

    @Test
    void aLinkInATreeThatLeadsOutOfItIsWatched() throws Exception {
        Path target = write("elsewhere/b", "one");
        Path tree = Files.createDirectory(root.resolve("tree"));
        Path file = Files.createSymbolicLink(tree.resolve("b"), target);
        told.watch(tree);
        write("elsewhere/b", "two");
        assertEquals(List.of(file), told.next().files());
    }

    @Test
    void aLinkedDirectoryInATreeIsWatchedAfterItsSwap() throws Exception {
        write("v1/b", "one");
        write("v2/b", "two");
        Path tree = Files.createDirectory(root.resolve("tree"));
        Path data = Files.createSymbolicLink(tree.resolve("..data"), Path.of("../v1"));
        told.watch(tree);
        swap(data, "../v2");
        assertEquals(List.of(data.resolve("b")), told.next().files());
        told.settle();
        write("v2/b", "three");
        assertEquals(List.of(data.resolve("b")), told.next().files());
    }

    @Test
    void aDirectoryThatIsExchangedIsWatched() throws Exception {
        Path file = write("tree/sub/b", "one");
        write("new/b", "two");
        told.watch(root.resolve("tree"));
        Files.move(root.resolve("tree/sub"), root.resolve("old"));
        Files.move(root.resolve("new"), root.resolve("tree/sub"));
        assertEquals(List.of(file), told.next().files());
        told.settle();
        write("tree/sub/b", "three");
        assertEquals(List.of(file), told.next().files());
    }

    @Test
    void anotherNameOfADirectoryThatGoesDoesNotTakeItsWatchAlong() throws Exception {
        Path file = write("b-real/b", "one");
        for (String name : List.of("a-link", "c-link")) {
            Files.createSymbolicLink(root.resolve(name), Path.of("b-real"));
        }
        told.watch(root);
        for (String name : List.of("a-link", "c-link")) {
            Files.delete(root.resolve(name));
            told.next();
            told.settle();
            write("b-real/b", "after " + name);
            assertTrue(told.next().files().contains(file));
        }
    }

    /** Through another name of the file, so that there are no events. */
    @Test
    void aHalfWrittenFileThatThePollFindsIsNotReported() throws Exception {
        Path file = write("b", "");
        Path elsewhere = Files.createLink(Files.createDirectory(dir.resolve("elsewhere"))
                .resolve("other-name"), file);
        told.beSlow();
        told.watch(List.of(file), Duration.ofMillis(30));
        StringBuilder whole = new StringBuilder();
        for (int i = 0; i < 8; i++) {
            Files.writeString(elsewhere, "line " + i + "\n", StandardOpenOption.APPEND);
            whole.append("line ").append(i).append('\n');
            Thread.sleep(WatcherHarness.QUIET.multipliedBy(2));
        }
        assertEquals(WatcherHarness.hash(whole.toString()), told.next().now().files().get(file));
        told.expectNothing();
    }

    @Test
    void aTakerThatIsInterruptedDoesNotEndTheThread() throws Exception {
        told.during(() -> Thread.currentThread().interrupt());
        survives();
    }

    @Test
    void aTakerThatFailsBadlyDoesNotEndTheThread() throws Exception {
        told.during(() -> {
            throw new AssertionError("on purpose");
        });
        survives();
    }

    private void survives() throws Exception {
        Path file = write("b", "one");
        told.watch(file);
        for (String content : List.of("two", "three")) {
            write("b", content);
            assertEquals(WatcherHarness.hash(content), told.next().now().files().get(file));
        }
    }

    /** What others take of the processors is not what looking at the files takes. */
    @Test
    void aLoadedMachineDoesNotMakeItLookLessOften() throws InterruptedException {
        Duration poll = Duration.ofSeconds(5);
        long second = 1_000_000_000L;
        assertEquals(Duration.ofSeconds(8), FileWatcher.pollInterval(poll, second, 4 * second / 10));
        assertEquals(Duration.ofSeconds(8), FileWatcher.pollInterval(poll, 2 * second, 4 * second / 10));
        assertEquals(Duration.ofSeconds(40), FileWatcher.pollInterval(poll, 10 * second, second / 10),
                "a slow disk is not read all the time");
        assertEquals(poll, FileWatcher.pollInterval(poll, second / 10, second / 10));
        long before = FileWatcher.used();
        Thread.sleep(200);
        long asleep = FileWatcher.used() - before;
        for (long end = System.nanoTime() + second; FileWatcher.used() - before < asleep + second / 100;) {
            assertTrue(System.nanoTime() < end, "it counts what is used");
        }
        assertTrue(asleep < second / 10, "and not what is waited: " + asleep);
    }
}
