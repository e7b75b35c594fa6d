package dev.soleinit.supervisor;

import dev.soleinit.os.Kernel;
import dev.soleinit.statemachine.model.Event;
import dev.soleinit.statemachine.model.Phase;
import dev.soleinit.statemachine.state.State;
import dev.soleinit.supervisor.inbox.Inbox;
import dev.soleinit.supervisor.loop.StateObserver;
import dev.soleinit.supervisor.loop.TimedTask;

/**
 * Finds out that the last stranger has gone before PID 1 ends. It has to look: of a process that is
 * not our child the kernel tells its parent, not us. Used on the loop's thread.
 */
final class SweepPoll implements StateObserver, TimedTask {
    private static final long INTERVAL_NANOS = 10_000_000L;

    private final Kernel os;
    private final Inbox inbox;
    private boolean sweeping;

    SweepPoll(Kernel os, Inbox inbox) {
        this.os = os;
        this.inbox = inbox;
    }

    @Override
    public void follow(State state, long now) {
        sweeping = state.phase() instanceof Phase.Sweeping;
    }

    @Override
    public long deadline(long now) {
        return sweeping ? now + INTERVAL_NANOS : Phase.NEVER;
    }

    @Override
    public void tick(long now) {
        if (sweeping && !os.hasOtherProcesses()) {
            inbox.post(new Event.AllProcessesGone());
        }
    }
}
