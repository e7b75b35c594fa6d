package dev.soleinit.supervisor.daemon;

import dev.soleinit.process.Child;
import dev.soleinit.statemachine.model.DaemonProcess;
import dev.soleinit.statemachine.model.Phase;
import dev.soleinit.statemachine.state.State;
import dev.soleinit.statemachine.work.WorkLedger;
import java.util.List;
import java.util.Optional;

/** Which daemons a state has: one, or two while a restart overlaps. Stateless. */
public final class Daemons {
    private Daemons() {}

    /** Those that have a process, the current one first. */
    public static List<DaemonProcess> of(State state) {
        return state.phase().current().map(List::of).orElse(List.of());
    }

    /** The one that has this process. */
    public static Optional<DaemonProcess> withPid(State state, int pid) {
        for (DaemonProcess one : of(state)) {
            if (one.child().pid() == pid) {
                return Optional.of(one);
            }
        }
        return Optional.empty();
    }

    /** What the one of that generation works on, if there is one. */
    static Optional<WorkLedger> work(State state, long generation) {
        return state.currentGeneration() == generation ? Optional.of(state.work()) : Optional.empty();
    }

    /** Whether what this one has left is being ended. */
    public static boolean isBeingCleared(State state, Child child) {
        return state.phase() instanceof Phase.ClearingLeftovers clearing
                && clearing.child().pid() == child.pid();
    }
}
