package dev.soleinit.statemachine.restart;

import dev.soleinit.statemachine.model.HeldExit;
import dev.soleinit.statemachine.model.Phase;
import dev.soleinit.statemachine.work.WorkOutcome;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What is known beside the phase about restarts and the daemon's work. Immutable; the moves are
 * in {@code RestartCoordinator}.
 *
 * @param pending   restarts that have not begun to stop the daemon
 * @param wakeAt    when to look at them although nothing has happened
 * @param lookAt    not before then is a safe restart tried again
 * @param looking   the preflight command runs
 * @param sayAt     when to say again why one waits
 * @param coolUntil no restart by machines before
 * @param attached  the daemon speaks the protocol
 * @param busy      what the preflight command said last
 * @param tale      what the restart that is under way did to the work
 * @param kept      the manifest holds entries of the running generation
 * @param checks    reloads and restarts that wait for the check command
 */
public record RestartState(List<PendingRestart> pending, long wakeAt, long retryNotBefore,
        boolean preflightRunning, long logNotBefore,
        long coolUntil, boolean attached, String preflightReason, Optional<WorkOutcome> tale,
        boolean manifestWritten, CheckQueue checks, Optional<HeldExit> exit, boolean unfence) {

    public static RestartState empty() {
        return new RestartState(List.of(), Phase.NEVER, 0, false, 0, 0, false, "", Optional.empty(),
                false, CheckQueue.empty(), Optional.empty(), false);
    }

    /** The strongest mode of those that are due, if any is. */
    public Optional<RestartMode> mode(long now) {
        return pending.stream().filter(one -> one.dueAt() <= now).map(PendingRestart::mode)
                .max(RestartMode::compareTo);
    }

    /** What somebody passes over is passed over for all: they share one restart. */
    public Set<String> ignored() {
        Set<String> all = new HashSet<>();
        pending.forEach(one -> all.addAll(one.ignored()));
        return all;
    }

    /** The earliest end of a drain; a deadline never moves later. */
    public long drainBy() {
        return pending.stream().filter(one -> one.mode() != RestartMode.SAFE)
                .mapToLong(PendingRestart::drainBy)
                .min().orElse(Phase.NEVER);
    }

    public boolean has(long id) {
        return pending.stream().anyMatch(one -> one.id() == id);
    }

    public boolean byMachine() {
        return pending.stream().anyMatch(PendingRestart::automatic);
    }

    public RestartState plus(PendingRestart one) {
        List<PendingRestart> longer = new ArrayList<>(pending);
        longer.add(one);
        return withPending(longer);
    }

    public RestartState less(long id) {
        return withPending(pending.stream().filter(one -> one.id() != id).toList());
    }

    public RestartState withPending(List<PendingRestart> next) {
        boolean none = next.isEmpty();
        return new RestartState(List.copyOf(next), none ? Phase.NEVER : wakeAt, retryNotBefore,
                preflightRunning,
                none ? 0 : logNotBefore, coolUntil, attached, preflightReason, tale, manifestWritten,
                checks, exit, unfence);
    }

    public RestartState wake(long at) {
        return new RestartState(pending, at, retryNotBefore, preflightRunning, logNotBefore,
                coolUntil, attached, preflightReason, tale, manifestWritten,
                checks, exit, unfence);
    }

    public RestartState withRetryNotBefore(long at) {
        return new RestartState(pending, wakeAt, at, preflightRunning, logNotBefore, coolUntil,
                attached, preflightReason, tale, manifestWritten,
                checks, exit, unfence);
    }

    public RestartState preflightRunning(boolean now, String words) {
        return new RestartState(pending, wakeAt, retryNotBefore, now, logNotBefore, coolUntil,
                attached, words, tale, manifestWritten,
                checks, exit, unfence);
    }

    public RestartState withLogNotBefore(long at) {
        return new RestartState(pending, wakeAt, retryNotBefore, preflightRunning, at, coolUntil,
                attached, preflightReason, tale, manifestWritten,
                checks, exit, unfence);
    }

    public RestartState coolUntil(long at) {
        return new RestartState(pending, wakeAt, retryNotBefore, preflightRunning, logNotBefore, at,
                attached, preflightReason, tale, manifestWritten,
                checks, exit, unfence);
    }

    public RestartState attached(boolean now) {
        return new RestartState(pending, wakeAt, retryNotBefore, preflightRunning, logNotBefore,
                coolUntil, now, preflightReason, tale, manifestWritten,
                checks, exit, unfence);
    }

    public RestartState with(Optional<WorkOutcome> next) {
        return new RestartState(pending, wakeAt, retryNotBefore, preflightRunning, logNotBefore,
                coolUntil, attached, preflightReason, next, manifestWritten,
                checks, exit, unfence);
    }

    public RestartState manifestWritten(boolean now) {
        return new RestartState(pending, wakeAt, retryNotBefore, preflightRunning, logNotBefore,
                coolUntil, attached, preflightReason, tale, now,
                checks, exit, unfence);
    }

    public RestartState with(CheckQueue next) {
        return new RestartState(pending, wakeAt, retryNotBefore, preflightRunning, logNotBefore,
                coolUntil, attached, preflightReason, tale, manifestWritten,
                next, exit, unfence);
    }

    public RestartState with(HeldExit next) {
        return new RestartState(pending, wakeAt, retryNotBefore, preflightRunning, logNotBefore,
                coolUntil, attached, preflightReason, tale, manifestWritten,
                checks, Optional.of(next), unfence);
    }

    public RestartState withoutExit() {
        return new RestartState(pending, wakeAt, retryNotBefore, preflightRunning, logNotBefore,
                coolUntil, attached, preflightReason, tale, manifestWritten,
                checks, Optional.empty(), unfence);
    }

    public RestartState unfence(boolean owed) {
        return new RestartState(pending, wakeAt, retryNotBefore, preflightRunning, logNotBefore,
                coolUntil, attached, preflightReason, tale, manifestWritten,
                checks, exit, owed);
    }
}
