package dev.soleinit.simulation;

import dev.soleinit.process.Child;
import dev.soleinit.process.ExitStatus;
import dev.soleinit.process.SpawnError;
import dev.soleinit.statemachine.model.DaemonProcess;
import dev.soleinit.statemachine.model.Effect;
import dev.soleinit.statemachine.model.Event;
import dev.soleinit.statemachine.model.Phase;
import dev.soleinit.statemachine.state.State;
import dev.soleinit.statemachine.state.Step;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** The machine, what is around it and what watches it, at one point of a story. */
final class Situation {
    /** Neither end of the range: the jitter is nothing. */
    private static final double MIDDLE = 0.5;
    private static final long FIRST = 7;
    private static final long MS = 1_000_000;

    final WalkSettings settings;
    private final StepFunction machine;
    private final Monitors monitors;
    final Surroundings around;
    State state;
    long now;
    private boolean refuses;
    private List<Move> moves;

    /** Before anything has happened. */
    Situation(WalkSettings settings, StepFunction machine) {
        this(settings, machine, new Monitors(settings.settings(), FIRST), new Surroundings());
        state = State.initial(settings.settings(), FIRST, 0);
    }

    private Situation(WalkSettings settings, StepFunction machine, Monitors monitors,
            Surroundings around) {
        this.settings = settings;
        this.machine = machine;
        this.monitors = monitors;
        this.around = around;
    }

    Situation copy() {
        Situation copy = new Situation(settings, machine, monitors.copy(), around.copy());
        copy.state = state;
        copy.now = now;
        return copy;
    }

    boolean isOver() {
        return state.phase() instanceof Phase.Done;
    }

    /** All that can happen next, in an order that depends on nothing else. */
    List<Move> moves() {
        if (moves == null) {
            moves = new ArrayList<>();
            long[] times = times();
            for (Event event : Possible.events(this)) {
                for (long at : times) {
                    moves.add(new Move(event, at, false));
                    if (settings.has(Feature.REFUSALS) && spawns(event)) {
                        moves.add(new Move(event, at, true));
                    }
                }
            }
            deadline(moves);
        }
        return moves;
    }

    private boolean spawns(Event event) {
        return event instanceof Event.GenerationPersisted && state.phase() instanceof Phase.Spawning;
    }

    /** A deadline that has passed is the next that happens, but for what comes at the same time. */
    private void deadline(List<Move> moves) {
        long deadline = state.deadline();
        if (deadline == Phase.NEVER || deadline > now && !timePasses()) {
            return;
        }
        moves.add(new Move(new Event.DeadlinePassed(), Math.max(now, deadline), false));
        if (settings.has(Feature.REFUSALS) && state.phase() instanceof Phase.Spawning) {
            moves.add(new Move(new Event.DeadlinePassed(), Math.max(now, deadline), true));
        }
    }

    /** What has been killed ends before anything takes its time. */
    private boolean timePasses() {
        return settings.has(Feature.UNKILLABLE) || !around.killed || around.pid == 0;
    }

    /** At once, shortly before the next time at which something changes by itself, and just then. */
    private long[] times() {
        long next = state.deadline();
        if (state.phase().current().isPresent()) {
            DaemonProcess run = state.phase().current().get();
            long healthy = run.readyAt().isEmpty() ? Phase.NEVER : run.readyAt().getAsLong()
                    + settings.settings().exits().healthyAfter().toNanos();
            next = healthy > now ? Math.min(next, healthy) : next;
        }
        if (next == Phase.NEVER || next <= now || !timePasses()) {
            return new long[] {now};
        }
        return next - MS > now ? new long[] {now, next} : new long[] {now, next};
    }

    /** Lets it happen; throws {@link InvariantViolation}. Returns what was done. */
    List<Step> make(Move move) {
        moves = null;
        now = move.at();
        refuses = move.refused();
        List<Step> steps = new ArrayList<>();
        Deque<Event> events = new ArrayDeque<>(List.of(move.event()));
        for (Event event = events.poll(); event != null; event = events.poll()) {
            Step step = happen(event);
            steps.add(step);
            for (Effect effect : step.effects()) {
                around.perform(effect);
                if (effect instanceof Effect.Spawn(long generation, var _)) {
                    events.add(spawned(generation));
                }
            }
            if (event instanceof Event.SpawnFailed && state.phase().current().isPresent()) {
                events.add(new Event.ChildExited(state.phase().current().get().child().pid(),
                        new ExitStatus.Exited(127)));
            }
        }
        if (state.phase() instanceof Phase.Done(int code)) {
            monitors.over(now, code, !settings.has(Feature.UNKILLABLE));
        }
        return steps;
    }

    private Step happen(Event event) {
        boolean ends = event instanceof Event.ChildExited(int pid, var _, var _) && pid == around.pid;
        around.before(event);
        monitors.before(event, now, ends, around.admitted());
        Step step = machine.step(state, event, now, MIDDLE);
        state = step.state();
        monitors.after(step.effects(), around.leftovers);
        return step;
    }

    private Event spawned(long generation) {
        return refuses ? new Event.SpawnFailed(generation,
                new SpawnError(SpawnError.Kind.RESOURCES, "refused"))
                : new Event.Forked(new Child(generation, (int) (2 * generation), 1));
    }

    /** The same number for each situation in which the same can follow. */
    long key() {
        Canonical out = new Canonical(now, state.generation(), around.open);
        CanonicalState.print(state, out);
        around.print(out);
        for (long run : around.checks) {
            out.number(state.restarts().checkRun() - run);
        }
        for (long attempt : around.manifests) {
            out.number(state.history().manifests() - attempt);
        }
        monitors.print(out);
        return out.value();
    }
}
