package dev.soleinit.storage.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.storage.HostileDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class AppendedLogTest extends HostileDirectory {
    @Test
    void whatWasAddedIsRead() throws IOException {
        Path log = dir.resolve("supervisor.log");
        assertEquals("", AppendedLog.added(log, 0, 100));
        assertEquals(0, AppendedLog.prepare(log));
        Files.writeString(log, "before\n");
        long before = AppendedLog.prepare(log);
        Files.writeString(log, "first, last", StandardOpenOption.APPEND);
        assertEquals("first, last", AppendedLog.added(log, before, 100));
        assertEquals("last", AppendedLog.added(log, before, 4));
        assertEquals("", AppendedLog.added(log, 1_000, 100));
    }

    @Test
    void whatLeadsElsewhereIsSetAside() throws IOException {
        for (Path log : new Path[] {planted.link("link"), planted.hardLink("hard"),
                planted.pipe("pipe")}) {
            assertEquals(0L, assertTimeoutPreemptively(Duration.ofSeconds(10),
                    () -> AppendedLog.prepare(log)));
            assertTrue(Files.isRegularFile(log, LinkOption.NOFOLLOW_LINKS));
            assertEquals(0, Files.size(log));
        }
        planted.targetIsUntouched();
    }
}
