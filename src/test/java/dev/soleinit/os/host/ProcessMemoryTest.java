package dev.soleinit.os.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessMemoryTest {
    @TempDir
    Path dir;

    @Test
    void whatAProcessHasForItselfIsCounted() throws IOException {
        Path status = dir.resolve("status");
        Files.writeString(status, "Name:\ta\nVmRSS:\t  900 kB\nRssAnon:\t  300 kB\nRssFile:\t 500 kB\nRssShmem:\t 100 kB\n");
        assertEquals(400 << 10, ProcessMemory.of(status));
        assertEquals(0, ProcessMemory.of(dir.resolve("none")));
        assertTrue(ProcessMemory.of((int) ProcessHandle.current().pid()) > 1 << 20);
    }
}
