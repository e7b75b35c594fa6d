package dev.soleinit.pidns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.RequiredTier;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The daemon that docs/lifecycle-library.md shows is one. */
@ExtendWith(RequiredTier.PidNamespace.class)
class LibraryPageIT {
    @TempDir
    Path dir;

    private static String ask() throws IOException {
        return new String(URI.create("http://127.0.0.1:8080/").toURL().openStream().readAllBytes());
    }

    /** The library and what it needs, from the reference daemon's folder. */
    private static String jars() throws IOException {
        try (Stream<Path> all = Files.list(PidNamespace.NODE.resolve("lib"))) {
            return all.map(Path::toString).filter(jar -> jar.matches(".*(lifecycle|slf4j)-.*\\.jar"))
                    .collect(Collectors.joining(":"));
        }
    }

    @Test
    void theDaemonOfThePageServesAndKeepsItsState() throws IOException {
        String page = Files.readString(Path.of("docs/lifecycle-library.md"));
        String code = page.split("```java\n")[1].split("```")[0];
        assertTrue(code.lines().count() < 40, "under forty lines");
        Path file = Files.writeString(dir.resolve("Hello.java"), code);
        String jar = jars();
        assertEquals(0, ToolProvider.getSystemJavaCompiler().run(null, null, null, "-cp", jar,
                file.toString()));
        String java = Path.of(System.getProperty("java.home"), "bin/java").toString();
        try (PidNamespace node = PidNamespace.launch(dir, List.of("unshare", "--pid", "--fork",
                "--mount-proc", "--kill-child"), Map.of(), "--ready", "attach", "--", java, "-cp",
                jar + ":" + dir, "Hello")) {
            node.waitForState("ready");
            assertEquals("hello 1\n", ask());
            PidNamespace.Finished restart = node.daemon(Map.of(), "restart", "--safe");
            assertEquals(0, restart.code(), restart.output());
            assertEquals("hello 2\n", ask());
            assertEquals(0, node.daemon(Map.of(), "reload").code());
            assertEquals("hello 3\n", ask());
        }
    }
}
