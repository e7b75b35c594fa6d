package dev.soleinit.storage;

import dev.soleinit.storage.files.AtomicFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * run/{@code daemon.pid}: the PID and a newline, nothing else, so that {@code kill $(cat …)}
 * works. There only while the daemon runs.
 */
public final class PidFile {
    private final Path file;

    public PidFile(Path runDir) {
        file = runDir.resolve("daemon.pid");
    }

    public void write(int pid) throws IOException {
        AtomicFile.write(file, (pid + "\n").getBytes(StandardCharsets.US_ASCII));
    }

    public void remove() throws IOException {
        Files.deleteIfExists(file);
    }
}
