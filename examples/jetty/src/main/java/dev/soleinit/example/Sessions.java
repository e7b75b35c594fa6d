package dev.soleinit.example;

import com.fasterxml.jackson.core.type.TypeReference;
import dev.soleinit.lifecycle.InterruptedWork;
import dev.soleinit.lifecycle.RestartingException;
import dev.soleinit.lifecycle.Restored;
import dev.soleinit.lifecycle.Work;
import dev.soleinit.lifecycle.WorkGate;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Sessions of this daemon: each is work of some milliseconds. How many have ended survives restarts;
 * one that was interrupted goes on where its checkpoint says. For any thread.
 */
final class Sessions implements AutoCloseable {
    private static final long SHORTEST_STEP_MS = 50;
    private static final long LONGEST_STEP_MS = 500;
    private static final TypeReference<Map<String, Object>> STATE = new TypeReference<>() {};

    /** What survives restarts. */
    record Counts(long ended, long resumed) {}

    private final WorkGate gate;
    private final boolean gated;
    private final AtomicLong ended = new AtomicLong();
    private final AtomicLong resumed = new AtomicLong();
    private final CountDownLatch over = new CountDownLatch(1);

    Sessions(WorkGate gate, boolean gated) {
        this.gate = gate;
        this.gated = gated;
    }

    void restore(Restored last) {
        last.found().map(state -> JsonText.MAPPER.convertValue(state, Counts.class))
                .ifPresent(counts -> {
                    ended.set(counts.ended());
                    resumed.set(counts.resumed());
                });
    }

    Counts counts() {
        return new Counts(ended.get(), resumed.get());
    }

    Map<String, Object> snapshot() {
        return JsonText.MAPPER.convertValue(counts(), STATE);
    }

    /**
     * Works for so long, and returns what is to be closed once the client has its answer.
     *
     * @throws RestartingException  while the daemon is about to restart
     * @throws InterruptedException if this life ends before the work does
     */
    AutoCloseable begin(String id, long millis) throws RestartingException, InterruptedException {
        if (!gated) {
            work(null, millis);
            return () -> { };
        }
        Work work = gate.begin("session", id, "works for " + millis + " ms");
        try {
            work(work, millis);
            return work;
        } catch (InterruptedException stop) {
            work.close();
            throw stop;
        }
    }

    /** Goes on with what an earlier life was interrupted in. */
    void resume(InterruptedWork candidate) throws RestartingException {
        long left = candidate.checkpoint().map(Long::parseLong).orElse(0L);
        Work work = gate.begin("session", candidate.id(), "resumed with " + left + " ms left");
        resumed.incrementAndGet();
        Thread.ofPlatform().daemon().name("session " + candidate.id()).start(() -> {
            try (work) {
                work(work, left);
            } catch (InterruptedException stop) {
                Thread.currentThread().interrupt();
            }
        });
    }

    /** An interrupted one does a step of it again: an eighth, but 50 ms at least and 500 at most. */
    private void work(Work work, long millis) throws InterruptedException {
        long step = Math.clamp(millis / 8, SHORTEST_STEP_MS, LONGEST_STEP_MS);
        for (long left = millis; left > 0; left -= step) {
            if (work != null) {
                work.checkpoint(Long.toString(left));
            }
            if (over.await(Math.min(left, step), TimeUnit.MILLISECONDS)) {
                throw new InterruptedException("this life has ended");
            }
        }
        ended.incrementAndGet();
    }

    /** Interrupts what still works: the gate has waited for it, or somebody did not want to. */
    @Override
    public void close() {
        over.countDown();
    }
}
