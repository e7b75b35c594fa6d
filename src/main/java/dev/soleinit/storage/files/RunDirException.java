package dev.soleinit.storage.files;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;

/** A directory of ours cannot be used at all; the message says what to do. */
public final class RunDirException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public RunDirException(Path directory, IOException cause, String option) {
        super("Cannot use " + directory + ": " + reason(cause) + "; mount a writable tmpfs or volume "
                + "there, or give " + option + " (or run as a user who may write it)", cause);
    }

    /** Already says what to do. */
    public RunDirException(String message) {
        super(message);
    }

    private static String reason(IOException cause) {
        if (cause instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (cause instanceof FileSystemException known && known.getReason() != null) {
            return known.getReason();
        }
        return cause instanceof java.nio.file.FileAlreadyExistsException
                ? "it is not a directory" : String.valueOf(cause.getMessage());
    }
}
