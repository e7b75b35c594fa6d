package dev.soleinit.storage.files;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeptFileTest {
    @TempDir
    Path dir;
    private Path file;
    private KeptFile kept;

    @BeforeEach
    void aGoodContentIsKept() throws IOException {
        Files.setPosixFilePermissions(dir, PosixFilePermissions.fromString("rwxr-xr-x"));
        file = Files.writeString(dir.resolve("d.conf"), "good");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        kept = new KeptFile(file);
        kept.keep(kept.content().orElseThrow());
    }

    private Path beside(String suffix) {
        return dir.resolve("d.conf" + suffix);
    }

    private static String mode(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    private List<String> names() throws IOException {
        try (Stream<Path> all = Files.list(dir)) {
            return all.map(one -> one.getFileName().toString()).sorted().toList();
        }
    }

    private String refusal() {
        FileSystemException refused = assertThrows(FileSystemException.class, () -> kept.restore(there -> true));
        return String.valueOf(refused.getReason());
    }

    @Test
    void whatIsPutBackHasItsModeAndTheOtherOneIsNotLost() throws IOException {
        Files.writeString(file, "bad");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        assertEquals(KeptFile.Outcome.RESTORED, kept.restore(there -> true));
        assertEquals("good", Files.readString(file));
        assertEquals("bad", Files.readString(beside(".rejected")));
        assertEquals(List.of("rw-r-----", "rw-------"), List.of(mode(file), mode(beside(".rejected"))));
        assertEquals(List.of("d.conf", "d.conf.last-good", "d.conf.rejected"), names());
        assertEquals(KeptFile.Outcome.SAME, kept.restore(there -> true));
    }

    @Test
    void aFileThatVanishedIsPutBack() throws IOException {
        Files.delete(file);
        assertTrue(kept.content().isEmpty());
        assertEquals(KeptFile.Outcome.RESTORED, kept.restore(there -> true));
        assertEquals("good rw-r-----", Files.readString(file) + " " + mode(file));
        assertFalse(Files.exists(beside(".rejected")));
    }

    @Test
    void whatCannotBeSetAsideStaysWhereItIs() throws IOException {
        Files.writeString(file, "bad");
        Files.createDirectories(beside(".rejected").resolve("full"));
        assertThrows(IOException.class, () -> kept.restore(there -> true));
        assertEquals("bad", Files.readString(file));
        assertEquals(List.of("d.conf", "d.conf.last-good", "d.conf.rejected"), names());
    }

    @Test
    void nothingIsFollowedOutOfTheDirectory() throws IOException {
        Path secret = Files.writeString(dir.resolve("secret"), "secret");
        Files.delete(beside(".last-good"));
        Files.createSymbolicLink(beside(".last-good"), secret);
        assertEquals("it is a symbolic link", refusal());
        Files.delete(beside(".last-good"));
        Files.createLink(beside(".last-good"), secret);
        assertEquals("it has another name, too", refusal());
        assertEquals("good", Files.readString(file));
        Files.delete(file);
        Files.createSymbolicLink(file, secret);
        assertEquals("it is a symbolic link",
                assertThrows(FileSystemException.class, kept::content).getReason());
    }

    @Test
    void aDirectoryThatOthersMayChangeIsRefusedAlsoFurtherUp() throws IOException {
        Path below = Files.createDirectory(dir.resolve("below"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        KeptFile nested = new KeptFile(Files.writeString(below.resolve("f"), "1"));
        assertArrayEquals(new byte[] {'1'}, nested.content().orElseThrow());
        Files.setPosixFilePermissions(dir, PosixFilePermissions.fromString("rwxrwxr-x"));
        assertTrue(refusal().contains("may be changed by others"), refusal());
        assertThrows(FileSystemException.class, nested::content);
    }

    /** Sticky, nobody replaces what is there, but what is not there yet anybody makes. */
    @Test
    void aStickyDirectoryIsRefused() throws IOException {
        Files.setAttribute(dir, "unix:mode", 01777);
        assertTrue(refusal().contains("may be changed by others"), refusal());
    }

    @Test
    void aLinkThatOthersMayLeadElsewhereIsRefused() throws IOException {
        Path open = Files.createDirectory(dir.resolve("open"));
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));
        KeptFile led = new KeptFile(Files.createSymbolicLink(open.resolve("conf"), dir).resolve("d.conf"));
        FileSystemException refused = assertThrows(FileSystemException.class, led::content);
        assertTrue(refused.getReason().startsWith(open.toRealPath() + " may be changed by others"),
                refused.getReason());
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxr-xr-x"));
        assertEquals("good", new String(led.content().orElseThrow(), StandardCharsets.UTF_8));
    }

    @Test
    void whatWasWrittenSinceStaysWhereItIs() throws IOException {
        Files.writeString(file, "mended");
        assertEquals(KeptFile.Outcome.CHANGED, kept.restore(there -> Arrays.equals(there.orElseThrow(),
                "bad".getBytes(StandardCharsets.UTF_8))));
        assertEquals("mended", Files.readString(file));
        assertEquals(List.of("d.conf", "d.conf.last-good"), names());
    }

    /** A daemon that reloads whenever its file was written would reload for ever. */
    @Test
    void readingItIsNoChangeToWhoWatchesIt() throws Exception {
        Process watcher = new ProcessBuilder("python3", "-c", """
                import ctypes, os, select, sys
                c = ctypes.CDLL(None); fd = c.inotify_init1(0)
                c.inotify_add_watch(fd, sys.argv[1].encode(), 8 | 2)
                print(flush=True)
                sys.stdin.read()
                print(bool(select.select([fd], [], [], 0)[0]))
                """, file.toString()).start();
        watcher.getInputStream().read();
        kept.content();
        watcher.getOutputStream().close();
        assertEquals("False", new String(watcher.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip());
    }

    @Test
    void aHugeFileIsNotRead() throws IOException {
        Files.write(file, new byte[(4 << 20) + 1]);
        assertTrue(refusal().contains("at the most are read"), refusal());
    }

    @Test
    void withoutAKeptOneThereIsNothingToPutBack() throws IOException {
        Files.delete(beside(".last-good"));
        assertEquals(KeptFile.Outcome.NOTHING_KEPT, kept.restore(there -> true));
    }
}
