package dev.soleinit.watch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WatchedFilesTest {
    /** SHA-256 of no bytes at all. */
    private static final String EMPTY =
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    @TempDir
    Path dir;

    private Path root;

    @BeforeEach
    void makeRoot() throws IOException {
        root = Files.createDirectories(dir.toRealPath().resolve("root"));
    }

    private Path write(String name, String content) throws IOException {
        Path file = root.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, content);
    }

    private WatchedFiles all(String... ignore) {
        return new WatchedFiles(List.of(root), List.of(ignore));
    }

    @Test
    void nothingAtAllHasAHashOfItsOwn() {
        assertEquals(EMPTY, all().snapshot().hash());
        assertEquals(EMPTY, new WatchedFiles(List.of(), List.of()).snapshot().hash());
        assertEquals(EMPTY, new WatchedFiles(List.of(root.resolve("later/x")), List.of()).snapshot().hash());
    }

    @Test
    void theHashTellsNamesAndContentsAndNothingElse() throws IOException {
        Path file = write("a", "one");
        write("sub/b", "two");
        Snapshot before = all().snapshot();
        assertTrue(before.hash().matches("[0-9a-f]{64}"), before.hash());
        assertEquals(List.of(file, root.resolve("sub/b")), List.copyOf(before.files().keySet()));
        Files.setLastModifiedTime(file, FileTime.fromMillis(1));
        Files.createDirectory(root.resolve("empty"));
        assertEquals(before, all().snapshot());
        Files.move(file, root.resolve("c"));
        assertNotEquals(before.hash(), all().snapshot().hash());
    }

    @Test
    void aSnapshotNamesWhatHasComeGoneOrChanged() throws IOException {
        WatchedFiles contents = all();
        Path changed = write("changed", "one");
        Path gone = write("gone", "one");
        write("same", "one");
        Snapshot before = contents.snapshot();
        write("changed", "two");
        Files.delete(gone);
        Path come = write("come", "one");
        Snapshot now = contents.snapshot();
        assertEquals(List.of(changed, come, gone), now.changedSince(before));
        assertEquals(List.of(), now.changedSince(now));
    }

    @Test
    void anOldDateDoesNotHideANewContent() throws IOException {
        Path file = write("a", "one");
        FileTime date = Files.getLastModifiedTime(file);
        WatchedFiles contents = all();
        Snapshot before = contents.snapshot();
        Path other = Files.writeString(dir.resolve("other"), "two");
        Files.setLastModifiedTime(other, date);
        Files.move(other, file, StandardCopyOption.REPLACE_EXISTING);
        assertEquals(List.of(file), contents.snapshot().changedSince(before));
    }

    @Test
    void aFreshReadTrustsNoDates() throws IOException {
        Path file = write("a", "0");
        WatchedFiles contents = all();
        for (int i = 1; i < 300; i++) {
            Snapshot before = contents.rereadAll();
            Files.writeString(file, i % 2 == 0 ? "0" : "1");
            assertNotEquals(before.hash(), contents.rereadAll().hash(), "round " + i);
        }
    }

    @Test
    void aLinkCountsAsWhatItLeadsTo() throws IOException {
        write("v1/conf", "one");
        write("v2/conf", "two");
        Files.createSymbolicLink(root.resolve("..data"), Path.of("v1"));
        Path file = Files.createSymbolicLink(root.resolve("conf"), Path.of("..data/conf"));
        WatchedFiles contents = new WatchedFiles(List.of(file), List.of());
        Snapshot before = contents.snapshot();
        Files.createSymbolicLink(root.resolve("..tmp"), Path.of("v2"));
        Files.move(root.resolve("..tmp"), root.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
        assertEquals(List.of(file), contents.snapshot().changedSince(before));
        Files.delete(root.resolve("v2/conf"));
        assertEquals(EMPTY, contents.snapshot().hash(), "a link that leads nowhere is no file");
    }

    @Test
    void loopsOfLinksEnd() throws IOException {
        Path file = write("sub/a", "one");
        Files.createSymbolicLink(root.resolve("sub/up"), Path.of(".."));
        Files.createSymbolicLink(root.resolve("self"), Path.of("self"));
        Files.createSymbolicLink(root.resolve("ping"), Path.of("pong"));
        Files.createSymbolicLink(root.resolve("pong"), Path.of("ping"));
        WatchedFiles contents = new WatchedFiles(List.of(root, root.resolve("ping")), List.of());
        Snapshot seen = assertTimeoutPreemptively(Duration.ofSeconds(10), contents::snapshot);
        assertEquals(List.of(file), List.copyOf(seen.files().keySet()));
        assertTrue(contents.directories().contains(root.resolve("sub")));
    }

    /** Reading its own memory at 0 fails even for a user who may read everything. */
    @Test
    void whatCannotBeReadIsAbsentAndTheRestIsNot() throws IOException {
        Path good = write("good", "one");
        Files.createSymbolicLink(root.resolve("memory"), Path.of("/proc/self/mem"));
        Path closed = write("closed/a", "one").getParent();
        Path secret = write("secret", "one");
        Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("---------"));
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("---------"));
        WatchedFiles contents = all("secret", "closed/*");
        Snapshot seen = contents.snapshot();
        assertEquals(List.of(good), List.copyOf(seen.files().keySet()));
        if (!Files.isReadable(secret)) {
            assertEquals(seen, all().snapshot());
        }
        Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("rwx------"));
    }

    @Test
    void filesThatVanishWhileTheyAreReadDoNoHarm() throws Exception {
        WatchedFiles contents = all();
        Path keeps = write("keeps", "one");
        Thread churn = new Thread(() -> {
            try {
                for (int i = 0; i < 1000; i++) {
                    Files.delete(write("sub" + i % 3 + "/a", "x".repeat(i)));
                    Files.delete(root.resolve("sub" + i % 3));
                }
            } catch (IOException unexpected) {
                throw new IllegalStateException(unexpected);
            }
        });
        churn.start();
        while (churn.isAlive()) {
            assertTrue(contents.snapshot().files().containsKey(keeps));
            assertTrue(contents.directories().contains(root));
        }
        assertEquals(List.of(keeps), List.copyOf(contents.snapshot().files().keySet()));
    }

    @Test
    void onlyRegularFilesCount() throws IOException {
        Files.createSymbolicLink(root.resolve("null"), Path.of("/dev/null"));
        assertEquals(EMPTY, all().snapshot().hash());
    }

    @ParameterizedTest
    @CsvSource({"*.log, a.log, a.txt", "*.log, deep/er/a.log, deep/a.log.1", ".git/*, .git/x, .gitx",
        ".git/*, sub/.git/deep/x, sub/git/x", ".git/, sub/.git/deep/x, .git.txt",
        "build/out/*, build/out/x, sub/build/out/x", "a/**/z, a/b/c/z, b/a/c/z",
        "'{x,y}.tmp', sub/y.tmp, z.tmp", "a[0-9], sub/a7, ab"})
    void patternsIgnoreWhatTheySayAndNoMore(String glob, String out, String in) throws IOException {
        write(out, "one");
        Path counts = write(in, "one");
        assertEquals(List.of(counts), List.copyOf(all(glob).snapshot().files().keySet()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"[", "{a", "{a,{b}}", "[a/]/b", "x/{y/*"})
    void aMalformedPatternIsNamed(String glob) {
        IllegalArgumentException said = assertThrows(IllegalArgumentException.class,
                () -> all("*.log", glob));
        assertTrue(said.getMessage().startsWith("Cannot use ignore pattern '" + glob + "': "),
                said.getMessage());
    }

    @Test
    void pathsAreAbsoluteAndInTheirOrder() {
        WatchedFiles contents = new WatchedFiles(List.of(Path.of("b/../z"), Path.of("/a")), List.of());
        assertEquals(List.of(Path.of("z").toAbsolutePath(), Path.of("/a")), contents.paths());
    }

    @Test
    void pathsThatOverlapCountOnce() throws IOException {
        Path file = write("sub/a", "one");
        WatchedFiles twice = new WatchedFiles(List.of(file, root, root.resolve("sub")), List.of());
        assertEquals(all().snapshot(), twice.snapshot());
    }

    @Test
    void manyThreadsReadTheSame() throws Exception {
        for (int i = 0; i < 50; i++) {
            write("d" + i % 5 + "/f" + i, "x" + i);
        }
        WatchedFiles contents = all();
        Snapshot expected = contents.snapshot();
        List<Callable<Snapshot>> readers = Stream.<Callable<Snapshot>>of(contents::snapshot,
                contents::rereadAll).flatMap(one -> Stream.of(one, one, one, one)).toList();
        try (ExecutorService pool = Executors.newFixedThreadPool(readers.size())) {
            for (Future<Snapshot> seen : pool.invokeAll(readers)) {
                assertEquals(expected, seen.get());
            }
        }
    }

    @Test
    void anOrdinaryFileIsNothingToWarnOf() throws IOException {
        assertEquals(List.of(), new WatchedFiles(List.of(write("a", "one"), root,
                root.resolve("none")), List.of()).warnings());
        assertTrue(Files.exists(Path.of("/proc/self/mountinfo"), LinkOption.NOFOLLOW_LINKS));
    }
}
