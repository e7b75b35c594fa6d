package dev.soleinit.statemachine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Texts that are read by people and compared by tests. {@code -Dgolden.rewrite=true} writes them
 * anew; read them before committing.
 */
final class GoldenFile {
    private static final Path FOLDER = Path.of("src/test/resources/statemachine");

    private GoldenFile() {}

    static Path path(String name) {
        return FOLDER.resolve(name);
    }

    static void check(String name, String actual) throws IOException {
        Path file = path(name);
        if (Boolean.getBoolean("golden.rewrite")) {
            Files.writeString(file, actual);
        }
        assertEquals(Files.exists(file) ? Files.readString(file) : "", actual,
                file + " tells another story; mvn test -Dgolden.rewrite=true writes it anew");
    }
}
