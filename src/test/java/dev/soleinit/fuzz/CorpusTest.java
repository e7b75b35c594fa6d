package dev.soleinit.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Replays each target's corpus, and a few damaged copies of it; smoke-tests/16-fuzz.sh does the rest. */
class CorpusTest {
    private static final Path CORPUS = Path.of("src/test/resources/fuzz");
    private static final Path TARGETS = Path.of("src/test/java/dev/soleinit");
    private static final int COPIES = 10;
    private static final int LARGEST = 32 * 1024;

    private interface Target {
        void test(byte[] input) throws Throwable;
    }

    @TestFactory
    Stream<DynamicContainer> eachTargetHoldsForItsCorpus() throws IOException {
        return list(CORPUS).stream().map(folder -> dynamicContainer(folder.getFileName().toString(),
                inputs(folder)));
    }

    private static Stream<DynamicTest> inputs(Path folder) {
        try {
            Target target = target(folder.getFileName().toString());
            return list(folder).stream().map(file -> dynamicTest(file.getFileName().toString(),
                    () -> assertTimeoutPreemptively(Duration.ofSeconds(20),
                            () -> replay(target, Files.readAllBytes(file)))));
        } catch (IOException | ReflectiveOperationException unusable) {
            throw new AssertionError(folder + " is of no target", unusable);
        }
    }

    private static void replay(Target target, byte[] input) throws Exception {
        run(target, input);
        Random random = new Random(input.length);
        for (int i = 0; i < COPIES; i++) {
            run(target, damaged(input, random));
        }
    }

    private static void run(Target target, byte[] input) throws Exception {
        try {
            target.test(input);
        } catch (Throwable found) {
            throw new AssertionError("for " + java.util.HexFormat.of().formatHex(input), found);
        }
    }

    private static byte[] damaged(byte[] input, Random random) {
        byte[] copy = input.clone();
        for (int i = 0; i <= random.nextInt(3) && copy.length > 0; i++) {
            copy[random.nextInt(copy.length)] = (byte) random.nextInt(256);
        }
        return random.nextInt(4) == 0 ? java.util.Arrays.copyOf(copy, random.nextInt(copy.length + 1))
                : copy;
    }

    private static Target target(String name) throws IOException, ReflectiveOperationException {
        Path source = sources().stream().filter(file -> file.endsWith(name + ".java")).findFirst()
                .orElseThrow(() -> new IOException(name + ".java is missing"));
        String room = TARGETS.relativize(source.getParent()).toString().replace('/', '.');
        Method method = Class.forName("dev.soleinit." + room + "." + name)
                .getMethod("fuzzerTestOneInput", byte[].class);
        return input -> {
            try {
                method.invoke(null, (Object) input);
            } catch (InvocationTargetException found) {
                throw found.getCause();
            }
        };
    }

    private static List<Path> sources() throws IOException {
        try (Stream<Path> all = Files.walk(TARGETS)) {
            return all.filter(file -> file.toString().endsWith("Fuzz.java")).sorted().toList();
        }
    }

    private static List<Path> list(Path folder) throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.sorted().toList();
        }
    }

    @Test
    void eachTargetHasACorpusAndItIsSmall() throws IOException {
        assertEquals(sources().stream().map(file -> file.getFileName().toString()
                .replace(".java", "")).sorted().toList(),
                list(CORPUS).stream().map(folder -> folder.getFileName().toString()).toList());
        for (Path folder : list(CORPUS)) {
            for (Path file : list(folder)) {
                assertTrue(Files.size(file) <= LARGEST, file + " is large");
            }
        }
    }

    @Test
    void aTargetThatFailsSaysForWhich() {
        Target broken = input -> Fuzzing.require(input.length == 0, "nothing is accepted");
        AssertionError found = org.junit.jupiter.api.Assertions.assertThrows(AssertionError.class,
                () -> IntStream.of(1).forEach(_ -> {
                    try {
                        run(broken, new byte[] {17});
                    } catch (Exception never) {
                        throw new IllegalStateException(never);
                    }
                }));
        assertTrue(found.getMessage().contains("11"), found.getMessage());
    }
}
