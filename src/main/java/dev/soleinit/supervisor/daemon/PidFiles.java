package dev.soleinit.supervisor.daemon;

import dev.soleinit.supervisor.reporting.EventLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;

/**
 * The daemon's own pid files, as given with {@code --pid-file}. One that a dead daemon has left names a
 * process id that may be alive: process ids of a container are small and soon used again, by threads
 * of the supervisor, too. So they are removed before each start. Used on the loop's thread.
 */
public final class PidFiles {
    private final List<Path> files;
    private final EventLog journal;

    public PidFiles(List<Path> files, EventLog journal) {
        this.files = files;
        this.journal = journal;
    }

    /** Removes them: a link itself and never what it points to, and no directory. */
    public void remove() {
        for (Path file : files) {
            try {
                if (Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
                    journal.warn("Cannot remove the pid file " + file + ": it is a directory");
                } else {
                    Files.deleteIfExists(file);
                }
            } catch (IOException refused) {
                journal.warn("Cannot remove the pid file " + file + ": " + reason(refused));
            }
        }
    }

    private static String reason(IOException refused) {
        return refused instanceof java.nio.file.FileSystemException known && known.getReason() != null
                ? known.getReason() : refused.getClass().getSimpleName();
    }
}
