package dev.soleinit.supervise;

import dev.soleinit.machine.Event;
import dev.soleinit.machine.State;
import dev.soleinit.machine.SupervisorMachine;
import dev.soleinit.process.ExitStatus;
import dev.soleinit.process.Signal;
import java.util.List;

/**
 * Deciding is pure, so it can be tried before it counts. The JVM links code when it first runs,
 * which would take milliseconds at the very moment in which the daemon has died; after a rehearsal,
 * while the daemon starts, it is done. What is decided here is thrown away.
 */
final class Rehearsal {
    private static final long HEALTHY = 1L << 60;

    private Rehearsal() {}

    static void of(State state) {
        int pid = state.phase().current().map(run -> run.child().pid()).orElse(0);
        Event exit = new Event.Ended(pid, ExitStatus.fromWait(1 << 8));
        Event stop = new Event.SignalCame(Signal.TERM);
        play(state, 0, exit);
        play(state, HEALTHY, exit, new Event.LeftoversGone());
        play(state, 0, new Event.SignalCame(Signal.USR1));
        play(state, 0, stop, exit, new Event.NobodyLeft());
    }

    private static void play(State state, long now, Event... events) {
        State next = state;
        for (Event event : List.of(events)) {
            next = SupervisorMachine.step(next, event, now, 0.5).state();
        }
    }
}
