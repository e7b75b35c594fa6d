package dev.soleinit.watch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is reported, and what is not; without the poll, except where it is named. */
class WatcherReportsTest extends WatchedFolder {
    private Path file;

    @BeforeEach
    void makeFile() throws IOException {
        file = Files.writeString(root.resolve("a.conf"), "one");
    }

    @Test
    void anEditInPlaceIsReported() throws Exception {
        told.watch(file);
        write("a.conf", "two");
        Change change = told.next();
        assertEquals(List.of(file), change.files());
        assertEquals(new WatchedFiles(List.of(file), List.of()).snapshot(), change.now());
        told.expectNothing();
    }

    @Test
    void anEditorsRenameIsReportedTimeAndAgain() throws Exception {
        told.watch(file);
        for (String content : List.of("two", "three", "four")) {
            Files.move(write(".a.conf.swp", content), file, StandardCopyOption.ATOMIC_MOVE);
            assertEquals(List.of(file), told.next().files());
        }
        told.expectNothing();
    }

    @Test
    void aSwappedLinkIsReported() throws Exception {
        write("v1/b", "one");
        write("v2/b", "two");
        Files.createSymbolicLink(root.resolve("..data"), Path.of("v1"));
        Path link = Files.createSymbolicLink(root.resolve("b"), Path.of("..data/b"));
        told.watch(link);
        Files.createSymbolicLink(root.resolve("..tmp"), Path.of("v2"));
        Files.move(root.resolve("..tmp"), root.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
        assertEquals(List.of(link), told.next().files());
        told.settle();
        write("v1/b", "nobody looks here any more");
        told.expectNothing();
        write("v2/b", "three");
        assertEquals(List.of(link), told.next().files(), "the new target is watched");
    }

    @Test
    void aFileThatDidNotExistYetIsReported() throws Exception {
        Path later = root.resolve("not/yet/there.conf");
        told.watch(later);
        write("not/yet/there.conf", "one");
        assertEquals(List.of(later), told.next().files());
        told.settle();
        write("not/yet/there.conf", "two");
        assertEquals(List.of(later), told.next().files());
    }

    @Test
    void aFileThatIsGoneIsReportedAndSoIsItsReturn() throws Exception {
        told.watch(file);
        Files.delete(file);
        assertTrue(told.next().now().files().isEmpty());
        write("a.conf", "one");
        assertEquals(List.of(file), told.next().files());
    }

    @Test
    void aFileThatIsMadeAnewWithOtherContentIsReportedOnce() throws Exception {
        told.beSlow();
        told.watch(file);
        Files.delete(file);
        write("a.conf", "two");
        assertEquals(List.of(file), told.next().files());
        told.expectNothing();
    }

    @Test
    void aFileThatIsMadeAnewWithTheSameContentIsNoChange() throws Exception {
        told.beSlow();
        told.watch(file);
        Files.delete(file);
        write("a.conf", "one");
        told.expectNothing();
        write("a.conf", "two");
        assertEquals(List.of(file), told.next().files(), "it is still watched");
    }

    @Test
    void aDirectoryThatIsMadeAnewIsWatchedAgain() throws Exception {
        Path sub = write("sub/b", "one");
        told.watch(root);
        Files.delete(sub);
        Files.delete(sub.getParent());
        assertEquals(List.of(sub), told.next().files());
        write("sub/b", "two");
        assertEquals(List.of(sub), told.next().files());
        told.settle();
        write("sub/b", "three");
        assertEquals(List.of(sub), told.next().files());
    }

    @Test
    void theSameContentWrittenAgainIsNoChange() throws Exception {
        told.watch(root);
        write("a.conf", "one");
        Files.setLastModifiedTime(file, FileTime.fromMillis(1));
        Files.move(write("a.conf~", "one"), file, StandardCopyOption.REPLACE_EXISTING);
        Files.createDirectory(root.resolve("empty"));
        told.expectNothing();
    }

    @Test
    void aHalfWrittenFileIsNeverReported() throws Exception {
        told.beSlow();
        told.watch(root);
        StringBuilder whole = new StringBuilder();
        Files.writeString(file, "");
        for (int i = 0; i < 15; i++) {
            Thread.sleep(WatcherHarness.QUIET.dividedBy(2));
            Files.writeString(file, "line " + i + "\n", StandardOpenOption.APPEND);
            whole.append("line ").append(i).append('\n');
        }
        Change change = told.next();
        assertEquals(WatcherHarness.hash(whole.toString()), change.now().files().get(file));
        told.expectNothing();
    }

    @Test
    void aChangeTakenBackAtOnceIsNone() throws Exception {
        told.beSlow();
        told.watch(file);
        write("a.conf", "two");
        write("a.conf", "one");
        told.expectNothing();
    }

    @Test
    void aChangeTakenBackAfterItWasReportedIsAChange() throws Exception {
        Snapshot first = told.watch(file);
        write("a.conf", "two");
        assertNotEquals(first, told.next().now());
        write("a.conf", "one");
        assertEquals(first, told.next().now());
    }

    @Test
    void anIgnoredFileIsNotReported() throws Exception {
        told.watch(List.of(root), WatcherHarness.LONG, "*.log", ".git/*");
        write("noise.log", "x");
        write(".git/index", "x");
        write("sub/deep.log", "x");
        told.expectNothing();
        Path seen = write("sub/b", "x");
        assertEquals(List.of(seen), told.next().files());
    }

    @Test
    void aFileInANewDirectoryIsReported() throws Exception {
        told.watch(root);
        Path deep = write("new/and/deep/b", "one");
        assertEquals(List.of(deep), told.next().files());
        told.settle();
        write("new/and/deep/b", "two");
        assertEquals(List.of(deep), told.next().files());
    }

    @Test
    void filesThatChangeTogetherAreReportedTogether() throws Exception {
        Path second = write("sub/b", "one");
        told.beSlow();
        told.watch(root);
        write("a.conf", "two");
        Thread.sleep(WatcherHarness.QUIET.dividedBy(2));
        write("sub/b", "two");
        assertEquals(List.of(file, second), told.next().files());
        told.expectNothing();
    }

    @Test
    void aChangeWhileTheTakerIsBusyIsReportedAfterwards() throws Exception {
        told.during(() -> {
            if (told.taken() == 1) {
                write("a.conf", "three");
            }
        });
        told.watch(file);
        write("a.conf", "two");
        assertEquals(WatcherHarness.hash("two"), told.next().now().files().get(file));
        assertEquals(WatcherHarness.hash("three"), told.next().now().files().get(file));
        told.expectNothing();
    }

    @Test
    void aTakerThatFailsIsAskedAgainTheNextTime() throws Exception {
        told.during(() -> {
            throw new IllegalStateException("on purpose");
        });
        told.watch(file);
        for (String content : List.of("two", "three")) {
            write("a.conf", content);
            assertEquals(WatcherHarness.hash(content), told.next().now().files().get(file));
        }
    }

    /** Written through another name: the watches on the directory see nothing of it. */
    @Test
    void thePollAloneFindsIt() throws Exception {
        Path elsewhere = Files.createLink(Files.createDirectory(dir.resolve("elsewhere"))
                .resolve("other-name"), file);
        told.watch(List.of(file), Duration.ofMillis(500));
        Files.writeString(elsewhere, "two");
        assertEquals(List.of(file), told.next().files());
        Files.writeString(elsewhere, "two");
        told.expectNothing();
    }

    @Test
    void withoutThePollThatIsNotFound() throws Exception {
        Path elsewhere = Files.createLink(Files.createDirectory(dir.resolve("elsewhere"))
                .resolve("other-name"), file);
        told.watch(file);
        Files.writeString(elsewhere, "two");
        told.expectNothing();
    }

    @Test
    void aLoopOfLinksDoesNotKeepItFromWatching() throws Exception {
        Files.createSymbolicLink(root.resolve("up"), Path.of(".."));
        Files.createSymbolicLink(root.resolve("self"), Path.of("self"));
        told.watch(root);
        write("a.conf", "two");
        assertTrue(told.next().files().contains(file));
    }

    @Test
    void aBusyNeighbourDelaysButDoesNotHideAChange() throws Exception {
        told.watch(file);
        Thread neighbour = new Thread(() -> {
            try {
                for (int i = 0; i < 3000 && !Thread.interrupted(); i++) {
                    write("busy.log", "x" + i);
                    Thread.sleep(5);
                }
            } catch (IOException | InterruptedException over) {
                // the test is over
            }
        });
        neighbour.start();
        write("a.conf", "two");
        assertEquals(List.of(file), told.next().files());
        neighbour.interrupt();
        neighbour.join(WatcherHarness.BOUND);
    }

    @Test
    void itsThreadIsADaemonAndEndsWithIt() throws Exception {
        told.watch(file);
        Thread thread = told.thread();
        assertTrue(thread.isDaemon());
        told.close();
        assertTrue(thread.join(WatcherHarness.BOUND));
        write("a.conf", "two");
        told.expectNothing();
    }

    @Test
    void closingTwiceOrBeforeItStartsIsNoMistake() {
        WatchedFiles contents = new WatchedFiles(List.of(file), List.of());
        FileWatcher never = new FileWatcher(contents, contents.snapshot(), WatcherHarness.QUIET, WatcherHarness.LONG,
                _ -> { });
        never.close();
        never.close();
        assertNull(told.poll());
    }
}
