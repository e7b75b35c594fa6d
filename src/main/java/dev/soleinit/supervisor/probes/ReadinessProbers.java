package dev.soleinit.supervisor.probes;

import dev.soleinit.config.Configuration;
import dev.soleinit.os.Kernel;
import dev.soleinit.process.ExitStatus;
import dev.soleinit.statemachine.model.Phase;
import dev.soleinit.statemachine.state.State;
import dev.soleinit.supervisor.children.Spawner;
import dev.soleinit.supervisor.inbox.Inbox;
import dev.soleinit.supervisor.loop.ChildOwner;
import dev.soleinit.supervisor.loop.StateObserver;
import dev.soleinit.supervisor.loop.TimedTask;
import dev.soleinit.supervisor.startup.BackgroundThreads;

/**
 * A {@link ReadinessProber} for the current daemon, and one for that which is started beside it while a
 * restart overlaps. Used on the loop's thread.
 */
public final class ReadinessProbers implements StateObserver, TimedTask, ChildOwner {
    private static final Phase NONE = new Phase.Idle();

    private final ReadinessProber current;
    private final ReadinessProber other;

    public ReadinessProbers(Kernel os, Spawner spawner, Configuration configuration, Inbox inbox,
            BackgroundThreads threads) {
        current = new ReadinessProber(os, spawner, configuration, inbox, threads);
        other = new ReadinessProber(os, spawner, configuration, inbox, threads);
    }

    @Override
    public long deadline(long now) {
        return Math.min(current.deadline(), other.deadline());
    }

    @Override
    public void follow(State state, long now) {
        current.follow(state.phase(), state.daemon().attached(), now);
        other.follow(state.other().isPresent() ? state.other().get().phase() : NONE, false, now);
    }

    @Override
    public void tick(long now) {
        current.tick(now);
        other.tick(now);
    }

    @Override
    public boolean has(int pid) {
        return current.has(pid) || other.has(pid);
    }

    @Override
    public boolean reaped(int pid, ExitStatus status, long now) {
        return current.reaped(pid, status, now) || other.reaped(pid, status, now);
    }
}
