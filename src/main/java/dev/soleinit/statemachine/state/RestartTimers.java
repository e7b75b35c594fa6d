package dev.soleinit.statemachine.state;

import dev.soleinit.statemachine.model.Phase;

/**
 * When something is due about restarts. Immutable.
 *
 * @param wakeAt         when to look at those that wait although nothing has happened
 * @param retryNotBefore not before then is a safe restart tried again
 * @param logNotBefore   when to say again why one waits
 * @param coolUntil      no restart by machines before
 */
public record RestartTimers(long wakeAt, long retryNotBefore, long logNotBefore, long coolUntil) {
    static RestartTimers initial() {
        return new RestartTimers(Phase.NEVER, 0, 0, 0);
    }

    /** No restart waits. */
    RestartTimers nonePending() {
        return new RestartTimers(Phase.NEVER, retryNotBefore, 0, coolUntil);
    }

    RestartTimers wakeAt(long at) {
        return new RestartTimers(at, retryNotBefore, logNotBefore, coolUntil);
    }

    RestartTimers retryNotBefore(long at) {
        return new RestartTimers(wakeAt, at, logNotBefore, coolUntil);
    }

    RestartTimers logNotBefore(long at) {
        return new RestartTimers(wakeAt, retryNotBefore, at, coolUntil);
    }

    RestartTimers coolUntil(long at) {
        return new RestartTimers(wakeAt, retryNotBefore, logNotBefore, at);
    }
}
