package dev.soleinit.watch;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A watcher, and what it has told. */
final class WatcherHarness implements AutoCloseable {
    static final Duration QUIET = Duration.ofMillis(60);
    /** No poll comes while a test runs. */
    static final Duration LONG = Duration.ofMinutes(10);
    static final Duration BOUND = Duration.ofSeconds(15);

    /** What a taker does besides. */
    interface Step {
        void run() throws Exception;
    }

    private final BlockingQueue<Change> changes = new LinkedBlockingQueue<>();
    private final AtomicInteger taken = new AtomicInteger();
    private Step step = () -> { };
    private Duration quiet = QUIET;
    private FileWatcher watcher;
    private Thread thread;

    void during(Step taker) {
        step = taker;
    }

    /** For tests that pause within a quiet time, and may be kept waiting a little longer. */
    void beSlow() {
        quiet = QUIET.multipliedBy(5);
    }

    int taken() {
        return taken.get();
    }

    /** Returns when it watches. */
    Snapshot watch(Path path) throws InterruptedException {
        return watch(List.of(path), LONG);
    }

    Snapshot watch(List<Path> paths, Duration poll, String... ignore) throws InterruptedException {
        WatchedFiles contents = new WatchedFiles(paths, List.of(ignore));
        Snapshot first = contents.snapshot();
        watcher = new FileWatcher(contents, first, quiet, poll, this::take);
        List<Thread> others = threads();
        watcher.start();
        thread = threads().stream().filter(one -> !others.contains(one)).findFirst().orElseThrow();
        settle();
        return first;
    }

    private void take(Change change) {
        taken.incrementAndGet();
        changes.add(change);
        try {
            step.run();
        } catch (Exception onPurpose) {
            throw new IllegalStateException(onPurpose);
        }
    }

    /** Lets it put its watches where they belong now. */
    void settle() throws InterruptedException {
        Thread.sleep(quiet.multipliedBy(6));
    }

    Thread thread() {
        return thread;
    }

    Change next() throws InterruptedException {
        Change change = changes.poll(BOUND.toMillis(), TimeUnit.MILLISECONDS);
        assertNotNull(change, "nothing was told");
        return change;
    }

    Change poll() {
        return changes.poll();
    }

    void expectNothing() throws InterruptedException {
        assertNull(changes.poll(quiet.multipliedBy(10).toMillis(), TimeUnit.MILLISECONDS));
    }

    private static List<Thread> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("watch") && thread.isAlive()).toList();
    }

    static String hash(String content) throws GeneralSecurityException {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256")
                .digest(content.getBytes(StandardCharsets.UTF_8)));
    }

    @Override
    public void close() {
        if (watcher != null) {
            watcher.close();
        }
    }
}
