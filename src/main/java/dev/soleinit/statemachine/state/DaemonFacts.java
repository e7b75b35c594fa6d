package dev.soleinit.statemachine.state;

import dev.soleinit.statemachine.model.Phase;
import dev.soleinit.statemachine.work.WorkLedger;
import java.util.Optional;

/**
 * What is known of a daemon beside its process and phase; it ends with the process. Immutable.
 *
 * @param work            what it is working on
 * @param attached        it speaks the protocol
 * @param owesUnfence     it is fenced, and has to be told that it is not any more once it attaches
 * @param manifest        the number with which its work was given to the disk last, 0 for never
 * @param exit            it has ended, and what it had said before is still being read
 */
public record DaemonFacts(WorkLedger work, boolean attached, boolean owesUnfence,
        long manifest, Optional<HeldExit> exit) {
    /** Of a process that has not said anything. */
    public static DaemonFacts none() {
        return new DaemonFacts(WorkLedger.none(), false, false, 0, Optional.empty());
    }

    /** After its end, which is still being decided. */
    public DaemonFacts cleared() {
        return new DaemonFacts(WorkLedger.none(), false, false, 0, exit);
    }

    public DaemonFacts with(WorkLedger next) {
        return new DaemonFacts(next, attached, owesUnfence, manifest, exit);
    }

    public DaemonFacts attached(boolean now) {
        return new DaemonFacts(work, now, owesUnfence, manifest, exit);
    }

    public DaemonFacts owesUnfence(boolean now) {
        return new DaemonFacts(work, attached, now, manifest, exit);
    }

    public DaemonFacts manifest(long attempt) {
        return new DaemonFacts(work, attached, owesUnfence, attempt, exit);
    }

    /** The manifest holds entries of it. */
    public boolean manifestWritten() {
        return manifest != 0;
    }

    public DaemonFacts with(Optional<HeldExit> next) {
        return new DaemonFacts(work, attached, owesUnfence, manifest, next);
    }

    /** When this process wants to be looked at although nothing has happened. */
    long deadline(Phase phase, RestartState restarts) {
        if (exit.isPresent()) {
            return exit.get().deadline();
        }
        boolean waits = phase instanceof Phase.Starting || phase instanceof Phase.Ready
                || phase instanceof Phase.Draining;
        long alive = phase instanceof Phase.Ready ready ? ready.run().watchdogDeadline() : Phase.NEVER;
        return waits ? Math.min(Math.min(phase.deadline(), restarts.timers().wakeAt()), alive)
                : phase.deadline();
    }
}
