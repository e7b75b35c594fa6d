package dev.soleinit.simulation;

import dev.soleinit.process.RestartMode;
import dev.soleinit.process.Signal;
import dev.soleinit.statemachine.model.Event;
import dev.soleinit.statemachine.model.Goal;
import dev.soleinit.statemachine.model.Phase;
import dev.soleinit.statemachine.state.Step;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/** One life with restarts that overlap, from one seed. */
final class OverlapLife {
    private static final int EVENTS = 90;
    private static final int AFTER_THE_END = 400;
    private static final int LAST = 14;

    private final Random random;
    private final OverlapSituation situation;
    private final Deque<String> story = new ArrayDeque<>();
    private int overlaps;
    private int stopsBehindAnEnd;

    OverlapLife(long seed, StepFunction machine) {
        random = new Random(seed);
        situation = new OverlapSituation(OverlapSituation.policy(seed % 7 == 3), machine);
    }

    /** How many events came while there were two. */
    int overlaps() {
        return overlaps;
    }

    /** How many stops came while an end was held and the number of a successor was being stored. */
    int stopsBehindAnEnd() {
        return stopsBehindAnEnd;
    }

    void run() {
        try {
            for (int i = 0; i < EVENTS && !situation.isOver(); i++) {
                happen(next(), true);
            }
            for (int i = 0; i < AFTER_THE_END && !situation.isOver(); i++) {
                happen(i == 0 ? new Event.SignalReceived(Signal.TERM) : null, i < 20);
            }
            Monitor.require(situation.isOver(), "endsInTime", "it does not end: " + situation.state);
        } catch (InvariantViolation broken) {
            throw new InvariantViolation(broken.getMessage().split(":")[0], broken.getMessage()
                    + "\nlast events:\n" + String.join("", story));
        }
    }

    /** What the story is about comes more often than chance has it; null lets the time pass. */
    private Event next() {
        List<Event> outside = situation.outside();
        if (situation.dies().isPresent() && random.nextInt(6) == 0) {
            return situation.dies().get();
        }
        if (situation.overlaps() && situation.state.awaitsLastMessages() && random.nextInt(3) == 0) {
            Event event = outside.get(random.nextInt(outside.size()));
            return event instanceof Event.RestartRequested restart ? varied(restart) : event;
        }
        if (situation.state.phase() instanceof Phase.Idle && situation.state.goal() == Goal.DOWN) {
            return random.nextInt(3) != 0 ? inside() : outside.stream()
                    .filter(Event.StartRequested.class::isInstance).findFirst().orElse(null);
        }
        boolean quiet = situation.overlaps() || situation.state.phase().current().isEmpty();
        int rare = quiet ? 12 : 4;
        if (random.nextInt(rare) != 0) {
            return random.nextInt(5) == 0 ? null : inside();
        }
        Event event = outside.get(random.nextInt(outside.size()));
        boolean ends = event instanceof Event.SignalReceived(Signal signal) && !signal.equals(Signal.HUP);
        boolean harsh = ends || event instanceof Event.StopRequested;
        if (harsh && random.nextInt(4) != 0) {
            return inside();
        }
        return event instanceof Event.RestartRequested restart ? varied(restart) : event;
    }

    private Event varied(Event.RestartRequested one) {
        RestartMode mode = RestartMode.values()[random.nextInt(4)];
        return new Event.RestartRequested(one.id(), mode, Duration.ofMillis(random.nextInt(20_000)),
                Duration.ofMillis(random.nextInt(4) == 0 ? 0 : random.nextInt(60_000)), Set.of(),
                random.nextInt(5) == 0, random.nextInt(4) == 0 ? Optional.of(List.of("-x"))
                        : Optional.empty(), random.nextBoolean(), false, one.overlap());
    }

    /** Ends, failures and hangs are rarer than all the rest. */
    private Event inside() {
        List<Event> inside = situation.inside();
        if (inside.isEmpty()) {
            return null;
        }
        List<Event> good = inside.stream().filter(OverlapLife::isGood).toList();
        if (!good.isEmpty() && random.nextInt(3) == 0) {
            return good.get(random.nextInt(good.size()));
        }
        Event event = inside.get(random.nextInt(inside.size()));
        for (int i = 0; i < 3 && isBad(event); i++) {
            event = inside.get(random.nextInt(inside.size()));
        }
        return event;
    }

    private static boolean isGood(Event event) {
        return event instanceof Event.GenerationPersisted || event instanceof Event.Spawned
                || event instanceof Event.DaemonReady || event instanceof Event.Booted;
    }

    private static boolean isBad(Event event) {
        return event instanceof Event.ChildExited || event instanceof Event.DaemonFailed
                || event instanceof Event.DaemonHung || event instanceof Event.SpawnFailed;
    }

    private void happen(Event chosen, boolean busy) {
        long deadline = situation.deadline();
        boolean waits = chosen == null && deadline != Long.MAX_VALUE;
        Event event = waits ? new Event.DeadlinePassed() : chosen != null ? chosen
                : situation.killed().orElseGet(this::inside);
        if (event == null) {
            return;
        }
        long at = situation.now;
        if (waits) {
            at = deadline;
        } else if (busy && situation.timePasses() && random.nextInt(3) == 0) {
            long most = Math.min(deadline, situation.now + 10_000_000_000L) - situation.now;
            at += (long) (random.nextDouble() * most);
        }
        long before = situation.now;
        story.add(Story.event(new Move(event, at, false), before));
        if (story.size() > LAST) {
            story.remove();
        }
        overlaps += situation.overlaps() ? 1 : 0;
        stopsBehindAnEnd += situation.startsBesideAnEnd() && (event instanceof Event.StopRequested
                || event instanceof Event.SignalReceived(Signal signal) && !signal.equals(Signal.HUP)) ? 1 : 0;
        for (Step step : situation.make(event, at)) {
            story.add(Story.outcome(step));
        }
    }
}
