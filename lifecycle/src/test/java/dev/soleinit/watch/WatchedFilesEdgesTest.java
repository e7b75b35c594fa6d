package dev.soleinit.watch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WatchedFilesEdgesTest {
    @TempDir
    Path dir;

    private WatchedFiles all(String... ignore) {
        return new WatchedFiles(List.of(dir), List.of(ignore));
    }

    @Test
    void aRewriteWithinOneTickOfTheClockIsSeen() throws Exception {
        Path file = Files.writeString(dir.resolve("a"), "0");
        WatchedFiles contents = all();
        for (int i = 1; i < 300; i++) {
            Snapshot before = contents.snapshot();
            Files.writeString(file, i % 2 == 0 ? "0" : "1");
            assertNotEquals(before.hash(), contents.snapshot().hash(), "round " + i);
        }
    }

    @Test
    void directoriesFullOfLinksToEachOtherEnd() throws Exception {
        int many = 10;
        for (int i = 0; i < many; i++) {
            Path one = Files.createDirectory(dir.resolve("d" + i));
            Files.writeString(one.resolve("f"), "x");
            for (int j = 0; j < many; j++) {
                Files.createSymbolicLink(one.resolve("to" + j), Path.of("../d" + j));
            }
        }
        assertTimeoutPreemptively(Duration.ofSeconds(20), () -> all().snapshot());
    }

    @Test
    void aSnapshotCannotBeChanged() {
        Snapshot snapshot = all().snapshot();
        assertThrows(UnsupportedOperationException.class,
                () -> snapshot.files().put(dir, "x"));
    }

    @Test
    void whatIsWrongWithAPatternIsOneLine() {
        assertFalse(assertThrows(IllegalArgumentException.class, () -> all("{a")).getMessage()
                .contains("\n"));
    }

    @Test
    void aPatternOfADirectoryBelowTheRootMatchesAllInIt() throws Exception {
        Files.createDirectories(dir.resolve("build/out/deep"));
        Files.writeString(dir.resolve("build/out/deep/x"), "x");
        Path counts = Files.writeString(dir.resolve("build/x"), "x");
        assertEquals(List.of(counts), List.copyOf(all("build/out/").snapshot().files().keySet()));
    }

    @Test
    void mountPointsAreReadAsTheKernelWritesThem() {
        assertEquals(List.of(Path.of("/etc/my file"), Path.of("/a\\b")), MountPoints.points(List.of(
                "36 35 98:0 /x /etc/my\\040file rw,noatime master:1 - ext4 /dev/root rw",
                "37 35 98:0 /x /a\\134b rw - ext4 /dev/root rw", "")));
    }
}
