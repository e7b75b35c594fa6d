package dev.soleinit.statemachine.model;

import dev.soleinit.process.Signal;
import dev.soleinit.statemachine.restart.RestartState;
import dev.soleinit.statemachine.settings.Policy;
import dev.soleinit.statemachine.work.WorkLedger;
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
public record State(Policy settings, Goal goal, Phase phase, long generation,
        boolean everSpawned, int failures, int failuresThisBoot, int consecutiveRestartExits,
        List<Signal> earlySignals,
        List<OpenRequest> openRequests, Optional<ShutdownRequest> ending, Optional<String> hold,
        Optional<List<String>> arguments, List<ExitRecord> exitHistory, WorkLedger work,
        RestartState restarts) {
    private static final int ENDS = 5;

    /** The state before anything has happened. */
    public static State initial(Policy settings, long generation, int failures) {
        return new State(settings, Goal.UP, new Phase.Idle(), generation, false, failures, 0, 0,
                List.of(), List.of(), Optional.empty(), Optional.empty(), Optional.empty(),
                List.of(), WorkLedger.none(), RestartState.empty());
    }

    /** Whether the daemon fails again and again. */
    public boolean crashLoop() {
        return failures >= settings.crashLoopAfter();
    }

    /** When the machine wants to be woken although nothing has happened. */
    public long deadline() {
        if (restarts.exit().isPresent()) {
            return restarts.exit().get().deadline();
        }
        boolean waits = phase instanceof Phase.Starting || phase instanceof Phase.Ready
                || phase instanceof Phase.Draining;
        long alive = phase instanceof Phase.Ready ready ? ready.run().watchdogDeadline() : Phase.NEVER;
        return waits ? Math.min(Math.min(phase.deadline(), restarts.wakeAt()), alive)
                : phase.deadline();
    }

    /** Whether the daemon has ended, and what it said before is still being read. */
    public boolean awaitsLastMessages() {
        return restarts.exit().isPresent();
    }

    /** The generation that runs; else the newest that was used. */
    public long currentGeneration() {
        return phase.current().map(run -> run.child().generation()).orElse(generation);
    }

    public State with(WorkLedger next) {
        return new State(settings, goal, phase, generation, everSpawned, failures, failuresThisBoot,
                consecutiveRestartExits, earlySignals, openRequests, ending, hold, arguments,
                exitHistory, next, restarts);
    }

    public State with(RestartState next) {
        return new State(settings, goal, phase, generation, everSpawned, failures, failuresThisBoot,
                consecutiveRestartExits, earlySignals, openRequests, ending, hold, arguments,
                exitHistory, work, next);
    }

    public State with(Goal next) {
        return new State(settings, next, phase, generation, everSpawned, failures, failuresThisBoot,
                consecutiveRestartExits, earlySignals, openRequests, ending, hold, arguments,
                exitHistory, work, restarts);
    }

    public State with(Phase next) {
        return new State(settings, goal, next, generation, everSpawned, failures, failuresThisBoot,
                consecutiveRestartExits, earlySignals, openRequests, ending, hold, arguments,
                exitHistory, work, restarts);
    }

    public State nextGeneration() {
        return new State(settings, goal, phase, generation + 1, everSpawned, failures,
                failuresThisBoot, consecutiveRestartExits, earlySignals, openRequests, ending, hold,
                arguments, exitHistory, work, restarts);
    }

    public State spawnedOnce() {
        return new State(settings, goal, phase, generation, true, failures, failuresThisBoot,
                consecutiveRestartExits, List.of(), openRequests, ending, hold, arguments,
                exitHistory, work, restarts);
    }

    public State withFailures(int inARow, int here, int asked) {
        return new State(settings, goal, phase, generation, everSpawned, inARow, here, asked,
                earlySignals, openRequests, ending, hold, arguments, exitHistory, work, restarts);
    }

    public State earlySignals(Signal signal) {
        return new State(settings, goal, phase, generation, everSpawned, failures, failuresThisBoot,
                consecutiveRestartExits, plus(earlySignals, signal), openRequests, ending, hold,
                arguments, exitHistory, work, restarts);
    }

    public State withWaiting(List<OpenRequest> next) {
        return new State(settings, goal, phase, generation, everSpawned, failures, failuresThisBoot,
                consecutiveRestartExits, earlySignals, List.copyOf(next), ending, hold, arguments,
                exitHistory, work, restarts);
    }

    public State withEnding(ShutdownRequest next) {
        return new State(settings, goal, phase, generation, everSpawned, failures, failuresThisBoot,
                consecutiveRestartExits, earlySignals, openRequests, Optional.of(next), hold,
                arguments, exitHistory, work, restarts);
    }

    public State withHold(Optional<String> reason) {
        return new State(settings, goal, phase, generation, everSpawned, failures, failuresThisBoot,
                consecutiveRestartExits, earlySignals, openRequests, ending, reason, arguments,
                exitHistory, work, restarts);
    }

    public State withArguments(Optional<List<String>> next) {
        return new State(settings, goal, phase, generation, everSpawned, failures, failuresThisBoot,
                consecutiveRestartExits, earlySignals, openRequests, ending, hold,
                next.or(() -> arguments), exitHistory, work, restarts);
    }

    public State ended(ExitRecord end) {
        List<ExitRecord> next = new ArrayList<>(List.of(end));
        next.addAll(exitHistory.subList(0, Math.min(ENDS - 1, exitHistory.size())));
        return new State(settings, goal, phase, generation, everSpawned, failures, failuresThisBoot,
                consecutiveRestartExits, earlySignals, openRequests, ending, hold, arguments,
                List.copyOf(next), work, restarts);
    }

    private static <T> List<T> plus(List<T> list, T element) {
        List<T> longer = new ArrayList<>(list);
        longer.add(element);
        return List.copyOf(longer);
    }
}
