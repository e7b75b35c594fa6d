package dev.soleinit.supervisor;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.soleinit.statemachine.model.Phase;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class WarmupTest {
    private static final long LATER = 1_000_000_000L;

    private final AtomicInteger calls = new AtomicInteger();
    private final Warmup warmup = new Warmup(calls::addAndGet);

    @Test
    void itBeginsSomeTimeAfterTheFirstDaemonAndEnds() {
        warmup.follow(false, 0);
        assertEquals(Phase.NEVER, warmup.deadline(), "without a daemon there is nothing to be ready for");
        warmup.follow(true, 0);
        assertEquals(false, warmup.run(1), "the daemon's own start comes first");
        int rounds = 0;
        while (warmup.run(LATER)) {
            rounds++;
        }
        assertEquals(25, rounds);
        assertEquals(200, calls.get());
        warmup.follow(true, 2 * LATER);
        assertEquals(Phase.NEVER, warmup.deadline(), "once is enough");
    }

    @Test
    void whereTheProcessorIsWantedElsewhereItEnds() {
        warmup.follow(true, 0);
        assertEquals(true, warmup.run(LATER));
        assertEquals(true, warmup.run(LATER + 50_000_000));
        assertEquals(false, warmup.run(LATER + 200_000_000));
        assertEquals(Phase.NEVER, warmup.deadline());
        assertEquals(16, calls.get());
    }

    @Test
    void oneThatFailsEndsIt() {
        Warmup failing = new Warmup(_ -> {
            throw new NoSuchMethodError("planted");
        });
        failing.follow(true, 0);
        assertEquals(true, failing.run(LATER));
        assertEquals(Phase.NEVER, failing.deadline(), "PID 1 does not fall back for a rehearsal");
    }
}
