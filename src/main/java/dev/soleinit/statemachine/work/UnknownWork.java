package dev.soleinit.statemachine.work;

import dev.soleinit.process.RestartMode;
import dev.soleinit.statemachine.Transition;
import dev.soleinit.statemachine.model.Event.RestartRequested;
import dev.soleinit.statemachine.model.Phase;
import dev.soleinit.statemachine.model.RequestOutcome.Result;
import dev.soleinit.statemachine.state.OpenRequest.PendingRestart;

/**
 * What is not known is not idle: a safe restart of a daemon that reports no work, and for which no
 * preflight command speaks, is refused. One that starts may still attach, so there it waits.
 */
public final class UnknownWork {
    private static final String REFUSAL = "Cannot restart safely: nothing is known about its work: it "
            + "reports none, and there is neither --preflight-command nor --work; --assume-idle takes "
            + "it for idle";

    private UnknownWork() {}

    /** Whether nobody says what the daemon works on. */
    public static boolean is(Transition turn) {
        return !turn.daemon().attached() && !turn.settings().coordination().hasPreflightCommand()
                && turn.state.work().isEmpty();
    }

    /** Refuses a request that would have to wait for what will not be known. */
    public static boolean refuses(Transition turn, RestartRequested asked) {
        boolean refused = asked.mode() == RestartMode.SAFE && !asked.assumeIdle() && is(turn)
                && !(turn.state.phase() instanceof Phase.Starting);
        if (refused) {
            turn.answer(asked.id(), Result.REFUSED, REFUSAL);
        }
        return refused;
    }

    /**
     * Whether no safe restart that is due may begin now; those that waited in vain for the daemon to
     * attach, or for one that has gone silent, are refused. One that overlaps stops nobody yet.
     */
    public static boolean holdsBack(Transition turn) {
        if (!is(turn)) {
            return false;
        }
        boolean mayAttach = turn.state.phase() instanceof Phase.Starting;
        boolean assumed = false;
        for (PendingRestart one : turn.requests().pending()) {
            boolean due = one.mode() == RestartMode.SAFE && one.dueAt() <= turn.now && !one.overlap();
            assumed |= due && one.assumeIdle();
            if (due && !one.assumeIdle() && !mayAttach) {
                turn.finishOne(one.id(), Result.REFUSED, REFUSAL);
            }
        }
        return !assumed;
    }
}
