package dev.soleinit.simulation;

import dev.soleinit.statemachine.model.Effect;
import dev.soleinit.statemachine.model.Event;
import java.util.List;

/**
 * When the end of the daemon is complete, seen from outside: one that is attached may have said
 * something that arrives after its end, but only so long is waited for that.
 */
final class LastMessages extends Monitor {
    private static final long NEVER = Long.MAX_VALUE;
    private static final long TIMEOUT = 100_000_000L;

    private long generation;
    private long newest;
    private int pid;
    private boolean attached;
    private boolean swept;
    private long endedAt = NEVER;
    private boolean complete;
    private boolean acted;

    /** Takes an event; whether the end is complete with it. */
    boolean before(Event event, long now) {
        complete = false;
        switch (event) {
            case Event.Forked(var child) -> {
                generation = child.generation();
                pid = child.pid();
                attached = false;
                endedAt = NEVER;
            }
            case Event.MainPidChanged main when isHeard(main) && endedAt == NEVER -> pid = main.pid();
            case Event.DaemonAttached word when isHeard(word) -> attached = true;
            case Event.DaemonDetached word when isHeard(word) -> {
                complete = endedAt != NEVER;
                attached = false;
            }
            case Event.DeadlinePassed _ -> complete = endedAt != NEVER && now >= endedAt + TIMEOUT;
            case Event.ChildExited end when end.pid() == pid && endedAt == NEVER -> {
                complete = !attached;
                endedAt = now;
                acted = false;
            }
            default -> { }
        }
        if (complete) {
            pid = 0;
            endedAt = NEVER;
        }
        return complete;
    }

    private boolean isHeard(Event.DaemonEvent word) {
        return pid != 0 && word.generation() >= generation
                && word.generation() <= Math.max(generation, newest);
    }

    void after(List<Effect> effects) {
        for (Effect effect : effects) {
            newest = effect instanceof Effect.PersistGeneration(long next) ? next : newest;
            acted |= effect instanceof Effect.StopLeftovers || effect instanceof Effect.RecordExit;
        }
        if (complete && !swept && !acted) {
            throw new InvariantViolation("endIsDecided", "nothing follows from the end of the daemon");
        }
        swept |= effects.stream().anyMatch(Effect.SignalAllOthers.class::isInstance);
    }

    @Override
    void print(Canonical out) {
        out.flags(attached, swept, acted);
        out.generation(generation);
        out.generation(newest);
        out.pid(pid);
        out.time(endedAt);
    }
}
