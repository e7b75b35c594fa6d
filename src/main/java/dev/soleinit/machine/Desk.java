package dev.soleinit.machine;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What is known beside the phase about restarts and the daemon's work. Immutable; the moves are
 * in {@link Drain}.
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
public record Desk(List<Pending> pending, long wakeAt, long lookAt, boolean looking, long sayAt,
        long coolUntil, boolean attached, String busy, Optional<Tale> tale, boolean kept,
        CheckQueue checks, Optional<HeldExit> exit, boolean unfence) {

    static Desk empty() {
        return new Desk(List.of(), Phase.NEVER, 0, false, 0, 0, false, "", Optional.empty(), false,
                CheckQueue.empty(), Optional.empty(), false);
    }

    /** The strongest mode of those that are due, if any is. */
    Optional<Mode> mode(long now) {
        return pending.stream().filter(one -> one.dueAt() <= now).map(Pending::mode)
                .max(Mode::compareTo);
    }

    /** What somebody passes over is passed over for all: they share one restart. */
    Set<String> ignored() {
        Set<String> all = new HashSet<>();
        pending.forEach(one -> all.addAll(one.ignored()));
        return all;
    }

    /** The earliest end of a drain; a deadline never moves later. */
    long drainBy() {
        return pending.stream().filter(one -> one.mode() != Mode.SAFE).mapToLong(Pending::drainBy)
                .min().orElse(Phase.NEVER);
    }

    boolean has(long id) {
        return pending.stream().anyMatch(one -> one.id() == id);
    }

    boolean byMachine() {
        return pending.stream().anyMatch(Pending::machine);
    }

    Desk plus(Pending one) {
        List<Pending> longer = new ArrayList<>(pending);
        longer.add(one);
        return withPending(longer);
    }

    Desk less(long id) {
        return withPending(pending.stream().filter(one -> one.id() != id).toList());
    }

    Desk withPending(List<Pending> next) {
        boolean none = next.isEmpty();
        return new Desk(List.copyOf(next), none ? Phase.NEVER : wakeAt, lookAt, looking,
                none ? 0 : sayAt, coolUntil, attached, busy, tale, kept,
                checks, exit, unfence);
    }

    Desk wake(long at) {
        return new Desk(pending, at, lookAt, looking, sayAt, coolUntil, attached, busy, tale, kept,
                checks, exit, unfence);
    }

    Desk lookNotBefore(long at) {
        return new Desk(pending, wakeAt, at, looking, sayAt, coolUntil, attached, busy, tale, kept,
                checks, exit, unfence);
    }

    Desk looking(boolean now, String words) {
        return new Desk(pending, wakeAt, lookAt, now, sayAt, coolUntil, attached, words, tale, kept,
                checks, exit, unfence);
    }

    Desk sayNotBefore(long at) {
        return new Desk(pending, wakeAt, lookAt, looking, at, coolUntil, attached, busy, tale, kept,
                checks, exit, unfence);
    }

    Desk coolUntil(long at) {
        return new Desk(pending, wakeAt, lookAt, looking, sayAt, at, attached, busy, tale, kept,
                checks, exit, unfence);
    }

    Desk attached(boolean now) {
        return new Desk(pending, wakeAt, lookAt, looking, sayAt, coolUntil, now, busy, tale, kept,
                checks, exit, unfence);
    }

    Desk with(Optional<Tale> next) {
        return new Desk(pending, wakeAt, lookAt, looking, sayAt, coolUntil, attached, busy, next, kept,
                checks, exit, unfence);
    }

    Desk kept(boolean now) {
        return new Desk(pending, wakeAt, lookAt, looking, sayAt, coolUntil, attached, busy, tale, now,
                checks, exit, unfence);
    }

    Desk with(CheckQueue next) {
        return new Desk(pending, wakeAt, lookAt, looking, sayAt, coolUntil, attached, busy, tale, kept,
                next, exit, unfence);
    }

    Desk with(HeldExit next) {
        return new Desk(pending, wakeAt, lookAt, looking, sayAt, coolUntil, attached, busy, tale, kept,
                checks, Optional.of(next), unfence);
    }

    Desk withoutExit() {
        return new Desk(pending, wakeAt, lookAt, looking, sayAt, coolUntil, attached, busy, tale, kept,
                checks, Optional.empty(), unfence);
    }

    Desk unfence(boolean owed) {
        return new Desk(pending, wakeAt, lookAt, looking, sayAt, coolUntil, attached, busy, tale, kept,
                checks, exit, owed);
    }
}
