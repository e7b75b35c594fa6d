package dev.soleinit.supervisor.daemon;

import dev.soleinit.process.Child;
import dev.soleinit.statemachine.model.DaemonProcess;
import dev.soleinit.statemachine.model.Phase;
import dev.soleinit.statemachine.state.OtherProcess;
import dev.soleinit.statemachine.state.State;
import dev.soleinit.statemachine.work.WorkLedger;
import java.util.Optional;

/** Which daemons a state has: one, or two while a restart overlaps. Stateless. */
public final class Daemons {
    private Daemons() {}

    /** The one that has this process. */
    public static Optional<DaemonProcess> withPid(State state, int pid) {
        for (DaemonProcess one : state.processes()) {
            if (one.child().pid() == pid) {
                return Optional.of(one);
            }
        }
        return Optional.empty();
    }

    /** What the one of that generation works on, if there is one. */
    static Optional<WorkLedger> work(State state, long generation) {
        Optional<OtherProcess> other = state.other().filter(one -> has(one.process(), generation));
        if (other.isPresent()) {
            return Optional.of(other.get().daemon().work());
        }
        return has(state.phase().current(), generation) ? Optional.of(state.work()) : Optional.empty();
    }

    private static boolean has(Optional<DaemonProcess> run, long generation) {
        return run.isPresent() && run.get().child().generation() == generation;
    }

    /** Whether what this one has left is being ended. */
    public static boolean isBeingCleared(State state, Child child) {
        return isCleared(state.phase(), child)
                || state.other().isPresent() && isCleared(state.other().get().phase(), child);
    }

    private static boolean isCleared(Phase phase, Child child) {
        return phase instanceof Phase.ClearingLeftovers clearing && clearing.child().pid() == child.pid();
    }
}
