package dev.soleinit.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What runs in PID 1 for probes and scrapes, and is in no AOT cache, has no lambda: the first one would load all
 * that writes classes, each one is a class that is kept.
 */
class NoCodeAtRunTimeTest {
    private static final Path CLASSES = Path.of("target/classes/dev/soleinit");

    private static boolean hasLambda(Path file) throws IOException {
        return Files.readString(file, StandardCharsets.ISO_8859_1).contains("java/lang/invoke/LambdaMetafactory");
    }

    private static List<Path> served() throws IOException {
        List<Path> all = new ArrayList<>();
        for (String room : List.of("http", "http/metrics")) {
            try (Stream<Path> files = Files.list(CLASSES.resolve(room))) {
                files.filter(one -> one.toString().endsWith(".class")).forEach(all::add);
            }
        }
        for (String one : List.of("supervisor/outside/HttpReporter", "supervisor/outside/LifeMetrics",
                "supervisor/outside/LabelledCounter", "supervisor/outside/Histogram", "os/MemoryTrimmer")) {
            all.add(CLASSES.resolve(one + ".class"));
        }
        return all;
    }

    @Test
    void probesAndScrapesAreServedWithoutALambda() throws IOException {
        List<Path> wrong = new ArrayList<>();
        for (Path file : served()) {
            if (hasLambda(file)) {
                wrong.add(file);
            }
        }
        assertEquals(List.of(), wrong);
    }

    /** The control: of a class with lambdas it would be seen. */
    @Test
    void aLambdaWouldBeSeen() throws IOException {
        assertTrue(hasLambda(CLASSES.resolve("supervisor/outside/Outside.class")));
    }
}
