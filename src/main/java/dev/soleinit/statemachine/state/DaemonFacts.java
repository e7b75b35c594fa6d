package dev.soleinit.statemachine.state;

import dev.soleinit.statemachine.work.WorkLedger;
import java.util.Optional;

/**
 * What is known of a daemon beside its process and phase; it ends with the process. Immutable.
 *
 * @param work            what it is working on
 * @param attached        it speaks the protocol
 * @param owesUnfence     it is fenced, and has to be told that it is not any more once it attaches
 * @param manifestWritten the manifest holds entries of it
 * @param exit            it has ended, and what it had said before is still being read
 */
public record DaemonFacts(WorkLedger work, boolean attached, boolean owesUnfence,
        boolean manifestWritten, Optional<HeldExit> exit) {
    static DaemonFacts none() {
        return new DaemonFacts(WorkLedger.none(), false, false, false, Optional.empty());
    }

    /** After its end, which is still being decided. */
    public DaemonFacts cleared() {
        return new DaemonFacts(WorkLedger.none(), false, false, false, exit);
    }

    public DaemonFacts with(WorkLedger next) {
        return new DaemonFacts(next, attached, owesUnfence, manifestWritten, exit);
    }

    public DaemonFacts attached(boolean now) {
        return new DaemonFacts(work, now, owesUnfence, manifestWritten, exit);
    }

    public DaemonFacts owesUnfence(boolean now) {
        return new DaemonFacts(work, attached, now, manifestWritten, exit);
    }

    public DaemonFacts manifestWritten(boolean now) {
        return new DaemonFacts(work, attached, owesUnfence, now, exit);
    }

    public DaemonFacts with(Optional<HeldExit> next) {
        return new DaemonFacts(work, attached, owesUnfence, manifestWritten, next);
    }
}
