package dev.soleinit.rundir;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;

/**
 * A kernel lock on a file that is never read, written or deleted: closing any other stream on it
 * in this process would drop the lock silently. It ends with the process, however that ends.
 * Source: fcntl(2), F_SETLK.
 */
public final class Lock implements AutoCloseable {
    /** A CLI that looks whether the lock is held has it for a moment itself. */
    private static final Duration PATIENCE = Duration.ofMillis(500);
    private static final long LOOK_AGAIN_MS = 10;

    private final FileChannel channel;

    private Lock(FileChannel channel) {
        this.channel = channel;
    }

    /** Takes the lock; empty if somebody else has it and keeps it for half a second. */
    public static Optional<Lock> acquire(Path file) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        Optional<Lock> lock = attempt(file);
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
        if (!Files.exists(file)) {
            return false;
        }
        Optional<Lock> lock = attempt(file);
        lock.ifPresent(Lock::close);
        return lock.isEmpty();
    }

    private static Optional<Lock> attempt(Path file) {
        try {
            FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE,
                    StandardOpenOption.WRITE);
            FileLock lock = tryLock(channel);
            if (lock == null) {
                channel.close();
                return Optional.empty();
            }
            return Optional.of(new Lock(channel));
        } catch (IOException unusable) {
            throw new RunDirException(file, unusable, "another --run-dir or --state-dir");
        }
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
