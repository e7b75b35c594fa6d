package dev.soleinit.storage.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.RequiredTier;
import dev.soleinit.storage.StateDir;
import dev.soleinit.storage.SupervisorMarker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** As root, who alone can give a directory to somebody else. */
@ExtendWith(RequiredTier.PidNamespace.class)
class WritableDirectoryTest {
    private static final OptionalInt DAEMON = OptionalInt.of(12345);
    private static final int THIRD = 23456;

    @TempDir
    Path dir;
    private Path state;

    @BeforeEach
    void make() throws IOException {
        state = Files.createDirectory(dir.resolve("state"));
    }

    private static Path give(Path path, int uid) throws IOException {
        Files.setAttribute(path, "unix:uid", uid, LinkOption.NOFOLLOW_LINKS);
        return path;
    }

    private static void mode(Path path, int mode) throws IOException {
        Files.setAttribute(path, "unix:mode", mode);
    }

    private static List<String> prepare(Path path, OptionalInt daemon) {
        return WritableDirectory.prepare(path, "--state-dir", daemon);
    }

    private static void isRefused(Path path, OptionalInt daemon, String why) {
        RunDirException said = assertThrows(RunDirException.class, () -> prepare(path, daemon));
        assertTrue(said.getMessage().contains(why) && said.getMessage().contains("--state-dir"),
                said.getMessage());
    }

    @Test
    void ourOwnDirectoryIsRight() {
        assertEquals(List.of(), prepare(state, OptionalInt.empty()));
        assertEquals(List.of(), prepare(state, DAEMON));
        assertEquals(List.of(), prepare(dir.resolve("a/b/c"), DAEMON));
    }

    @Test
    void theDaemonsWorksWithAWarning() throws IOException {
        List<String> warnings = prepare(give(state, DAEMON.getAsInt()), DAEMON);
        assertEquals(1, warnings.size(), warnings.toString());
        assertTrue(warnings.getFirst().contains("can forge"), warnings.toString());
        StateDir opened = StateDir.open(state, DAEMON);
        assertEquals(warnings, opened.warnings());
    }

    @Test
    void aThirdUsersIsRefused() throws IOException {
        isRefused(give(state, THIRD), DAEMON, "belongs to user 23456");
        isRefused(state, OptionalInt.empty(), "belongs to user 23456");
        assertThrows(RunDirException.class, () -> SupervisorMarker.prepare(state, DAEMON));
    }

    @Test
    void aLinkIsFollowedOnlyIfItIsOurs() throws IOException {
        Path link = Files.createSymbolicLink(dir.resolve("link"), state);
        assertEquals(List.of(), prepare(link, DAEMON));
        isRefused(give(link, THIRD), DAEMON, "a symbolic link of user 23456");
        isRefused(give(link, DAEMON.getAsInt()), DAEMON, "a symbolic link of user 12345");
    }

    @Test
    void whatTheDaemonCanPutALinkInThePlaceOfIsRefused() throws IOException {
        Path home = give(Files.createDirectory(dir.resolve("home")), DAEMON.getAsInt());
        Path inside = Files.createDirectories(home.resolve("own/state"));
        isRefused(inside, DAEMON, "may rename " + home.toRealPath().resolve("own"));
        assertEquals(List.of(), prepare(inside, OptionalInt.empty()));
        Path sticky = Files.createDirectory(dir.resolve("sticky"));
        mode(sticky, 01777);
        Path his = give(Files.createDirectory(sticky.resolve("his")), DAEMON.getAsInt());
        isRefused(his, DAEMON, "may rename");
        assertEquals(List.of(), prepare(Files.createDirectory(sticky.resolve("ours")), DAEMON));
    }

    @Test
    void aDirectoryOpenToAllIsWarnedAboutUnlessItIsSticky() throws IOException {
        mode(state, 0777);
        assertTrue(prepare(state, OptionalInt.empty()).getFirst().contains("every user"));
        assertTrue(prepare(Files.createDirectory(state.resolve("in")), DAEMON).getFirst()
                .contains("every user"));
        mode(state, 01777);
        assertEquals(List.of(), prepare(state, DAEMON));
    }

    @Test
    void aPrivateOneIsOursAloneOrRefused() throws IOException {
        Path own = dir.resolve("private");
        WritableDirectory.preparePrivate(own, "--run-dir");
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(own)));
        WritableDirectory.preparePrivate(own, "--run-dir");
        mode(own, 0777);
        assertThrows(RunDirException.class, () -> WritableDirectory.preparePrivate(own, "--run-dir"));
        mode(own, 0700);
        give(own, THIRD);
        assertThrows(RunDirException.class, () -> WritableDirectory.preparePrivate(own, "--run-dir"));
        Path link = Files.createSymbolicLink(dir.resolve("link"), state);
        RunDirException said = assertThrows(RunDirException.class,
                () -> WritableDirectory.preparePrivate(link, "--run-dir"));
        assertTrue(said.getMessage().contains("symbolic link"), said.getMessage());
    }
}
