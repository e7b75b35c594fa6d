package dev.soleinit.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DevTest {
    private static final String TMP = "java.io.tmpdir";

    @TempDir
    Path dir;
    private final String before = System.getProperty(TMP);

    @BeforeEach
    void useAnEmptyFolder() {
        System.setProperty(TMP, dir.toString());
    }

    @AfterEach
    void goBack() {
        System.setProperty(TMP, before);
    }

    @Test
    void aFolderThatSomebodyElseCouldHaveMadeIsRefused() throws IOException {
        String name = "daemon-dev-" + Integer.toHexString(
                Path.of("").toAbsolutePath().hashCode());
        Files.createSymbolicLink(dir.resolve(name), Files.createDirectory(dir.resolve("his")));
        CliRunner run = CliRunner.of(Map.of(), "dev", "--", "true");
        assertEquals(78, run.exitCode(), run::toString);
        assertTrue(run.err().contains("symbolic link") && run.err().contains("--run-dir"),
                run::toString);
    }
}
