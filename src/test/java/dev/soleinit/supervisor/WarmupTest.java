package dev.soleinit.supervisor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.process.Child;
import dev.soleinit.statemachine.model.DaemonProcess;
import dev.soleinit.statemachine.model.Phase;
import dev.soleinit.statemachine.settings.Policy;
import dev.soleinit.statemachine.state.State;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class WarmupTest {
    private static final long LATER = 1_000_000_000L;
    private static final State NONE = State.initial(Policy.defaults(), 0, 0);
    private static final State RUNNING = NONE.with(new Phase.Ready(DaemonProcess.spawned(
            new Child(1, 41, 1), 0, Duration.ZERO, Duration.ZERO), false));

    private final AtomicInteger calls = new AtomicInteger();
    private final Warmup warmup = new Warmup(calls::addAndGet);

    @Test
    void itBeginsSomeTimeAfterTheFirstDaemonAndEnds() {
        warmup.follow(NONE, 0);
        assertEquals(Phase.NEVER, warmup.deadline(LATER), "without a daemon there is nothing to be ready for");
        warmup.follow(RUNNING, 0);
        warmup.tick(1);
        assertEquals(0, calls.get(), "the daemon's own start comes first");
        for (int round = 1; round <= 25; round++) {
            assertTrue(warmup.deadline(LATER) <= LATER, "it goes on at once");
            warmup.tick(LATER);
            assertEquals(8 * round, calls.get());
        }
        warmup.follow(RUNNING, 2 * LATER);
        assertEquals(Phase.NEVER, warmup.deadline(LATER), "once is enough");
    }

    @Test
    void whereTheProcessorIsWantedElsewhereItEnds() {
        warmup.follow(RUNNING, 0);
        warmup.tick(LATER);
        warmup.tick(LATER + 50_000_000);
        warmup.tick(LATER + 200_000_000);
        assertEquals(Phase.NEVER, warmup.deadline(LATER));
        assertEquals(16, calls.get());
    }

    @Test
    void oneThatFailsEndsIt() {
        Warmup failing = new Warmup(_ -> {
            throw new NoSuchMethodError("planted");
        });
        failing.follow(RUNNING, 0);
        failing.tick(LATER);
        assertEquals(Phase.NEVER, failing.deadline(LATER), "PID 1 does not fall back for a rehearsal");
    }
}
