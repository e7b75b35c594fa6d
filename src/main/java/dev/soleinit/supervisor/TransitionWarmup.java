package dev.soleinit.supervisor;

import dev.soleinit.process.Child;
import dev.soleinit.process.ExitStatus;
import dev.soleinit.process.Signal;
import dev.soleinit.statemachine.SupervisorStateMachine;
import dev.soleinit.statemachine.model.Event;
import dev.soleinit.statemachine.model.ExitRecord;
import dev.soleinit.statemachine.settings.Policy;
import dev.soleinit.statemachine.state.State;
import java.util.Optional;

/**
 * Deciding is pure, so it can be tried before it counts. The JVM links code when it first runs, which
 * would take milliseconds at the very moment at which the daemon has died; after a rehearsal, while the
 * daemon starts, it is done. What is decided here is thrown away.
 */
final class TransitionWarmup {
    private static final long HEALTHY = 1L << 60;
    private static final Child CHILD = new Child(1, 2, 3);

    private TransitionWarmup() {}

    /** A start, and each way in which a life usually ends. */
    static ExitRecord run() {
        State running = run(State.initial(Policy.defaults(), 0, 0), 0, new Event.Booted(),
                new Event.GenerationPersisted(1, Optional.empty()), new Event.Forked(CHILD),
                new Event.Spawned(CHILD));
        Event exit = new Event.ChildExited(CHILD.pid(), ExitStatus.fromWait(1 << 8));
        Event stop = new Event.SignalReceived(Signal.TERM);
        run(running, 0, exit, new Event.LeftoversGone(CHILD.pid()));
        run(running, HEALTHY, exit, new Event.LeftoversGone(CHILD.pid()));
        run(running, 0, new Event.DaemonAttached(1), exit, new Event.DaemonDetached(1));
        run(running, 0, new Event.SignalReceived(Signal.USR1));
        return run(running, 0, stop, exit, new Event.AllProcessesGone()).exitHistory().getFirst();
    }

    private static State run(State state, long now, Event... events) {
        State next = state;
        for (Event event : events) {
            next = SupervisorStateMachine.step(next, event, now, 0.5).state();
            next.deadline();
        }
        return next;
    }
}
