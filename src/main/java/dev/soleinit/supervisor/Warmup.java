package dev.soleinit.supervisor;

import dev.soleinit.statemachine.model.Phase;
import dev.soleinit.statemachine.state.State;
import dev.soleinit.supervisor.loop.StateObserver;
import dev.soleinit.supervisor.loop.TimedTask;
import java.util.function.IntConsumer;

/**
 * Passes, in the first quiet moment of the first daemon, through what lies between its end and its
 * successor, without any effect. The JVM loads, links and compiles code when it runs, which would cost
 * more than all of the rest at the very moment at which the daemon has died, and it would compete with
 * the daemon's own start before. Used on the loop's thread.
 */
final class Warmup implements StateObserver, TimedTask {
    /** Together as often as the JVM wants a method of its own to be called before it is compiled. */
    private static final int ROUNDS = 25;
    private static final int CALLS = 8;
    private static final long DELAY_NANOS = 300_000_000L;
    /** Whoever gets a turn so much later has not got the processor for this. */
    private static final long LATE_NANOS = 60_000_000L;

    private final IntConsumer rehearsal;
    private long dueAt = Phase.NEVER;
    private int rounds;
    private long begunAt;

    /** {@code rehearsal} passes through it so many times. */
    Warmup(IntConsumer rehearsal) {
        this.rehearsal = rehearsal;
    }

    /** It begins with the first daemon. */
    @Override
    public void follow(State state, long now) {
        if (rounds == 0 && state.phase().current().isPresent()) {
            rounds = 1;
            dueAt = now + DELAY_NANOS;
        }
    }

    @Override
    public long deadline(long now) {
        return dueAt;
    }

    /** A part of it, which no signal has to wait for long; called in a turn that has nothing to do. */
    @Override
    public void tick(long now) {
        if (now < dueAt) {
            return;
        }
        if (rounds > 1 && now - begunAt > LATE_NANOS) {
            // a small share of a processor, which the daemon's own start needs more
            dueAt = Phase.NEVER;
            return;
        }
        begunAt = now;
        try {
            rehearsal.accept(CALLS);
            dueAt = ++rounds > ROUNDS ? Phase.NEVER : now;
        } catch (RuntimeException | Error unfit) {
            // nothing hangs on it: what really fails will say so where it is needed
            dueAt = Phase.NEVER;
        }
    }
}
