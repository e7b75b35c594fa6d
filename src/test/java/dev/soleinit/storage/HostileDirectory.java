package dev.soleinit.storage;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A directory of ours into which somebody hostile has put something, for each test anew. */
public abstract class HostileDirectory {
    @TempDir
    protected Path dir;
    @TempDir
    protected Path outside;
    protected Planted planted;

    @BeforeEach
    void plant() throws IOException {
        planted = new Planted(dir, outside);
    }
}
