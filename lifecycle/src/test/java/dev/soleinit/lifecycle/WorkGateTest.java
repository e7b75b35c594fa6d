package dev.soleinit.lifecycle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class WorkGateTest {
    private final List<String> told = new ArrayList<>();
    private final WorkGate gate = new WorkGate(new WorkGate.Listener() {
        @Override
        public void begun(Work work) {
            told.add("begun " + work.id());
        }

        @Override
        public void changed(Work work) {
            told.add("changed " + work.id());
        }

        @Override
        public void ended(Work work) {
            told.add("ended " + work.id());
        }

        @Override
        public void drained() {
            told.add("drained");
        }
    });

    @Test
    void workIsAdmittedCountedAndEndedOnce() throws RestartingException {
        Work work = gate.begin("session", "a", "");
        assertEquals(1, gate.active());
        work.close();
        work.close();
        assertEquals(0, gate.active());
        assertEquals(List.of("begun a", "ended a"), told);
    }

    @Test
    void aFencedGateRefusesAloudAndTellsWhenTheLastPieceHasEnded() throws RestartingException {
        Work work = gate.begin("session", "a", "");
        gate.fence();
        assertEquals("restarting, try again shortly", assertThrows(RestartingException.class,
                () -> gate.begin("session", "b", "")).getMessage());
        assertFalse(told.contains("drained"));
        work.close();
        assertTrue(told.contains("drained"));
        gate.unfence();
        gate.begin("session", "b", "").close();
    }

    @Test
    void drainReturnsWhatDoesNotEndInTime() throws Exception {
        Work stuck = gate.begin("session", "stuck", "");
        Work quick = gate.begin("session", "quick", "");
        Thread.ofVirtual().start(quick::close);
        assertEquals(List.of(stuck), gate.drain(Duration.ofMillis(200)));
        stuck.close();
        assertEquals(List.of(), gate.drain(Duration.ofSeconds(60)));
    }

    /** The signal that ends a daemon can be faster than the word that comes before it. */
    @Test
    void aStopThatIsAnnouncedMeanwhileEndsTheDrain() throws Exception {
        Work stuck = gate.begin("session", "stuck", "");
        CompletableFuture<List<Work>> drain = CompletableFuture.supplyAsync(() -> {
            try {
                return gate.drain(Duration.ofSeconds(60));
            } catch (InterruptedException stop) {
                throw new IllegalStateException(stop);
            }
        });
        Thread.sleep(100);
        assertFalse(drain.isDone(), "it waits");
        gate.announceStop();
        assertEquals(List.of(stuck), drain.get(10, TimeUnit.SECONDS));
        assertTrue(gate.isFenced());
    }

    @Test
    void queuedWorkBlocksNothingUntilItRuns() throws RestartingException {
        Work queued = gate.queue("queue", "q", "");
        assertEquals(0, gate.active());
        queued.run();
        assertEquals(1, gate.active());
        queued.close();
        assertEquals(0, gate.active());
        assertEquals(List.of("begun q", "changed q", "ended q"), told);
    }

    @Test
    void whatEndsBecauseItWasInterruptedHasNotEnded() throws RestartingException {
        Work work = gate.begin("session", "a", "");
        gate.abandon();
        work.close();
        assertEquals(List.of("begun a"), told);
        gate.reset();
        assertEquals(List.of("begun a", "ended a"), told);
        gate.begin("session", "a", "resumed").close();
    }

    @Test
    void anIdIsUniqueAmongWhatIsOpen() throws RestartingException {
        gate.begin("session", "a", "");
        for (String bad : List.of("a", "", "x".repeat(129))) {
            assertThrows(IllegalArgumentException.class, () -> gate.begin("session", bad, ""));
        }
    }

    @Test
    void anExclusiveUnitIsWorkAndKeepsTheRuntime() throws Exception {
        assertEquals("done", gate.exclusively("m", "migration", () -> {
            assertEquals(1, gate.active());
            assertTrue(gate.runtime().isHeldByCurrentThread());
            return "done";
        }));
        assertEquals(0, gate.active());
    }

    @Test
    void aServerIsToldOnceOfEachFenceAndAtOnceOfOneThatStands() {
        gate.fence();
        gate.onFence(new WorkGate.FenceListener(() -> told.add("stop"), () -> told.add("go on")));
        assertEquals(List.of("drained", "stop"), told);
        gate.fence();
        gate.unfence();
        gate.unfence();
        gate.fence();
        assertEquals(List.of("stop", "go on", "stop"),
                told.stream().filter(word -> !word.equals("drained")).toList());
        gate.onFence(null);
        gate.unfence();
        assertEquals("stop", told.get(told.size() - 2), "who has left is told no more");
    }

    /** On a socket that the next generation has, too: what was accepted is not refused for that. */
    @Test
    void whoLeavesStopsAcceptingBeforeItRefuses() throws Exception {
        gate.onFence(new WorkGate.FenceListener(() -> told.add("stop"), () -> told.add("go on")));
        Thread leaving = Thread.ofPlatform().start(() -> {
            try {
                gate.leave();
            } catch (InterruptedException never) {
                throw new IllegalStateException(never);
            }
        });
        while (gate.isAccepting()) {
            Thread.onSpinWait();
        }
        gate.begin("session", "was accepted", "").close();
        leaving.join();
        assertThrows(RestartingException.class, () -> gate.begin("session", "late", ""));
        assertEquals(List.of("stop", "begun was accepted", "ended was accepted"), told.subList(0, 3));
        assertEquals("drained", told.getLast());
    }

    @Test
    void whoLeavesAndCannotStopAcceptingRefusesNobodyAndSaysThatItIsIdle() throws Exception {
        Work work = gate.begin("session", "a", "");
        gate.leave();
        gate.begin("session", "b", "").close();
        assertFalse(told.contains("drained"));
        work.close();
        assertEquals("drained", told.getLast());
        gate.leave();
        assertEquals(2, told.stream().filter("drained"::equals).count(), "who asks again is told again");
        assertFalse(gate.isFenced());
    }

    @Test
    void aServerThatFailsDoesNotKeepTheGateOpen() {
        gate.onFence(new WorkGate.FenceListener(() -> {
            throw new IllegalStateException("bug");
        }, () -> { }));
        gate.fence();
        assertTrue(gate.isFenced());
    }
}
