package dev.soleinit.storage.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;

/**
 * Names that nobody can foresee and nobody else has. They come from the kernel: Java's own generator
 * takes ten milliseconds to begin with. Source: random(4). Stateless.
 */
public final class RandomName {
    private static final Path KERNEL = Path.of("/proc/sys/kernel/random/uuid");

    public static final int LENGTH = 36;

    private RandomName() {}

    /** {@value #LENGTH} characters, 122 bits of them random. */
    public static String next() {
        try {
            return Files.readString(KERNEL).strip();
        } catch (IOException noProc) {
            return UUID.randomUUID().toString();
        }
    }

    /** The same as 32 hexadecimal digits. */
    public static String hex() {
        return next().replace("-", "");
    }
}
