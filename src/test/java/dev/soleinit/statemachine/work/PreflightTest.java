package dev.soleinit.statemachine.work;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
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
        assertEquals(10_000, preflight.blockers().stream().mapToInt(Preflight.Blocker::count).sum());
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
        for (int i = 0; i < WorkLedger.MOST + 5; i++) {
            work = work.with(item("i" + i, "session", true));
        }
        assertEquals(WorkLedger.MOST + 5, work.active());
        assertEquals(5, work.overflowCount());
        assertFalse(of(work, Set.of()).safe());
        long kept = work.items().stream().mapToLong(one -> one.checkpoint().map(String::length)
                .orElse(0)).sum();
        assertTrue(kept <= WorkLedger.MOST_CHECKPOINTS, kept + " characters of checkpoints are kept");
        for (int i = 0; i < WorkLedger.MOST + 5; i++) {
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
}
