package dev.soleinit.watch;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
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
    private static final long BETWEEN_READS_MS = 50;
    private static final int MOST_QUIET_TIMES = 20;

    private final Contents contents;
    private final Duration quiet;
    private final Duration poll;
    private final Consumer<Change> taker;
    private final Map<Path, WatchKey> watched = new HashMap<>();
    private final Thread thread;
    private Snapshot known;
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
        this.thread = Thread.ofPlatform().daemon().name("watch").unstarted(this::run);
    }

    /** Begins. */
    public void start() {
        thread.start();
    }

    /** Ends the thread; does not wait for it. */
    @Override
    public void close() {
        closed = true;
        thread.interrupt();
    }

    private void run() {
        try {
            service = FileSystems.getDefault().newWatchService();
        } catch (IOException noInotify) {
            // no instance is left: the poll alone has to do
            service = null;
        }
        while (!closed) {
            try {
                turn();
            } catch (InterruptedException | ClosedWatchServiceException closing) {
                break;
            } catch (RuntimeException | IOException trouble) {
                // one bad read, or a taker's failure; the next look may do better
            }
        }
        closeService();
    }

    private void turn() throws InterruptedException, IOException {
        boolean seen = register() || waitFor(poll);
        // in a busy directory it is never quiet, and then two equal reads have to do
        long deadline = System.nanoTime() + MOST_QUIET_TIMES * quiet.toNanos();
        while (seen && System.nanoTime() < deadline) {
            seen = waitFor(quiet);
        }
        look();
    }

    /**
     * Watches directories that have come since; those that have gone take their watches along.
     * Whether there was a new one, in which something may have happened before it was watched.
     */
    private boolean register() {
        if (service == null) {
            return false;
        }
        boolean fresh = false;
        Set<Path> wanted = contents.directories();
        watched.entrySet().removeIf(entry -> {
            boolean over = !wanted.contains(entry.getKey()) || !entry.getValue().isValid();
            if (over) {
                entry.getValue().cancel();
            }
            return over;
        });
        for (Path directory : wanted) {
            if (!watched.containsKey(directory)) {
                try {
                    watched.put(directory, directory.register(service, KINDS));
                    fresh = true;
                } catch (IOException full) {
                    // no watch is left, or it has gone again: the poll sees it
                }
            }
        }
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
        key.pollEvents();
        key.reset();
        return true;
    }

    private void look() throws InterruptedException {
        if (contents.take().hash().equals(known.hash())) {
            return;
        }
        Snapshot first = contents.takeFresh();
        Thread.sleep(BETWEEN_READS_MS);
        Snapshot second = contents.takeFresh();
        while (!first.hash().equals(second.hash())) {
            first = second;
            Thread.sleep(quiet);
            second = contents.takeFresh();
        }
        if (!second.hash().equals(known.hash())) {
            Change change = new Change(second, second.changedSince(known));
            known = second;
            taker.accept(change);
        }
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
