package dev.soleinit.machine;

import dev.soleinit.process.Signal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * All that decisions depend on. Immutable.
 *
 * @param settings      the choices
 * @param goal          what is wanted
 * @param phase         what is
 * @param generation    the newest generation that was used
 * @param everSpawned   a start has succeeded in this life of the supervisor
 * @param failures      quick failures in a row, kept across lives of the supervisor
 * @param failuresHere  the same, in this life only: what giving up counts
 * @param askedInARow   exits with code 75 in a row without a healthy run between them
 * @param early         signals that came before the first start and wait for it
 * @param waiting       requests without an end yet
 * @param ending        the supervisor was told to end
 * @param hold          why the daemon is held down
 * @param arguments     what replaces the command's own arguments
 * @param ends          the last ends of the daemon, newest first, five at the most
 * @param work          what the daemon is working on
 * @param desk          restarts that wait, and what is known of the daemon beside its phase
 */
public record State(Settings settings, Goal goal, Phase phase, long generation,
        boolean everSpawned, int failures, int failuresHere, int askedInARow, List<Signal> early,
        List<Waiting> waiting, Optional<Ending> ending, Optional<String> hold,
        Optional<List<String>> arguments, List<End> ends, Work work, Desk desk) {
    private static final int ENDS = 5;

    /** The state before anything has happened. */
    public static State initial(Settings settings, long generation, int failures) {
        return new State(settings, Goal.UP, new Phase.Idle(), generation, false, failures, 0, 0,
                List.of(), List.of(), Optional.empty(), Optional.empty(), Optional.empty(),
                List.of(), Work.none(), Desk.empty());
    }

    /** Whether the daemon fails again and again. */
    public boolean crashLoop() {
        return failures >= settings.crashLoopAfter();
    }

    /** When the machine wants to be woken although nothing has happened. */
    public long deadline() {
        if (desk.exit().isPresent()) {
            return desk.exit().get().deadline();
        }
        boolean waits = phase instanceof Phase.Starting || phase instanceof Phase.Ready
                || phase instanceof Phase.Draining;
        long alive = phase instanceof Phase.Ready ready ? ready.run().aliveBy() : Phase.NEVER;
        return waits ? Math.min(Math.min(phase.deadline(), desk.wakeAt()), alive)
                : phase.deadline();
    }

    /** Whether the daemon has ended, and what it said before is still being read. */
    public boolean awaitsLastMessages() {
        return desk.exit().isPresent();
    }

    /** The generation that runs; else the newest that was used. */
    public long currentGeneration() {
        return phase.current().map(run -> run.child().generation()).orElse(generation);
    }

    State with(Work next) {
        return new State(settings, goal, phase, generation, everSpawned, failures, failuresHere,
                askedInARow, early, waiting, ending, hold, arguments, ends, next, desk);
    }

    State with(Desk next) {
        return new State(settings, goal, phase, generation, everSpawned, failures, failuresHere,
                askedInARow, early, waiting, ending, hold, arguments, ends, work, next);
    }

    State with(Goal next) {
        return new State(settings, next, phase, generation, everSpawned, failures, failuresHere,
                askedInARow, early, waiting, ending, hold, arguments, ends, work, desk);
    }

    State with(Phase next) {
        return new State(settings, goal, next, generation, everSpawned, failures, failuresHere,
                askedInARow, early, waiting, ending, hold, arguments, ends, work, desk);
    }

    State nextGeneration() {
        return new State(settings, goal, phase, generation + 1, everSpawned, failures,
                failuresHere, askedInARow, early, waiting, ending, hold, arguments, ends, work, desk);
    }

    State spawnedOnce() {
        return new State(settings, goal, phase, generation, true, failures, failuresHere,
                askedInARow, List.of(), waiting, ending, hold, arguments, ends, work, desk);
    }

    State withFailures(int inARow, int here, int asked) {
        return new State(settings, goal, phase, generation, everSpawned, inARow, here, asked,
                early, waiting, ending, hold, arguments, ends, work, desk);
    }

    State early(Signal signal) {
        return new State(settings, goal, phase, generation, everSpawned, failures, failuresHere,
                askedInARow, plus(early, signal), waiting, ending, hold, arguments, ends, work, desk);
    }

    State withWaiting(List<Waiting> next) {
        return new State(settings, goal, phase, generation, everSpawned, failures, failuresHere,
                askedInARow, early, List.copyOf(next), ending, hold, arguments, ends, work, desk);
    }

    State withEnding(Ending next) {
        return new State(settings, goal, phase, generation, everSpawned, failures, failuresHere,
                askedInARow, early, waiting, Optional.of(next), hold, arguments, ends, work, desk);
    }

    State withHold(Optional<String> reason) {
        return new State(settings, goal, phase, generation, everSpawned, failures, failuresHere,
                askedInARow, early, waiting, ending, reason, arguments, ends, work, desk);
    }

    State withArguments(Optional<List<String>> next) {
        return new State(settings, goal, phase, generation, everSpawned, failures, failuresHere,
                askedInARow, early, waiting, ending, hold, next.or(() -> arguments), ends, work, desk);
    }

    State ended(End end) {
        List<End> next = new ArrayList<>(List.of(end));
        next.addAll(ends.subList(0, Math.min(ENDS - 1, ends.size())));
        return new State(settings, goal, phase, generation, everSpawned, failures, failuresHere,
                askedInARow, early, waiting, ending, hold, arguments, List.copyOf(next), work, desk);
    }

    private static <T> List<T> plus(List<T> list, T element) {
        List<T> longer = new ArrayList<>(list);
        longer.add(element);
        return List.copyOf(longer);
    }
}
