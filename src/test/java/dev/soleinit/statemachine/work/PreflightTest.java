package dev.soleinit.statemachine.work;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PreflightTest {
    private static final long SECOND = 1_000_000_000L;

    private static WorkItem item(String id, String kind, boolean blocks) {
        return new WorkItem(id, kind, "words", blocks, Optional.of("x".repeat(1_000)), "", 0);
    }

    private static Preflight of(WorkLedger work, Set<String> ignored) {
        return Preflight.of(work, ignored, Optional.empty(), true, 3 * SECOND);
    }

    @Test
    void eightBlockersAreListedAndTheRestIsOneRemainderPerKind() {
        List<WorkItem> items = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            items.add(item("i" + i, i % 2 == 0 ? "session" : "task", true));
        }
        Preflight preflight = of(WorkLedger.of(items), Set.of());
        assertFalse(preflight.safe());
        assertEquals(10, preflight.blockers().size());
        assertEquals(10_000, preflight.blockers().stream().mapToInt(Blocker::count).sum());
        assertEquals(10_000, preflight.counts().get("totalActive"));
        assertEquals(5_000, preflight.counts().get("task"));
        assertEquals("session i0 (3 s): words", preflight.blockers().getFirst().message());
    }

    @Test
    void onlyRunningUnendedWorkBlocks() {
        WorkLedger work = WorkLedger.of(List.of(item("q", "queue", false), item("s", "session", true)));
        assertFalse(of(work, Set.of()).safe());
        assertTrue(of(work, Set.of("s")).safe());
        assertTrue(of(work.without("s"), Set.of()).safe());
        assertEquals(1, of(work.without("s"), Set.of()).counts().get("queue"));
    }

    @Test
    void workThatIsToldTwiceIsOnePieceAndKeepsItsAge() {
        WorkLedger work = WorkLedger.none().with(item("s", "session", true)).with(new WorkItem("s", "session",
                "more words", true, Optional.empty(), "", 2 * SECOND));
        assertEquals(1, work.active());
        assertEquals(0, work.items().getFirst().since());
        assertTrue(work.items().getFirst().checkpoint().isPresent(), "a checkpoint stays");
    }

    @Test
    void beyondTheBoundWorkIsCountedAndCheckpointsAreLeftOut() {
        WorkLedger work = WorkLedger.none();
        for (int i = 0; i < WorkLedger.MAX_ITEMS + 5; i++) {
            work = work.with(item("i" + i, "session", true));
        }
        assertEquals(WorkLedger.MAX_ITEMS + 5, work.active());
        assertEquals(5, work.overflowCount());
        assertFalse(of(work, Set.of()).safe());
        long kept = work.items().stream().mapToLong(one -> one.checkpoint().map(String::length)
                .orElse(0)).sum();
        assertTrue(kept <= WorkLedger.MAX_CHECKPOINTS, kept + " characters of checkpoints are kept");
        for (int i = 0; i < WorkLedger.MAX_ITEMS + 5; i++) {
            work = work.without("i" + i);
        }
        assertTrue(work.isEmpty());
        assertEquals(work.without("unknown"), work);
    }

    @Test
    void whatTheCommandSaysBlocksUnlessItIsIdle() {
        for (PreflightVerdict.Verdict verdict : PreflightVerdict.Verdict.values()) {
            Preflight preflight = Preflight.of(WorkLedger.none(), Set.of(),
                    Optional.of(new PreflightVerdict(verdict, "a backup")), false, 0);
            assertEquals(verdict == PreflightVerdict.Verdict.IDLE, preflight.safe());
        }
    }

    @Test
    void whatWasFoundFromOutsideIsListedBesideTheWork() {
        PreflightVerdict busy = new PreflightVerdict(PreflightVerdict.Verdict.BUSY, "later",
                Map.of("session", 2, "connection", 3), List.of(new Blocker("connection", Optional.empty(), 3,
                        "3 connections to port 80")));
        Preflight preflight = Preflight.of(WorkLedger.of(List.of(item("s", "session", true))), Set.of(),
                Optional.of(busy), false, 0);
        assertEquals(Map.of("session", 3, "connection", 3, "totalActive", 4), preflight.counts());
        assertEquals("not safe: 4 pieces of work would be cut", preflight.summary());
        assertEquals("session s (0 s): words, 3 connections to port 80", Blocker.line(preflight.blockers()));
    }

    @Test
    void ofTwoThatWereAskedTheMoreCautiousCounts() {
        PreflightVerdict idle = new PreflightVerdict(PreflightVerdict.Verdict.IDLE, "fine");
        PreflightVerdict busy = new PreflightVerdict(PreflightVerdict.Verdict.BUSY, "a backup");
        PreflightVerdict unknown = new PreflightVerdict(PreflightVerdict.Verdict.UNKNOWN, "", Map.of(),
                List.of(new Blocker("connection", Optional.empty(), 1, "unknown: why")));
        assertEquals(PreflightVerdict.Verdict.IDLE, idle.and(idle).verdict());
        assertEquals(PreflightVerdict.Verdict.BUSY, idle.and(busy).verdict());
        assertEquals(PreflightVerdict.Verdict.BUSY, busy.and(idle).verdict());
        assertEquals(PreflightVerdict.Verdict.UNKNOWN, busy.and(unknown).verdict());
        assertEquals("the preflight command (busy): a backup, unknown: why", busy.and(unknown).words());
        assertEquals(1, busy.and(idle).listed().size());
        assertEquals(0, idle.and(idle).listed().size());
    }
}
