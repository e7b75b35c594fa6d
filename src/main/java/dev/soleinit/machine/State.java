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
 */
public record State(Settings settings, Goal goal, Phase phase, long generation,
        boolean everSpawned, int failures, int failuresHere, int askedInARow, List<Signal> early,
        List<Waiting> waiting, Optional<Ending> ending, Optional<String> hold,
        Optional<List<String>> arguments, List<End> ends) {
    private static final int ENDS = 5;

    /** The state before anything has happened. */
    public static State initial(Settings settings, long generation, int failures) {
        return new State(settings, Goal.UP, new Phase.Idle(), generation, false, failures, 0, 0,
                List.of(), List.of(), Optional.empty(), Optional.empty(), Optional.empty(),
                List.of());
    }

    /** Whether the daemon fails again and again. */
    public boolean crashLoop() {
        return failures >= settings.crashLoopAfter();
    }

    State with(Goal next) {
        return new State(settings, next, phase, generation, everSpawned, failures, failuresHere,
                askedInARow, early, waiting, ending, hold, arguments, ends);
    }

    State with(Phase next) {
        return new State(settings, goal, next, generation, everSpawned, failures, failuresHere,
                askedInARow, early, waiting, ending, hold, arguments, ends);
    }

    State nextGeneration() {
        return new State(settings, goal, phase, generation + 1, everSpawned, failures,
                failuresHere, askedInARow, early, waiting, ending, hold, arguments, ends);
    }

    State spawnedOnce() {
        return new State(settings, goal, phase, generation, true, failures, failuresHere,
                askedInARow, List.of(), waiting, ending, hold, arguments, ends);
    }

    State withFailures(int inARow, int here, int asked) {
        return new State(settings, goal, phase, generation, everSpawned, inARow, here, asked,
                early, waiting, ending, hold, arguments, ends);
    }

    State early(Signal signal) {
        return new State(settings, goal, phase, generation, everSpawned, failures, failuresHere,
                askedInARow, plus(early, signal), waiting, ending, hold, arguments, ends);
    }

    State withWaiting(List<Waiting> next) {
        return new State(settings, goal, phase, generation, everSpawned, failures, failuresHere,
                askedInARow, early, List.copyOf(next), ending, hold, arguments, ends);
    }

    State withEnding(Ending next) {
        return new State(settings, goal, phase, generation, everSpawned, failures, failuresHere,
                askedInARow, early, waiting, Optional.of(next), hold, arguments, ends);
    }

    State withHold(Optional<String> reason) {
        return new State(settings, goal, phase, generation, everSpawned, failures, failuresHere,
                askedInARow, early, waiting, ending, reason, arguments, ends);
    }

    State withArguments(Optional<List<String>> next) {
        return new State(settings, goal, phase, generation, everSpawned, failures, failuresHere,
                askedInARow, early, waiting, ending, hold, next.or(() -> arguments), ends);
    }

    State ended(End end) {
        List<End> next = new ArrayList<>(List.of(end));
        next.addAll(ends.subList(0, Math.min(ENDS - 1, ends.size())));
        return new State(settings, goal, phase, generation, everSpawned, failures, failuresHere,
                askedInARow, early, waiting, ending, hold, arguments, List.copyOf(next));
    }

    private static <T> List<T> plus(List<T> list, T element) {
        List<T> longer = new ArrayList<>(list);
        longer.add(element);
        return List.copyOf(longer);
    }
}
