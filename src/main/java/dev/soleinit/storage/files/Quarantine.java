package dev.soleinit.storage.files;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;

/**
 * Sets aside what cannot be used, whatever it is: it gets another name and is never opened. The
 * names do not collide. Stateless.
 */
public final class Quarantine {
    private static final int SUFFIX = 8;

    private Quarantine() {}

    /**
     * Renames it; returns a sentence for people.
     *
     * @param why         what is wrong with it
     * @param consequence what that means, if it could be moved; may be empty
     */
    public static String move(Path file, String why, String consequence) {
        Path aside = file.resolveSibling(file.getFileName() + ".corrupt-"
                + Instant.now().toEpochMilli() + "-" + RandomName.next().substring(0, SUFFIX));
        try {
            Files.move(file, aside, StandardCopyOption.ATOMIC_MOVE);
            return "Cannot read " + file + ": " + why + "; set aside as " + aside.getFileName()
                    + (consequence.isEmpty() ? "" : ". " + consequence);
        } catch (IOException stuck) {
            return "Cannot read " + file + ": " + why + "; nor move it away: " + stuck;
        }
    }

    /** What an exception says beside the name of the file. */
    public static String reason(IOException unreadable) {
        return unreadable instanceof FileSystemException known && known.getReason() != null
                ? known.getReason() : String.valueOf(unreadable.getMessage());
    }
}
