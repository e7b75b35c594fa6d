package dev.soleinit.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;

/** What somebody hostile puts into a directory of ours, and a file outside that it aims at. */
public final class Planted {
    private static final String SECRET = "root:secret\n";

    private final Path dir;
    final Path target;

    public Planted(Path dir, Path outside) throws IOException {
        this.dir = dir;
        this.target = Files.writeString(outside.resolve("shadow"), SECRET);
        Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rw-------"));
    }

    public Path link(String name) throws IOException {
        return Files.createSymbolicLink(dir.resolve(name), target);
    }

    public Path hardLink(String name) throws IOException {
        return Files.createLink(dir.resolve(name), target);
    }

    public Path pipe(String name) throws IOException {
        return pipe(dir.resolve(name));
    }

    static Path pipe(Path path) throws IOException {
        try {
            assertEquals(0, new ProcessBuilder("mkfifo", path.toString()).start().waitFor());
            return path;
        } catch (InterruptedException stop) {
            throw new IOException(stop);
        }
    }

    public Path fullDirectory(String name) throws IOException {
        return Files.createDirectories(dir.resolve(name).resolve("full")).getParent();
    }

    public void targetIsUntouched() throws IOException {
        assertEquals(SECRET, Files.readString(target));
        assertEquals("rw-------",
                PosixFilePermissions.toString(Files.getPosixFilePermissions(target)));
    }

    /** Names in the directory, sorted. */
    public List<String> names() throws IOException {
        try (Stream<Path> all = Files.list(dir)) {
            return all.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }
}
