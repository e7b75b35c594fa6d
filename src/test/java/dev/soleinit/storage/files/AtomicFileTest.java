package dev.soleinit.storage.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.storage.HostileDirectory;
import dev.soleinit.storage.PidFile;
import dev.soleinit.storage.RestartManifest;
import dev.soleinit.storage.StateDir;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;

class AtomicFileTest extends HostileDirectory {
    @Test
    void aLinkWithTheNameOfATemporaryFileLeadsNowhere() throws IOException {
        planted.link(".daemon.pid.tmp");
        new PidFile(dir).write(7);
        planted.targetIsUntouched();
        assertEquals("7\n", Files.readString(dir.resolve("daemon.pid")));
    }

    @Test
    void noNameCanBeTakenBeforehand() throws IOException {
        planted.fullDirectory(".daemon.pid.tmp");
        new PidFile(dir).write(7);
        assertEquals(List.of(".daemon.pid.tmp", "daemon.pid"), planted.names());
    }

    @Test
    void aLinkInThePlaceOfTheFileIsReplacedAndNotWrittenThrough() throws IOException {
        planted.link("daemon.pid");
        new PidFile(dir).write(7);
        planted.targetIsUntouched();
        assertTrue(Files.isRegularFile(dir.resolve("daemon.pid"), LinkOption.NOFOLLOW_LINKS));
    }

    @Test
    void aManifestIsWrittenIntoNoOtherFile() throws IOException {
        planted.link(".restart-manifest.json.tmp");
        planted.link(".backoff.json.tmp");
        planted.link(".generation.tmp");
        StateDir state = StateDir.open(dir);
        state.storeBackoff(new StateDir.Backoff(2));
        state.store(3);
        state.publish(3);
        new RestartManifest("", "", 1, 0, List.of(new RestartManifest.Entry("a", "session", "", true,
                java.util.Optional.of("checkpoint"), 1, java.time.Instant.now(), 0, 0))).write(dir);
        planted.targetIsUntouched();
    }

    @Test
    void theModeIsThatOfAPublicFile() throws IOException {
        AtomicFile.write(dir.resolve("file"), new byte[] {1});
        assertEquals("rw-r--r--", PosixFilePermissions.toString(
                Files.getPosixFilePermissions(dir.resolve("file"))));
    }

    @Test
    void whatCannotBeReplacedLeavesNoTemporaryFile() throws IOException {
        planted.fullDirectory("file");
        assertThrows(IOException.class, () -> AtomicFile.write(dir.resolve("file"), new byte[1]));
        assertEquals(List.of("file"), planted.names());
    }

    @Test
    void onlyOurOwnLeftoversAreRemoved() throws IOException {
        String random = RandomName.next();
        Files.createFile(dir.resolve(".daemon.pid." + random + ".tmp"));
        Files.createFile(dir.resolve(".vimrc.tmp"));
        Files.createFile(dir.resolve("x." + random + ".tmp"));
        planted.link(".link." + random + ".tmp");
        AtomicFile.removeLeftovers(dir, "daemon");
        assertEquals(4, planted.names().size());
        AtomicFile.removeLeftovers(dir, "");
        assertEquals(List.of(".link." + random + ".tmp", ".vimrc.tmp", "x." + random + ".tmp"),
                planted.names());
        planted.targetIsUntouched();
    }
}
