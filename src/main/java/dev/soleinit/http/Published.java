package dev.soleinit.http;

import dev.soleinit.http.metrics.MetricFamily;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * Between the loop, which publishes, and the server, which reads: each side writes a field or asks, and
 * neither waits for the other. At most one wish of each kind is with the loop at a time, however many
 * clients there are, and a loop that does not turn collects none.
 */
public final class Published implements Consumer<String> {
    private static final int MAX_EVENTS = 1_024;

    /**
     * Whether the daemon is ready.
     *
     * @param state     the public word for its state
     * @param everReady it has been ready in this life of the supervisor
     */
    public record Readiness(String state, boolean ready, long generation, boolean everReady) {}

    /**
     * All that was known at a moment.
     *
     * @param status  the object of {@code status --json}
     * @param metrics of the loop
     * @param at      when, by {@link System#nanoTime}
     */
    public record Snapshot(Map<String, Object> status, List<MetricFamily> metrics, long at) {}

    /** How the loop is asked for something; returns at once. */
    public interface Loop {
        void requestTurn();

        void requestSnapshot();
    }

    private final Loop loop;
    private final AtomicBoolean turnRequested = new AtomicBoolean();
    private final AtomicBoolean snapshotRequested = new AtomicBoolean();
    private final Queue<String> events = new ConcurrentLinkedQueue<>();
    private final AtomicInteger waitingEvents = new AtomicInteger();
    private volatile Readiness readiness = new Readiness("starting", false, 0, false);
    private volatile Snapshot snapshot;
    private volatile long turnedAt = System.nanoTime();
    private volatile boolean fallenBack;
    /** Null before the server listens. */
    private volatile Selector reader;

    public Published(Loop loop) {
        this.loop = loop;
    }

    // ---- for the loop

    public void readiness(Readiness now) {
        readiness = now;
    }

    /** The loop has just turned. */
    public void turned() {
        turnedAt = System.nanoTime();
        turnRequested.set(false);
        wake();
    }

    public void snapshot(Snapshot now) {
        snapshot = now;
        turnedAt = now.at();
        snapshotRequested.set(false);
        wake();
    }

    /** There was none to be had. */
    public void noSnapshot() {
        snapshotRequested.set(false);
    }

    /** A line of the journal. */
    @Override
    public void accept(String line) {
        if (waitingEvents.incrementAndGet() > MAX_EVENTS) {
            waitingEvents.decrementAndGet();
        } else {
            events.add(line);
        }
        wake();
    }

    /** The loop has ended for good, and a plain init goes on. */
    public void fallenBack() {
        fallenBack = true;
        wake();
    }

    private void wake() {
        Selector waiting = reader;
        if (waiting != null) {
            waiting.wakeup();
        }
    }

    // ---- for the server

    /** What waits there is woken by each change. */
    void wakes(Selector selector) {
        reader = selector;
    }

    Readiness readiness() {
        return readiness;
    }

    boolean hasFallenBack() {
        return fallenBack;
    }

    /** Whether the loop is known to have turned since then; if it is not, it is asked to. */
    boolean turnedSince(long time) {
        if (turnedAt - time >= 0) {
            return true;
        }
        if (turnRequested.compareAndSet(false, true)) {
            loop.requestTurn();
        }
        return false;
    }

    /** The newest, which may be older than {@code time}: then another is asked for. Null at first. */
    Snapshot snapshotSince(long time) {
        Snapshot newest = snapshot;
        if ((newest == null || newest.at() - time < 0)
                && snapshotRequested.compareAndSet(false, true)) {
            loop.requestSnapshot();
        }
        return newest;
    }

    List<String> takeEvents() {
        List<String> lines = new ArrayList<>();
        for (String line = events.poll(); line != null; line = events.poll()) {
            waitingEvents.decrementAndGet();
            lines.add(line);
        }
        return lines;
    }
}
