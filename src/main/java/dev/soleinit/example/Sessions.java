package dev.soleinit.example;

import dev.soleinit.lifecycle.InterruptedWork;
import dev.soleinit.lifecycle.RestartingException;
import dev.soleinit.lifecycle.Restored;
import dev.soleinit.lifecycle.Work;
import dev.soleinit.lifecycle.WorkGate;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Sessions of this daemon: each is work of some milliseconds. How many have ended survives restarts;
 * one that was interrupted goes on where its checkpoint says. For any thread.
 */
final class Sessions {
    private static final long STEP_MS = 50;

    private final WorkGate gate;
    private final boolean gated;
    private final AtomicLong ended = new AtomicLong();
    private final AtomicLong resumed = new AtomicLong();
    private final Map<String, Long> restored = new ConcurrentHashMap<>();

    Sessions(WorkGate gate, boolean gated) {
        this.gate = gate;
        this.gated = gated;
    }

    void restore(Restored last) {
        last.found().ifPresent(value -> value.forEach((name, count) ->
                restored.put(name, count instanceof Long number ? number : 0L)));
        ended.set(restored.getOrDefault("ended", 0L));
        resumed.set(restored.getOrDefault("resumed", 0L));
    }

    Map<String, Object> snapshot() {
        Map<String, Object> state = new LinkedHashMap<>();
        state.put("ended", ended.get());
        state.put("resumed", resumed.get());
        return state;
    }

    /**
     * Works for so long, and returns what is to be closed once the client has its answer.
     *
     * @throws RestartingException while the daemon is about to restart
     */
    AutoCloseable begin(String id, long millis) throws RestartingException, InterruptedException {
        if (!gated) {
            Thread.sleep(millis);
            ended.incrementAndGet();
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
        Thread.ofVirtual().start(() -> {
            try (work) {
                work(work, left);
            } catch (InterruptedException stop) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private void work(Work work, long millis) throws InterruptedException {
        for (long left = millis; left > 0; left -= STEP_MS) {
            work.checkpoint(Long.toString(left));
            Thread.sleep(Math.min(left, STEP_MS));
        }
        ended.incrementAndGet();
    }
}
