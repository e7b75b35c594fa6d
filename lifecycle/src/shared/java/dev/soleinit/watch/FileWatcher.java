package dev.soleinit.watch;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
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
    private static final int MAX_QUIET_TIMES = 20;
    /** Shares of a processor: at the most a fifth while much happens, a twentieth while nothing does. */
    private static final int PAUSE_PER_READ = 2;
    private static final int POLL_PER_READ = 20;
    /** And at the most a fifth of the time, where a disk or others' load makes a read take long. */
    private static final int POLL_PER_WAIT = 4;
    private static final Path USED = Path.of("/proc/thread-self/schedstat");

    private final WatchedFiles contents;
    private final Duration quiet;
    private final Duration poll;
    private final Consumer<Change> taker;
    private Thread thread;
    private Set<WatchKey> watched = new HashSet<>();
    /** Null until the first has been taken. */
    private Snapshot known;
    private final Set<String> said = new HashSet<>();
    private Consumer<String> log = line -> { };
    private long readAt = System.nanoTime();
    /** How long the last read took, and what it used of a processor. */
    private long readNanos;
    private long usedNanos;
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
    public FileWatcher(WatchedFiles contents, Snapshot known, Duration quiet, Duration poll,
            Consumer<Change> taker) {
        this.contents = contents;
        this.known = known;
        this.quiet = quiet;
        this.poll = poll;
        this.taker = taker;
    }

    /**
     * Makes one that takes the first snapshot itself, on its own thread, and tells it like a change of
     * which no file is known.
     */
    public FileWatcher(WatchedFiles contents, Duration quiet, Duration poll, Consumer<Change> taker) {
        this(contents, null, quiet, poll, taker);
    }

    /** Has a line said, once, for each thing that it cannot do; before it starts. */
    public FileWatcher sayingTrouble(Consumer<String> taker) {
        log = taker;
        return this;
    }

    /** Begins. */
    public void start() {
        start(task -> {
            Thread fresh = new Thread(task);
            fresh.setDaemon(true);
            return fresh;
        });
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
            say("Cannot be told of changes of watched files: " + noInotify.getMessage()
                    + " (fs.inotify.max_user_instances); they are looked at every " + seconds(poll));
        }
        while (!closed) {
            try {
                turn();
            } catch (InterruptedException closingOrTheTakersDoing) {
                // the loop's condition knows which
            } catch (RuntimeException | Error trouble) {
                afterTrouble(trouble);
            }
        }
        closeService();
    }

    /** What goes wrong once may go wrong each time, and is not to take all of a processor. */
    private void afterTrouble(Throwable trouble) {
        try {
            say("Cannot watch files: " + trouble + "; it is tried again");
            Thread.sleep(longer(quiet).toMillis());
        } catch (InterruptedException closing) {
            // the loop's condition knows
        } catch (RuntimeException | Error again) {
            // the line is not worth the thread
        }
    }

    private void say(String line) {
        if (said.add(line)) {
            log.accept(line);
        }
    }

    private static String seconds(Duration time) {
        return time.toMillis() / 1000.0 + " s";
    }

    private void turn() throws InterruptedException {
        if (known == null) {
            known = read(false);
            tell(new Change(known, List.of()));
        }
        boolean seen = register() || waitFor(pollInterval());
        // in a busy directory it is never quiet, and then two equal reads have to do
        long deadline = System.nanoTime() + MAX_QUIET_TIMES * quiet.toNanos();
        if (seen) {
            awaitQuiet(quiet, deadline);
        }
        boolean due = System.nanoTime() - readAt >= poll.toNanos();
        Snapshot now = read(due);
        // no event told of a change that the poll has found, nor would of the rest of it
        Duration between = seen ? BETWEEN_READS : longer(quiet);
        boolean settled = false;
        while (!settled && !now.hash().equals(known.hash())) {
            awaitQuiet(between, deadline);
            Snapshot again = read(true);
            settled = again.hash().equals(now.hash());
            now = again;
        }
        if (settled) {
            report(now);
        }
        // a tree that takes long to walk is not walked all the time
        TimeUnit.NANOSECONDS.sleep(PAUSE_PER_READ * readNanos);
    }

    private Duration pollInterval() {
        return pollInterval(poll, readNanos, usedNanos);
    }

    static Duration pollInterval(Duration poll, long readNanos, long usedNanos) {
        Duration least = Duration.ofNanos(Math.max(POLL_PER_READ * usedNanos, POLL_PER_WAIT * readNanos));
        return poll.compareTo(least) > 0 ? poll : least;
    }

    /** Nanoseconds of a processor that this thread has had, 0 if nobody tells. Source: proc(5). */
    static long used() {
        try {
            String times = Files.readString(USED);
            return Long.parseLong(times, 0, times.indexOf(' '), 10);
        } catch (IOException | RuntimeException notTold) {
            return 0;
        }
    }

    private Snapshot read(boolean fresh) {
        long begun = System.nanoTime();
        long usedBefore = used();
        readAt = fresh ? begun : readAt;
        Snapshot taken = fresh ? contents.rereadAll() : contents.snapshot();
        readNanos = System.nanoTime() - begun;
        long used = used() - usedBefore;
        usedNanos = usedBefore > 0 && used >= 0 ? used : readNanos;
        if (contents.isByDate()) {
            say("Cannot compare the contents of watched files: there are more than "
                    + WatchedFiles.MAX_FILES + ", or more than " + (WatchedFiles.MAX_BYTES >> 20)
                    + " MiB; changes of the first " + WatchedFiles.MAX_WALKED + " are known by size and "
                    + "date, without names; watch less of them, or leave some out with --ignore");
        }
        return taken;
    }

    private void report(Snapshot now) {
        Change change = new Change(now, now.changedSince(known));
        known = now;
        tell(change);
    }

    private void tell(Change change) {
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
            Thread.sleep(longer(quiet).toMillis());
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
        Set<Path> directories = contents.directories();
        if (directories.size() > WatchedFiles.MAX_DIRECTORIES) {
            say("Cannot be told of changes in all watched directories: there are more than "
                    + WatchedFiles.MAX_DIRECTORIES + "; the others are looked at every "
                    + seconds(pollInterval()));
        }
        for (Path directory : directories) {
            try {
                keys.add(directory.register(service, KINDS));
            } catch (IOException full) {
                sayIfFull(full);
            }
        }
        boolean fresh = !watched.containsAll(keys);
        watched.removeAll(keys);
        watched.forEach(WatchKey::cancel);
        watched = keys;
        return fresh;
    }

    /** One that has gone again is seen by the poll. */
    private void sayIfFull(IOException full) {
        if (String.valueOf(full.getMessage()).contains("inotify")) {
            say("Cannot be told of changes in all watched directories: " + full.getMessage()
                    + " (fs.inotify.max_user_watches); the others are looked at every "
                    + seconds(poll));
        }
    }

    private boolean waitFor(Duration time) throws InterruptedException {
        if (service == null) {
            Thread.sleep(time.toMillis());
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
