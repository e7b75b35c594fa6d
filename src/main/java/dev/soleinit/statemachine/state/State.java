package dev.soleinit.statemachine.state;

import dev.soleinit.process.Signal;
import dev.soleinit.statemachine.model.DaemonProcess;
import dev.soleinit.statemachine.model.ExitRecord;
import dev.soleinit.statemachine.model.Goal;
import dev.soleinit.statemachine.model.LastGood;
import dev.soleinit.statemachine.model.Phase;
import dev.soleinit.statemachine.model.ShutdownRequest;
import dev.soleinit.statemachine.settings.Policy;
import dev.soleinit.statemachine.work.WorkLedger;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * All that decisions depend on, in groups of what changes together. Immutable.
 *
 * @param settings the choices
 * @param intent   what is wanted, and why
 * @param phase    what is, with the daemon's process
 * @param history  what has been so far
 * @param launch   what the next start takes along
 * @param requests the requests without an end
 * @param daemon   what is known of the daemon of now beside its process
 * @param restarts what is known about restarts beside their requests
 * @param other    the process beside the current one, while a restart overlaps
 */
public record State(Policy settings, Intent intent, Phase phase, History history, Launch launch,
        OpenRequests requests, DaemonFacts daemon, RestartState restarts,
        Optional<OtherProcess> other) {
    /** The state before anything has happened. */
    public static State initial(Policy settings, long generation, int failures) {
        return new State(settings, Intent.initial(), new Phase.Idle(),
                History.initial(generation, failures), Launch.initial(), OpenRequests.none(),
                DaemonFacts.none(), RestartState.initial(), Optional.empty());
    }

    /** Whether the daemon fails again and again. */
    public boolean crashLoop() {
        return failures() >= settings.exits().crashLoopAfter();
    }

    /** When the machine wants to be woken although nothing has happened. */
    public long deadline() {
        long own = ownDeadline();
        return other.isEmpty() ? own : Math.min(own, other.get().deadline());
    }

    /** The same for the current process alone. */
    public long ownDeadline() {
        long own = daemon.deadline(phase, restarts);
        return awaitsLastMessages() ? own : Math.min(own, lastGood().keepAt(phase, settings.exits()));
    }

    /** The current process, if there is one, and then the one beside it. */
    public List<DaemonProcess> processes() {
        List<DaemonProcess> all = new ArrayList<>(2);
        phase.current().ifPresent(all::add);
        if (other.isPresent()) {
            other.get().process().ifPresent(all::add);
        }
        return all;
    }

    /** The one of them that has this number. */
    public Optional<DaemonProcess> process(long generation) {
        for (DaemonProcess run : processes()) {
            if (run.child().generation() == generation) {
                return Optional.of(run);
            }
        }
        return Optional.empty();
    }

    /** Whether the daemon has ended, and what it said before is still being read. */
    public boolean awaitsLastMessages() {
        return daemon.exit().isPresent();
    }

    /** The generation that runs; else the newest that was used. */
    public long currentGeneration() {
        return phase.current().map(run -> run.child().generation()).orElse(generation());
    }

    // ---- what the groups hold

    public Goal goal() {
        return intent.goal();
    }

    public Optional<String> hold() {
        return intent.hold();
    }

    public Optional<ShutdownRequest> ending() {
        return intent.ending();
    }

    public long generation() {
        return history.generation();
    }

    public int failures() {
        return history.failures();
    }

    public int failuresThisBoot() {
        return history.failuresThisBoot();
    }

    public int consecutiveRestartExits() {
        return history.consecutiveRestartExits();
    }

    public List<ExitRecord> exitHistory() {
        return history.exits();
    }

    public LastGood lastGood() {
        return history.lastGood();
    }

    public boolean everSpawned() {
        return launch.everSpawned();
    }

    public List<Signal> earlySignals() {
        return launch.earlySignals();
    }

    public Optional<List<String>> arguments() {
        return launch.arguments();
    }

    public WorkLedger work() {
        return daemon.work();
    }

    // ---- the next state

    private State with(Intent next) {
        return new State(settings, next, phase, history, launch, requests, daemon, restarts,
                other);
    }

    public State with(Phase next) {
        return new State(settings, intent, next, history, launch, requests, daemon, restarts,
                other);
    }

    private State with(History next) {
        return new State(settings, intent, phase, next, launch, requests, daemon, restarts,
                other);
    }

    private State with(Launch next) {
        return new State(settings, intent, phase, history, next, requests, daemon, restarts,
                other);
    }

    /** The restarts that have waited may all be gone: then nothing is due about them. */
    public State with(OpenRequests next) {
        RestartState after = requests.hasPending() && !next.hasPending() ? restarts.nonePending()
                : restarts;
        return new State(settings, intent, phase, history, launch, next, daemon, after,
                other);
    }

    public State with(DaemonFacts next) {
        return new State(settings, intent, phase, history, launch, requests, next, restarts, other);
    }

    public State with(RestartState next) {
        return new State(settings, intent, phase, history, launch, requests, daemon, next,
                other);
    }

    public State withOther(Optional<OtherProcess> next) {
        return new State(settings, intent, phase, history, launch, requests, daemon, restarts, next);
    }

    /** The other process as if it were the current one: what is decided on it is decided on this. */
    public State beside(OtherProcess one) {
        boolean stops = goal() == Goal.DOWN || goal() == Goal.EXIT;
        Goal wanted = stops ? Goal.DOWN : one.role() == OtherProcess.Role.SUCCESSOR ? Goal.UP
                : Goal.RESTART;
        OpenRequests theirs = one.role() == OtherProcess.Role.SUCCESSOR ? OpenRequests.none()
                : one.requests();
        return new State(settings, new Intent(wanted, Optional.empty(), ending()), one.phase(), history,
                one.launch(), theirs, one.daemon(), one.restarts(), Optional.empty());
    }

    /** Whether a process starts beside the current one, or is being ended because it failed. */
    public boolean hasSuccessor() {
        return other.isPresent() && other.get().role() == OtherProcess.Role.SUCCESSOR;
    }

    /** Whether one may still take the current one's place. */
    public boolean awaitsSuccessor() {
        return other.isPresent() && other.get().isComing();
    }

    public State with(Launch next, History shared) {
        return new State(settings, intent, phase, shared, next, requests, daemon, restarts, other);
    }

    public State with(Goal next) {
        return with(new Intent(next, hold(), ending()));
    }

    public State withHold(Optional<String> reason) {
        return with(new Intent(goal(), reason, ending()));
    }

    public State withEnding(ShutdownRequest next) {
        return with(new Intent(goal(), hold(), Optional.of(next)));
    }

    public State nextGeneration() {
        return with(history.nextGeneration());
    }

    public State beginsBeside() {
        return with(history.nextGeneration().beginsBeside());
    }

    public State nextManifest() {
        return with(history.nextManifest());
    }

    public State withFailures(int inARow, int thisBoot, int restartExits) {
        return with(history.withFailures(inARow, thisBoot, restartExits));
    }

    public State with(LastGood next) {
        return with(history.with(next));
    }

    public State ended(ExitRecord end) {
        return with(history.plus(end));
    }

    public State spawnedOnce() {
        return with(launch.spawnedOnce());
    }

    public State earlySignals(Signal signal) {
        return with(launch.plus(signal));
    }

    public State withArguments(Optional<List<String>> next) {
        return with(launch.with(next));
    }

    public State with(WorkLedger next) {
        return with(daemon.with(next));
    }
}
