package dev.soleinit.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.storage.files.RunDirException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProcessLockTest extends HostileDirectory {
    private void isRefused(Path file, String why) {
        for (Runnable use : List.<Runnable>of(() -> ProcessLock.acquire(file), () -> ProcessLock.isHeld(file))) {
            RunDirException said = assertTimeoutPreemptively(Duration.ofSeconds(10),
                    () -> assertThrows(RunDirException.class, use::run));
            assertTrue(said.getMessage().contains(why) && said.getMessage().contains("remove it"),
                    said.getMessage());
        }
    }

    @Test
    void whatIsNoPlainFileIsNoLock() throws IOException {
        isRefused(planted.link("owner.lock"), "it is a symbolic link");
        isRefused(planted.pipe("supervisor.lock"), "it is a named pipe");
        isRefused(planted.fullDirectory("start.lock"), "it is a directory");
        planted.targetIsUntouched();
    }

    @Test
    void aLinkToNothingMakesNoFileElsewhere() throws IOException {
        java.nio.file.Files.createSymbolicLink(dir.resolve("owner.lock"), outside.resolve("made"));
        isRefused(dir.resolve("owner.lock"), "it is a symbolic link");
        assertFalse(java.nio.file.Files.exists(outside.resolve("made")));
    }

    @Test
    void lookingMakesNoLockFile() throws IOException {
        assertFalse(ProcessLock.isHeld(dir.resolve("owner.lock")));
        assertEquals(List.of(), planted.names());
    }
}
