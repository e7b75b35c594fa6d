package dev.soleinit.watch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A folder in a folder that a test writes to, and what a watcher told of it. */
abstract class WatchedFolder {
    @TempDir
    Path dir;

    final WatcherHarness told = new WatcherHarness();
    Path root;

    @BeforeEach
    void makeRoot() throws IOException {
        root = Files.createDirectories(dir.toRealPath().resolve("outer/root"));
    }

    @AfterEach
    void close() {
        told.close();
    }

    Path write(String name, String content) throws IOException {
        Path written = root.resolve(name);
        Files.createDirectories(written.getParent());
        return Files.writeString(written, content);
    }
}
