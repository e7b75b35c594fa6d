package dev.soleinit.storage;

import dev.soleinit.storage.files.FileStatus;
import dev.soleinit.storage.files.RunDirException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * A kernel lock on a file that is never read, written or deleted: closing any other stream on it
 * in this process would drop the lock silently. It ends with the process, however that ends.
 * Source: fcntl(2), F_SETLK.
 */
public final class ProcessLock implements AutoCloseable {
    /** A CLI that looks whether the lock is held has it for a moment itself. */
    private static final Duration TIMEOUT = Duration.ofMillis(500);
    private static final long LOOK_AGAIN_MS = 10;
    /** For reading, too: a named pipe, put there after a look, would block a mere writer. */
    private static final Set<OpenOption> EXISTING = Set.of(StandardOpenOption.READ,
            StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
    private static final Set<OpenOption> EXISTING_OR_NEW = Set.of(StandardOpenOption.CREATE,
            StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
    private static final FileAttribute<?> MODE = PosixFilePermissions.asFileAttribute(
            PosixFilePermissions.fromString("rw-r--r--"));

    private final FileChannel channel;

    private ProcessLock(FileChannel channel) {
        this.channel = channel;
    }

    /** Takes the lock; empty if somebody else has it and keeps it for half a second. */
    public static Optional<ProcessLock> acquire(Path file) {
        long deadline = System.nanoTime() + TIMEOUT.toNanos();
        Optional<ProcessLock> lock = attempt(file);
        while (lock.isEmpty() && System.nanoTime() < deadline) {
            try {
                Thread.sleep(LOOK_AGAIN_MS);
            } catch (InterruptedException stop) {
                Thread.currentThread().interrupt();
                return lock;
            }
            lock = attempt(file);
        }
        return lock;
    }

    /** Whether somebody has the lock at this moment. */
    public static boolean isHeld(Path file) {
        try {
            if (FileStatus.of(file).isEmpty()) {
                return false;
            }
            Optional<ProcessLock> lock = attempt(file, EXISTING);
            lock.ifPresent(ProcessLock::close);
            return lock.isEmpty();
        } catch (NoSuchFileException removedMeanwhile) {
            return false;
        } catch (IOException unusable) {
            throw new RunDirException(file, unusable, "another --run-dir or --state-dir");
        }
    }

    private static Optional<ProcessLock> attempt(Path file) {
        try {
            return attempt(file, EXISTING_OR_NEW);
        } catch (IOException unusable) {
            throw new RunDirException(file, unusable, "another --run-dir or --state-dir");
        }
    }

    private static Optional<ProcessLock> attempt(Path file, Set<OpenOption> options) throws IOException {
        Optional<FileStatus> found = FileStatus.of(file);
        if (found.isPresent() && !found.get().isRegular()) {
            throw new RunDirException("Cannot lock " + file + ": it is " + found.get().kind()
                    + ", and a lock has to be a plain file; remove it, or give another --run-dir or "
                    + "--state-dir");
        }
        FileChannel channel = FileChannel.open(file, options, MODE);
        FileLock lock = tryLock(channel);
        if (lock == null) {
            channel.close();
            return Optional.empty();
        }
        return Optional.of(new ProcessLock(channel));
    }

    private static FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException ownedByThisProcess) {
            return null;
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException gone) {
            // the kernel drops it with the process
        }
    }
}
