package dev.soleinit.rundir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Makes the two directories. Stateless. */
final class Directories {
    private Directories() {}

    static void prepare(Path directory, String option) {
        try {
            Files.createDirectories(directory);
            // not createTempFile: its random numbers take PID 1 longer than all else here
            Path probe = directory.resolve(".probe-" + System.nanoTime());
            Files.createFile(probe);
            Files.delete(probe);
        } catch (IOException unusable) {
            if (!isFull(unusable) || !Files.isDirectory(directory)) {
                throw new RunDirException(directory, unusable, option);
            }
        }
    }

    /** A full disk is a misfortune, not a mistake: the daemon is to run all the same. */
    private static boolean isFull(IOException reason) {
        String text = String.valueOf(reason.getMessage());
        return text.contains("No space left") || text.contains("quota");
    }
}
