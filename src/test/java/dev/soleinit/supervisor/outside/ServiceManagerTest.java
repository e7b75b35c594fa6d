package dev.soleinit.supervisor.outside;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.soleinit.process.Child;
import dev.soleinit.statemachine.model.DaemonProcess;
import dev.soleinit.statemachine.model.Goal;
import dev.soleinit.statemachine.model.Phase;
import dev.soleinit.statemachine.settings.Policy;
import dev.soleinit.statemachine.state.State;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a service manager is told, and what it is not told late. */
class ServiceManagerTest {
    private static final long EPOCH = 7_000_000;
    private static final long LATER = ServiceManager.MIN_STATUS_INTERVAL_NANOS;

    private final List<String> sent = new ArrayList<>();
    private Optional<String> trouble = Optional.empty();
    private int attempts;
    private final ServiceManager manager = new ServiceManager("/outer", message -> {
        attempts++;
        if (trouble.isEmpty()) {
            sent.add(message);
        }
        return trouble;
    }, EPOCH);
    private final State idle = State.initial(Policy.defaults(), 3, 0);
    private final State ready = idle.with(new Phase.Ready(
            DaemonProcess.spawned(new Child(3, 41, 1), 0, Duration.ZERO, Duration.ZERO), false));
    private final State stopping = ready.with(new Phase.Idle());

    private String take() {
        String all = String.join("", sent);
        sent.clear();
        return all;
    }

    @Test
    void aRestartIsAReloadWithItsTimeAndTheFirstStartIsNone() {
        manager.follow(idle.with(Goal.RESTART), "", 0);
        assertEquals("STATUS=idle (generation 3)\n", take());
        manager.follow(ready, "serving", LATER);
        assertEquals("READY=1\nSTATUS=ready (generation 3): serving\n", take());
        manager.follow(stopping.with(Goal.RESTART), "", 5_000_000_000L);
        assertEquals("RELOADING=1\nMONOTONIC_USEC=5007000\nSTATUS=idle (generation 3)\n", take());
        manager.follow(stopping.with(Goal.UP), "", 6_000_000_000L);
        assertEquals("", take(), "it is not over before it is ready");
        manager.follow(ready, "", 7_000_000_000L);
        assertEquals("READY=1\nSTATUS=ready (generation 3)\n", take());
    }

    @Test
    void anEndThatNobodyAskedForIsAStatusAndNothingElse() {
        manager.follow(ready, "", 0);
        take();
        manager.follow(stopping.with(Goal.UP), "", LATER);
        assertEquals("STATUS=idle (generation 3)\n", take());
        manager.follow(ready, "", 2 * LATER);
        assertEquals("STATUS=ready (generation 3)\n", take());
    }

    @Test
    void stoppingIsSaidOnceAndAtOnce() {
        manager.follow(ready, "", 0);
        take();
        manager.follow(ready.with(Goal.EXIT), "", 1);
        assertEquals("STOPPING=1\n", take());
        manager.follow(stopping.with(Goal.EXIT), "", LATER + 1);
        assertEquals("STATUS=idle (generation 3)\n", take());
    }

    @Test
    void aStatusTextThatChangesAllTheTimeIsSaidTwiceASecond() {
        manager.follow(ready, "", 0);
        take();
        for (int i = 1; i <= 1_000; i++) {
            manager.follow(ready, "text " + i, i);
            manager.tick(i);
        }
        assertEquals("", take());
        assertEquals(LATER, manager.deadline());
        manager.tick(LATER);
        assertEquals("STATUS=ready (generation 3): text 1000\n", take());
        assertEquals(Phase.NEVER, manager.deadline());
    }

    @Test
    void whatIsNotTakenIsTriedAgainEverMoreSeldomAndOnlyWhatStillHoldsIsSaid() {
        trouble = Optional.of("nobody reads it");
        manager.follow(ready, "", 0);
        manager.follow(ready.with(Goal.RESTART).with(new Phase.Idle()), "", 1);
        manager.follow(ready, "", 2);
        assertEquals(3, attempts);
        long now = manager.deadline();
        for (int i = 0; i < 20; i++) {
            now = manager.deadline();
            manager.tick(now);
        }
        assertEquals(now + ServiceManager.MAX_RETRY_NANOS, manager.deadline());
        trouble = Optional.empty();
        manager.tick(manager.deadline());
        assertEquals("READY=1\nSTATUS=ready (generation 3)\n", take());
        assertEquals(Phase.NEVER, manager.deadline());
    }
}
