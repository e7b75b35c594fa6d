package dev.soleinit.statemachine.state;

import dev.soleinit.process.RestartMode;
import dev.soleinit.statemachine.model.Event.RequestEvent;
import dev.soleinit.statemachine.model.Phase;
import dev.soleinit.statemachine.state.OpenRequest.Kind;
import dev.soleinit.statemachine.state.OpenRequest.PendingRestart;
import dev.soleinit.statemachine.state.OpenRequest.Unchecked;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The requests without an end, in the order in which they were taken. Immutable. */
public record OpenRequests(List<OpenRequest> all) {
    private static final OpenRequests NONE = new OpenRequests(List.of());

    public static OpenRequests none() {
        return NONE;
    }

    public boolean has(Kind kind) {
        for (OpenRequest one : all) {
            if (one.kind() == kind) {
                return true;
            }
        }
        return false;
    }

    public List<OpenRequest> of(Kind kind) {
        List<OpenRequest> some = new ArrayList<>();
        for (OpenRequest one : all) {
            if (one.kind() == kind) {
                some.add(one);
            }
        }
        return some;
    }

    public Optional<OpenRequest> find(long id) {
        for (OpenRequest one : all) {
            if (one.id() == id) {
                return Optional.of(one);
            }
        }
        return Optional.empty();
    }

    public OpenRequests plus(OpenRequest one) {
        List<OpenRequest> longer = new ArrayList<>(all);
        longer.add(one);
        return new OpenRequests(List.copyOf(longer));
    }

    public OpenRequests without(long id) {
        List<OpenRequest> shorter = new ArrayList<>();
        for (OpenRequest one : all) {
            if (one.id() != id) {
                shorter.add(one);
            }
        }
        return new OpenRequests(List.copyOf(shorter));
    }

    public OpenRequests without(List<? extends OpenRequest> some) {
        OpenRequests shorter = this;
        for (OpenRequest one : some) {
            shorter = shorter.without(one.id());
        }
        return shorter;
    }

    // ---- restarts that have not begun

    public List<PendingRestart> pending() {
        List<PendingRestart> pending = new ArrayList<>();
        for (OpenRequest one : all) {
            if (one instanceof PendingRestart restart) {
                pending.add(restart);
            }
        }
        return pending;
    }

    public boolean hasPending() {
        return !pending().isEmpty();
    }

    /** The strongest mode of those that are due and do not overlap, if any is. */
    public Optional<RestartMode> mode(long now) {
        return pending().stream().filter(one -> one.dueAt() <= now && !one.overlap())
                .map(PendingRestart::mode).max(RestartMode::compareTo);
    }

    /** Those that are due and overlap. */
    public List<PendingRestart> overlapping(long now) {
        List<PendingRestart> due = new ArrayList<>();
        for (PendingRestart one : pending()) {
            if (one.overlap() && one.dueAt() <= now) {
                due.add(one);
            }
        }
        return due;
    }

    /** What somebody passes over is passed over for all: they share one restart. */
    public Set<String> ignored() {
        Set<String> ignored = new HashSet<>();
        pending().forEach(one -> ignored.addAll(one.ignored()));
        return ignored;
    }

    /** The earliest end of a drain; a deadline never moves later. */
    public long drainBy() {
        return pending().stream().filter(one -> one.mode() != RestartMode.SAFE)
                .mapToLong(PendingRestart::drainBy)
                .min().orElse(Phase.NEVER);
    }

    public boolean isAutomatic() {
        return pending().stream().anyMatch(PendingRestart::automatic);
    }

    /** The daemon is about to stop, or has gone: none of the restarts can be called off any more. */
    public OpenRequests begun() {
        List<OpenRequest> next = new ArrayList<>();
        for (OpenRequest one : all) {
            next.add(one instanceof PendingRestart ? new OpenRequest.Restart(one.id()) : one);
        }
        return new OpenRequests(List.copyOf(next));
    }

    /** A new process is on its way, which reads its configuration anyway. */
    public OpenRequests spawning() {
        if (all.isEmpty()) {
            return this;
        }
        List<OpenRequest> next = new ArrayList<>();
        for (OpenRequest one : all) {
            boolean served = one instanceof PendingRestart || one instanceof OpenRequest.Reload;
            next.add(served ? new OpenRequest.Restart(one.id()) : one);
        }
        return new OpenRequests(List.copyOf(next));
    }

    // ---- what waits for the check command

    public List<Unchecked> unchecked(boolean covered) {
        List<Unchecked> some = new ArrayList<>();
        for (OpenRequest one : all) {
            if (one instanceof Unchecked unchecked && unchecked.covered() == covered) {
                some.add(unchecked);
            }
        }
        return some;
    }

    /** All that wait for the check command, in the order in which they came. */
    public List<RequestEvent> unchecked() {
        List<RequestEvent> waiting = new ArrayList<>();
        for (OpenRequest one : all) {
            if (one instanceof Unchecked unchecked) {
                waiting.add(unchecked.asked());
            }
        }
        return waiting;
    }

    /** A run of the check command begins, for all that have come. */
    public OpenRequests covered() {
        List<OpenRequest> next = new ArrayList<>();
        for (OpenRequest one : all) {
            next.add(one instanceof Unchecked unchecked ? new Unchecked(unchecked.asked(), true) : one);
        }
        return new OpenRequests(List.copyOf(next));
    }
}
