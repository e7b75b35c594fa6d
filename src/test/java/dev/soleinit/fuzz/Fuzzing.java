package dev.soleinit.fuzz;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.function.UnaryOperator;

/** What the targets share: a folder of their own, and checks that say what was found. */
public final class Fuzzing {
    private static final Path FOLDERS = makeFolder();

    private Fuzzing() {}

    private static Path makeFolder() {
        try {
            Path memory = Path.of("/dev/shm");
            Path made = Files.isWritable(memory) ? Files.createTempDirectory(memory, "fuzz")
                    : Files.createTempDirectory("fuzz");
            Runtime.getRuntime().addShutdownHook(new Thread(() -> remove(made)));
            return made;
        } catch (IOException noSpace) {
            throw new UncheckedIOException(noSpace);
        }
    }

    private static void remove(Path folder) {
        try {
            empty(folder);
            Files.deleteIfExists(folder);
        } catch (IOException | UncheckedIOException stuck) {
            // it lies in a folder for temporary files
        }
    }

    /** A folder that nobody else uses. */
    public static Path folder(String name) {
        try {
            return Files.createDirectories(FOLDERS.resolve(name));
        } catch (IOException noSpace) {
            throw new UncheckedIOException(noSpace);
        }
    }

    /** Removes what is in it. */
    public static void empty(Path folder) throws IOException {
        try (var all = Files.list(folder)) {
            for (Path one : all.toList()) {
                if (Files.isDirectory(one)) {
                    empty(one);
                }
                Files.delete(one);
            }
        }
    }

    public static String text(byte[] input) {
        return new String(input, StandardCharsets.UTF_8);
    }

    /** The input in two, at its first zero byte. */
    public static byte[][] halves(byte[] input) {
        int cut = 0;
        while (cut < input.length && input[cut] != 0) {
            cut++;
        }
        return new byte[][] {java.util.Arrays.copyOf(input, cut),
            java.util.Arrays.copyOfRange(input, Math.min(cut + 1, input.length), input.length)};
    }

    public static void require(boolean holds, String promise) {
        if (!holds) {
            throw new AssertionError("broken: " + promise);
        }
    }

    /** What was accepted, once written and read again, is what it was. */
    public static <T> void requireRoundTrip(T accepted, UnaryOperator<T> writtenAndRead) {
        T again = writtenAndRead.apply(accepted);
        require(Objects.equals(accepted, again), accepted + " came back as " + again);
    }
}
