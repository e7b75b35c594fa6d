package dev.soleinit.lifecycle;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The door through which all work comes in: counts it, tells the supervisor of it, refuses it while
 * the daemon is about to restart, and waits for the last piece to end. For any thread.
 */
public final class WorkGate {
    /** Who wants to know. */
    interface Listener {
        void begun(Work work);

        void changed(Work work);

        void ended(Work work);

        /** Fenced, and the last running piece has ended. */
        void drained();
    }

    /** So long what has been accepted may take to begin. */
    private static final Duration SETTLE = Duration.ofMillis(100);
    private static final Logger LOG = LoggerFactory.getLogger("lifecycle");

    private final Map<String, Work> open = new LinkedHashMap<>();
    private final ReentrantLock runtime = new ReentrantLock(true);
    private final Listener listener;
    private int running;
    private boolean fenced;
    /** The server accepts connections, as far as it was told. */
    private boolean accepting = true;
    /** The next generation serves beside this one. */
    private boolean leaving;
    private boolean abandoned;
    private boolean stopAnnounced;
    private FenceListener fenceListener;

    /** Stops and goes on accepting; see {@link Context#onFence}. */
    record FenceListener(Runnable fenced, Runnable unfenced) {}

    WorkGate(Listener listener) {
        this.listener = listener;
    }

    /**
     * Admits a piece of work.
     *
     * @param kind        {@code session}, {@code task}, {@code queue}, {@code reply}, or your own
     * @param id          1 to 128 characters, unique among what is open
     * @param description for people, 80 characters at the most
     * @throws RestartingException      if new work is refused just now
     * @throws IllegalArgumentException if work with this id is open already
     */
    public Work begin(String kind, String id, String description) throws RestartingException {
        return admit(kind, id, description, true);
    }

    /** Admits work that is only queued: no restart waits for it, but the next life gets it. */
    public Work queue(String kind, String id, String description) throws RestartingException {
        return admit(kind, id, description, false);
    }

    private synchronized Work admit(String kind, String id, String description, boolean runs)
            throws RestartingException {
        if (fenced) {
            throw new RestartingException();
        }
        if (id.isBlank() || id.length() > 128 || open.containsKey(id)) {
            throw new IllegalArgumentException("Cannot begin work '" + id + "': an id has 1 to 128 "
                    + "characters and is unique among the work that is open");
        }
        Work work = new Work(this, kind, id, description, runs);
        open.put(id, work);
        running += runs ? 1 : 0;
        listener.begun(work);
        return work;
    }

    /**
     * Runs a unit that must not be interrupted: one at a time, and neither a reload nor an orderly
     * stop begins meanwhile. It blocks a safe restart as work of kind {@code exclusive}.
     */
    public <T> T exclusively(String id, String description, Callable<T> unit) throws Exception {
        try (Work work = begin("exclusive", id, description)) {
            runtime.lock();
            try {
                return unit.call();
            } finally {
                runtime.unlock();
            }
        }
    }

    /** Held by whoever ends or rebuilds the daemon. */
    ReentrantLock runtime() {
        return runtime;
    }

    /** Whether new work is refused. */
    public synchronized boolean isFenced() {
        return fenced;
    }

    /** How many pieces run. */
    public synchronized int active() {
        return running;
    }

    /** All that is open, queued or running, in the order of its coming. */
    public synchronized List<Work> open() {
        return new ArrayList<>(open.values());
    }

    /** Tells everything that is open, so that nothing ends between the look and the word. */
    synchronized void report(Consumer<List<Work>> taker) {
        taker.accept(open());
    }

    synchronized void runs(Work work, Runnable change) throws RestartingException {
        if (fenced) {
            throw new RestartingException();
        }
        if (open.get(work.id()) == work && !work.isRunning()) {
            change.run();
            running++;
            listener.changed(work);
        }
    }

    synchronized void changed(Work work) {
        if (open.get(work.id()) == work) {
            listener.changed(work);
        }
    }

    synchronized void ended(Work work) {
        // what ends because it was interrupted has not ended: the next life may resume it
        if (abandoned || !open.remove(work.id(), work)) {
            return;
        }
        running -= work.isRunning() ? 1 : 0;
        listener.ended(work);
        tellIfDrained();
        notifyAll();
    }

    private void tellIfDrained() {
        if ((fenced || leaving) && running == 0) {
            listener.drained();
        }
    }

    /** Refuses new work from now on. */
    synchronized void fence() {
        stopAccepting();
        fenced = true;
        tellIfDrained();
    }

    /** Whether the server accepts connections, as far as it was told. */
    synchronized boolean isAccepting() {
        return accepting;
    }

    /** Whether the next generation serves beside this one. */
    synchronized boolean isLeaving() {
        return leaving;
    }

    private void stopAccepting() {
        if (accepting && fenceListener != null) {
            call(fenceListener.fenced());
        }
        accepting = false;
    }

    synchronized void unfence() {
        if (!accepting && fenceListener != null) {
            call(fenceListener.unfenced());
        }
        accepting = true;
        fenced = false;
        leaving = false;
    }

    /**
     * The next generation serves beside this one, on the same socket: who waits in its backlog is that
     * one's. Stops accepting, lets begin what has been accepted, and then refuses new work. A server that
     * cannot be told to stop accepting refuses nobody: it is stopped once it is idle.
     */
    void leave() throws InterruptedException {
        if (beginLeaving()) {
            Thread.sleep(SETTLE.toMillis());
            fence();
        }
    }

    /** Whether it is to refuse new work in a moment. */
    private synchronized boolean beginLeaving() {
        boolean first = !leaving && fenceListener != null;
        leaving = true;
        if (first) {
            stopAccepting();
        } else {
            tellIfDrained();
        }
        return first;
    }

    /** Tells this one from now on, and none if it is null; at once if new work is refused now. */
    synchronized void onFence(FenceListener listener) {
        fenceListener = listener;
        if (!accepting && listener != null) {
            call(listener.fenced());
        }
    }

    /** What a server does wrong must not keep the gate open, or closed. */
    private static void call(Runnable of) {
        try {
            of.run();
        } catch (RuntimeException failed) {
            LOG.warn("a server could not stop or go on accepting", failed);
        }
    }

    /** The supervisor has waited for work, or decided not to: nobody waits here any more. */
    synchronized void announceStop() {
        stopAnnounced = true;
        if (!leaving) {
            fence();
        }
        notifyAll();
    }

    /** Waits until nothing runs; returns what still does when the time is over, or the stop announced. */
    synchronized List<Work> drain(Duration within) throws InterruptedException {
        long deadline = System.nanoTime() + within.toNanos();
        while (running > 0 && !stopAnnounced) {
            long left = (deadline - System.nanoTime()) / 1_000_000;
            if (left <= 0) {
                break;
            }
            wait(left);
        }
        return open.values().stream().filter(Work::isRunning).toList();
    }

    /** From now on what is open counts as interrupted, however it ends. Returns it. */
    synchronized List<Work> abandon() {
        abandoned = true;
        return open();
    }

    /** Forgets what an earlier life left open: it must not block the next one. */
    synchronized void reset() {
        abandoned = false;
        for (Work left : open()) {
            ended(left);
        }
    }
}
