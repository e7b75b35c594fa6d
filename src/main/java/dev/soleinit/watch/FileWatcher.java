package dev.soleinit.watch;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Says when watched content has changed: after a time of quiet, and once two reads in a row are
 * equal, so that a half-written file is never reported. Directory watches tell when to look, a slow
 * poll looks anyway; only the content decides. One thread of its own, "watch", from {@link #start}
 * to {@link #close}; nothing that happens on disk ends it.
 */
public final class FileWatcher implements AutoCloseable {
    private static final WatchEvent.Kind<?>[] KINDS = {StandardWatchEventKinds.ENTRY_CREATE,
        StandardWatchEventKinds.ENTRY_DELETE, StandardWatchEventKinds.ENTRY_MODIFY};
    private static final Duration BETWEEN_READS = Duration.ofMillis(50);
    private static final int MOST_QUIET_TIMES = 20;

    private final Contents contents;
    private final Duration quiet;
    private final Duration poll;
    private final Consumer<Change> taker;
    private Thread thread;
    private Set<WatchKey> watched = new HashSet<>();
    private Snapshot known;
    private long readAt = System.nanoTime();
    private WatchService service;
    private volatile boolean closed;

    /**
     * Makes a watcher.
     *
     * @param known what nobody needs to be told
     * @param quiet how long nothing must have happened before the files are read
     * @param poll  how often they are read although nothing was seen
     * @param taker told of each change, on the watcher's thread
     */
    public FileWatcher(Contents contents, Snapshot known, Duration quiet, Duration poll,
            Consumer<Change> taker) {
        this.contents = contents;
        this.known = known;
        this.quiet = quiet;
        this.poll = poll;
        this.taker = taker;
    }

    /** Begins. */
    public void start() {
        start(Thread.ofPlatform().daemon().factory());
    }

    /**
     * Begins on a thread of {@code threads}.
     *
     * @throws OutOfMemoryError if the kernel has no thread left; it may be called again
     */
    public void start(ThreadFactory threads) {
        Thread fresh = threads.newThread(this::run);
        fresh.setName("watch");
        fresh.start();
        thread = fresh;
    }

    /** Ends the thread, if it has begun; does not wait for it. */
    @Override
    public void close() {
        closed = true;
        if (thread != null) {
            thread.interrupt();
        }
    }

    private void run() {
        try {
            service = FileSystems.getDefault().newWatchService();
        } catch (IOException | OutOfMemoryError noInotify) {
            // no instance is left, or no thread for it: the poll alone has to do
            service = null;
        }
        while (!closed) {
            try {
                turn();
            } catch (InterruptedException closingOrTheTakersDoing) {
                // the loop's condition knows which
            } catch (RuntimeException | OutOfMemoryError trouble) {
                pauseAfterTrouble();
            }
        }
        closeService();
    }

    /** What goes wrong once may go wrong each time, and is not to take all of a processor. */
    private void pauseAfterTrouble() {
        try {
            Thread.sleep(longer(quiet));
        } catch (InterruptedException closing) {
            // the loop's condition knows
        }
    }

    private void turn() throws InterruptedException {
        boolean seen = register() || waitFor(poll);
        // in a busy directory it is never quiet, and then two equal reads have to do
        long deadline = System.nanoTime() + MOST_QUIET_TIMES * quiet.toNanos();
        if (seen) {
            awaitQuiet(quiet, deadline);
        }
        boolean due = System.nanoTime() - readAt >= poll.toNanos();
        Snapshot now = due ? readAll() : contents.take();
        // no event told of a change that the poll has found, nor would of the rest of it
        Duration between = seen ? BETWEEN_READS : longer(quiet);
        boolean settled = false;
        while (!settled && !now.hash().equals(known.hash())) {
            awaitQuiet(between, deadline);
            Snapshot again = readAll();
            settled = again.hash().equals(now.hash());
            now = again;
        }
        if (settled) {
            report(now);
        }
    }

    private Snapshot readAll() {
        readAt = System.nanoTime();
        return contents.takeFresh();
    }

    private void report(Snapshot now) {
        Change change = new Change(now, now.changedSince(known));
        known = now;
        try {
            taker.accept(change);
        } catch (RuntimeException | Error takersOwn) {
            // it was told; the next change is another matter
        }
    }

    /** Waits a time, and if something happens in it, until nothing does. */
    private void awaitQuiet(Duration first, long deadline) throws InterruptedException {
        boolean seen = waitFor(first);
        while (seen && System.nanoTime() < deadline) {
            seen = waitFor(quiet);
        }
        if (seen) {
            // not quiet, but some time has to pass between two reads
            Thread.sleep(longer(quiet));
        }
    }

    private static Duration longer(Duration quiet) {
        return quiet.compareTo(BETWEEN_READS) > 0 ? quiet : BETWEEN_READS;
    }

    /**
     * Watches what is there now under each path, which may be another directory than before. One
     * directory has one key, whatever its names. Whether there was a new one, in which something
     * may have happened before it was watched.
     */
    private boolean register() {
        if (service == null) {
            return false;
        }
        Set<WatchKey> keys = new HashSet<>();
        for (Path directory : contents.directories()) {
            try {
                keys.add(directory.register(service, KINDS));
            } catch (IOException full) {
                // no watch is left, or it has gone again: the poll sees it
            }
        }
        boolean fresh = !watched.containsAll(keys);
        watched.removeAll(keys);
        watched.forEach(WatchKey::cancel);
        watched = keys;
        return fresh;
    }

    private boolean waitFor(Duration time) throws InterruptedException {
        if (service == null) {
            Thread.sleep(time);
            return false;
        }
        WatchKey key = service.poll(time.toNanos(), TimeUnit.NANOSECONDS);
        if (key == null) {
            return false;
        }
        // which events, or that some were lost, does not matter: the content is read
        key.pollEvents();
        key.reset();
        return true;
    }

    private void closeService() {
        try {
            if (service != null) {
                service.close();
            }
        } catch (IOException alreadyGone) {
            // nothing is left to close
        }
    }
}
