package dev.soleinit.storage.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.soleinit.Required;
import dev.soleinit.storage.HostileDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** As root, who alone can give a directory to somebody else. */
@ExtendWith(Required.PidNamespace.class)
class CommandOutputTest extends HostileDirectory {
    @Test
    void anybodyMayWriteAndTheLastOfItIsTaken() throws IOException {
        Path file = CommandOutput.create(dir);
        assertEquals("rw-rw-rw-",
                PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        Files.writeString(file, "said before, said last\n");
        assertEquals("said last", CommandOutput.take(file, 10));
        assertEquals(List.of(), planted.names());
        assertEquals("", CommandOutput.take(file, 10));
    }

    @Test
    void namesAreNotForeseenAndLeftoversGo() {
        Path file = CommandOutput.create(dir);
        assertNotEquals(file, CommandOutput.create(dir));
        AtomicFile.removeLeftovers(dir, "");
        assertFalse(Files.exists(file));
    }

    @Test
    void inTheDaemonsOwnDirectoryNothingIsMadeThatItCouldExchange() throws IOException {
        Files.setAttribute(dir, "unix:uid", 12345);
        assertFalse(Files.exists(CommandOutput.create(dir)));
        Files.setAttribute(dir, "unix:uid", 0);
        Files.setAttribute(dir, "unix:mode", 0777);
        assertFalse(Files.exists(CommandOutput.create(dir)));
    }

    @Test
    void whatIsPutInItsPlaceIsNotRead() throws IOException {
        assertEquals("", CommandOutput.take(planted.link("link"), 100));
        assertEquals("", assertTimeoutPreemptively(Duration.ofSeconds(10),
                () -> CommandOutput.take(planted.pipe("pipe"), 100)));
        planted.targetIsUntouched();
    }
}
