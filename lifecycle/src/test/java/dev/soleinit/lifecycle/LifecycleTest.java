package dev.soleinit.lifecycle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The run loop without a supervisor; with one it is tested as a real daemon. */
class LifecycleTest {
    @TempDir
    Path dir;

    private final BlockingQueue<String> told = new LinkedBlockingQueue<>();

    private CompletableFuture<Integer> run(Lifecycle lifecycle) {
        return CompletableFuture.supplyAsync(lifecycle::loop, Thread.ofPlatform()::start);
    }

    private Lifecycle of(Service service) {
        return Lifecycle.of(Map.of("DAEMON_STATE_DIR", dir.toString(), "DAEMON_DRAIN_TIMEOUT",
                "2000ms"), service);
    }

    private void expect(String word) throws InterruptedException {
        assertEquals(word, told.poll(10, TimeUnit.SECONDS));
    }

    @Test
    void itStartsIsRebuiltAndStops() throws Exception {
        List<Context> lives = new ArrayList<>();
        Lifecycle lifecycle = of(context -> {
            lives.add(context);
            context.onReset(() -> told.add("reset"));
            told.add("start");
            return () -> told.add("stop");
        });
        CompletableFuture<Integer> code = run(lifecycle);
        expect("start");
        lifecycle.requestReload();
        expect("stop");
        expect("reset");
        expect("start");
        lifecycle.stop();
        expect("stop");
        assertEquals(0, code.get(10, TimeUnit.SECONDS));
        assertFalse(lives.getFirst().isSupervised());
    }

    @Test
    void aFirstStartThatFailsEndsIt() throws Exception {
        assertEquals(78, run(of(context -> {
            throw new ConfigurationException("no port");
        })).get(10, TimeUnit.SECONDS));
        assertEquals(1, run(of(context -> {
            throw new IllegalStateException("bug");
        })).get(10, TimeUnit.SECONDS));
    }

    @Test
    void aRebuildThatFailsStandingAloneWaitsForTheNextReload() throws Exception {
        AtomicReference<String> bad = new AtomicReference<>("");
        Lifecycle lifecycle = of(context -> {
            if (!bad.get().isEmpty()) {
                told.add("bad");
                throw new ConfigurationException(bad.get());
            }
            told.add("start");
            return () -> told.add("stop");
        });
        CompletableFuture<Integer> code = run(lifecycle);
        expect("start");
        bad.set("no such host");
        lifecycle.requestReload();
        expect("stop");
        expect("bad");
        lifecycle.requestReload();
        expect("bad");
        bad.set("");
        lifecycle.requestReload();
        expect("start");
        lifecycle.stop();
        assertEquals(0, code.get(10, TimeUnit.SECONDS));
    }

    @Test
    void aReloadDuringAStartIsQueuedAndAStopDuringAStartWins() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        Lifecycle lifecycle = of(context -> {
            told.add("starting");
            go.await();
            told.add("started");
            return () -> told.add("stop");
        });
        CompletableFuture<Integer> code = run(lifecycle);
        expect("starting");
        lifecycle.requestReload();
        go.countDown();
        expect("started");
        expect("stop");
        expect("starting");
        expect("started");
        lifecycle.stop();
        assertEquals(0, code.get(10, TimeUnit.SECONDS));
        Lifecycle stuck = of(context -> {
            told.add("hangs");
            new CountDownLatch(1).await();
            return () -> { };
        });
        told.clear();
        CompletableFuture<Integer> stopped = run(stuck);
        expect("hangs");
        stuck.stop();
        assertEquals(0, stopped.get(10, TimeUnit.SECONDS));
    }

    @Test
    void stateIsSnappedAfterTheWorkHasEndedAndRestoredInTheNextLife() throws Exception {
        BlockingQueue<Restored> found = new LinkedBlockingQueue<>();
        AtomicReference<WorkGate> gate = new AtomicReference<>();
        AtomicReference<String> last = new AtomicReference<>("nothing");
        Service service = context -> {
            gate.set(context.gate());
            found.add(context.state("users", () -> Map.of("last", last.get())));
            return () -> { };
        };
        Lifecycle lifecycle = of(service);
        CompletableFuture<Integer> code = run(lifecycle);
        assertTrue(found.poll(10, TimeUnit.SECONDS) instanceof Restored.None);
        Work work = gate.get().begin("session", "s", "");
        Thread.ofVirtual().start(() -> {
            Thread.yield();
            last.set("ended in time");
            work.close();
        });
        lifecycle.requestReload();
        assertEquals("ended in time",
                found.poll(10, TimeUnit.SECONDS).found().orElseThrow().get("last"));
        lifecycle.stop();
        assertEquals(0, code.get(10, TimeUnit.SECONDS));
        Lifecycle next = of(service);
        CompletableFuture<Integer> again = run(next);
        assertTrue(found.poll(10, TimeUnit.SECONDS) instanceof Restored.State);
        next.stop();
        again.get(10, TimeUnit.SECONDS);
    }

    @Test
    void workThatAReloadInterruptsIsHandedToTheNextLife() throws Exception {
        AtomicReference<WorkGate> gate = new AtomicReference<>();
        Lifecycle lifecycle = Lifecycle.of(Map.of("DAEMON_STATE_DIR", dir.toString(),
                "DAEMON_DRAIN_TIMEOUT", "50ms"), context -> {
                    gate.set(context.gate());
                    context.resume(candidate -> told.add("resumed " + candidate.id() + " at "
                            + candidate.checkpoint().orElse("")));
                    told.add("start");
                    return () -> { };
                });
        CompletableFuture<Integer> code = run(lifecycle);
        expect("start");
        gate.get().begin("session", "s", "").checkpoint("7");
        lifecycle.requestReload();
        expect("start");
        expect("resumed s at 7");
        lifecycle.stop();
        assertEquals(0, code.get(10, TimeUnit.SECONDS));
    }
}
