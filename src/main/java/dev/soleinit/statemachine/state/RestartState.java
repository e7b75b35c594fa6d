package dev.soleinit.statemachine.state;

import dev.soleinit.statemachine.work.WorkOutcome;
import java.util.Optional;

/**
 * What is known about restarts beside the requests themselves. Immutable; the moves are in
 * {@code RestartCoordinator} and {@code CheckGate}.
 *
 * @param timers           when something is due
 * @param preflightRunning the preflight command runs
 * @param preflightReason  what it said last
 * @param tale             what the restart that is under way did to the work
 * @param checkRun         the number of the newest run of the check command
 */
public record RestartState(RestartTimers timers, boolean preflightRunning, String preflightReason,
        Optional<WorkOutcome> tale, long checkRun) {
    /** No restart is known of. */
    public static RestartState initial() {
        return new RestartState(RestartTimers.initial(), false, "", Optional.empty(), 0);
    }

    private RestartState with(RestartTimers next) {
        return new RestartState(next, preflightRunning, preflightReason, tale, checkRun);
    }

    RestartState nonePending() {
        return with(timers.nonePending());
    }

    public RestartState wake(long at) {
        return with(timers.wakeAt(at));
    }

    public RestartState withRetryNotBefore(long at) {
        return with(timers.retryNotBefore(at));
    }

    public RestartState withLogNotBefore(long at) {
        return with(timers.logNotBefore(at));
    }

    public RestartState coolUntil(long at) {
        return with(timers.coolUntil(at));
    }

    public RestartState preflightRunning(boolean now, String words) {
        return new RestartState(timers, now, words, tale, checkRun);
    }

    public RestartState with(Optional<WorkOutcome> next) {
        return new RestartState(timers, preflightRunning, preflightReason, next, checkRun);
    }

    public RestartState nextCheckRun() {
        return new RestartState(timers, preflightRunning, preflightReason, tale, checkRun + 1);
    }
}
