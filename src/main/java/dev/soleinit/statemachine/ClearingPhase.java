package dev.soleinit.statemachine;

import dev.soleinit.process.RestartMode;
import dev.soleinit.process.Signal;
import dev.soleinit.statemachine.model.DaemonProcess;
import dev.soleinit.statemachine.model.Effect;
import dev.soleinit.statemachine.model.Event;
import dev.soleinit.statemachine.model.Event.AllProcessesGone;
import dev.soleinit.statemachine.model.Event.Booted;
import dev.soleinit.statemachine.model.Event.CallerDisconnected;
import dev.soleinit.statemachine.model.Event.CheckFinished;
import dev.soleinit.statemachine.model.Event.ChildExited;
import dev.soleinit.statemachine.model.Event.ConfigurationEvent;
import dev.soleinit.statemachine.model.Event.ConfigurationRestored;
import dev.soleinit.statemachine.model.Event.DaemonEvent;
import dev.soleinit.statemachine.model.Event.DeadlinePassed;
import dev.soleinit.statemachine.model.Event.Forked;
import dev.soleinit.statemachine.model.Event.GenerationPersisted;
import dev.soleinit.statemachine.model.Event.LeftoversFound;
import dev.soleinit.statemachine.model.Event.LeftoversGone;
import dev.soleinit.statemachine.model.Event.ManifestFailed;
import dev.soleinit.statemachine.model.Event.ManifestSaved;
import dev.soleinit.statemachine.model.Event.ReloadCommandFinished;
import dev.soleinit.statemachine.model.Event.ReloadRequested;
import dev.soleinit.statemachine.model.Event.RestartRequested;
import dev.soleinit.statemachine.model.Event.SignalReceived;
import dev.soleinit.statemachine.model.Event.SignalRequested;
import dev.soleinit.statemachine.model.Event.SpawnFailed;
import dev.soleinit.statemachine.model.Event.Spawned;
import dev.soleinit.statemachine.model.Event.StartRequested;
import dev.soleinit.statemachine.model.Event.StopCommandFinished;
import dev.soleinit.statemachine.model.Event.StopRequested;
import dev.soleinit.statemachine.model.Goal;
import dev.soleinit.statemachine.model.Phase;
import dev.soleinit.statemachine.model.Phase.Clearing;
import dev.soleinit.statemachine.model.Phase.ClearingLeftovers;
import dev.soleinit.statemachine.settings.LeftoverSettings.KillMode;
import dev.soleinit.statemachine.settings.Policy;
import java.time.Duration;

/**
 * Between two generations: what an ended daemon has left is told to stop, killed after a grace, and
 * waited for, so that no generation overlaps with the one before. The delay of a backoff runs
 * meanwhile.
 */
final class ClearingPhase {
    private static final Duration UNKILLABLE_AFTER = Duration.ofSeconds(1);

    private ClearingPhase() {}

    /** When leftovers are killed: after their grace, and within what a stop of the daemon may take. */
    static long killAt(Transition turn) {
        Policy settings = turn.settings();
        long grace = settings.leftovers().grace().toNanos();
        long spare = Math.max(0, settings.stop().containerTimeout().minus(Transition.MARGIN)
                .minus(settings.stop().timeout()).toNanos());
        return switch (turn.state.phase()) {
            case Phase.Terminating terminating -> Math.max(turn.now,
                    Math.min(turn.now + grace, terminating.killAt() + spare));
            case Phase.Killing _ -> turn.now + Math.min(grace, spare);
            case Phase.Idle _, Phase.Spawning _, Phase.Starting _, Phase.Ready _, Phase.Draining _,
                    Phase.Reloading _, Phase.StopDelayed _, ClearingLeftovers _,
                    Phase.BackingOff _, Phase.Sweeping _, Phase.Done _ ->
                    turn.now + Math.min(grace, settings.stop().timeout().toNanos());
        };
    }

    /** The daemon has ended, and {@code next} is what follows once it has left nobody. */
    static void begin(Transition turn, DaemonProcess run, long killAt, Phase.BackingOff next) {
        if (turn.settings().leftovers().killMode() == KillMode.PROCESS) {
            proceed(turn, next.until(), next.reason());
            turn.recordExit(run.child());
            return;
        }
        turn.enter(new ClearingLeftovers(run.child(), Clearing.SEARCHING, killAt, next.until(),
                next.reason()));
        turn.emit(new Effect.StopLeftovers(run.child(), turn.stopSignal()));
    }

    private static void proceed(Transition turn, long spawnAt, String reason) {
        if (turn.isBeside() || turn.state.awaitsSuccessor() && RequestArbitration.restartable(turn)) {
            turn.enter(new Phase.Idle());
        } else if (turn.state.goal() == Goal.DOWN) {
            turn.hold("stopped");
        } else if (turn.state.goal() == Goal.UP && spawnAt > turn.now) {
            turn.enter(new Phase.BackingOff(spawnAt, reason));
        } else {
            turn.spawn();
        }
    }

    static void clearing(Transition turn, ClearingLeftovers phase, Event event) {
        switch (event) {
            case LeftoversFound(int pid, String description) -> found(turn, phase, pid, description);
            case LeftoversGone(int pid) -> gone(turn, phase, pid);
            case DeadlinePassed _ -> deadline(turn, phase);
            // its backoff has nothing to wait for any more
            case ConfigurationRestored(boolean restored, var _) when restored -> turn.enter(
                    new ClearingLeftovers(phase.child(), phase.stage(), phase.until(), turn.now,
                            phase.reason()));
            case SignalReceived(Signal signal) -> {
                ShutdownRules.signalWithoutDaemon(turn, signal);
                if (!(turn.state.phase() instanceof ClearingLeftovers)) {
                    noteEnd(turn, phase);
                }
            }
            case StartRequested(long id) -> {
                RequestArbitration.startInsteadOfStop(turn, id);
                turn.setGoal(Goal.RESTART);
            }
            case RestartRequested asked -> {
                if (asked.mode() == RestartMode.FORCE && RequestArbitration.restartable(turn)) {
                    shortenGrace(turn, phase);
                }
                RequestArbitration.restartJoins(turn, asked);
            }
            case ReloadRequested(long id, boolean _) -> {
                if (RequestArbitration.restartable(turn)) {
                    turn.setGoal(Goal.RESTART);
                }
                ReloadCoordinator.joinsRestart(turn, id);
            }
            case StopRequested(long id, String reason) ->
                    RequestArbitration.stopInstead(turn, id, reason);
            case SignalRequested(long id, Signal _) -> ShutdownRules.refuseSignal(turn, id);
            case ManifestFailed(long _, String why) -> ShutdownRules.logManifestFailure(turn, why);
            case Booted _, GenerationPersisted _, Forked _, Spawned _, SpawnFailed _, ChildExited _,
                    AllProcessesGone _, ManifestSaved _, ReloadCommandFinished _,
                    StopCommandFinished _, CheckFinished _, ConfigurationEvent _, CallerDisconnected _,
                    DaemonEvent _ -> { }
        }
    }

    private static void gone(Transition turn, ClearingLeftovers phase, int pid) {
        if (pid == phase.child().pid()) {
            proceed(turn, phase.spawnAt(), phase.reason());
            // after the start, so that writing it does not keep the next process waiting
            noteEnd(turn, phase);
        }
    }

    private static void found(Transition turn, ClearingLeftovers phase, int pid, String description) {
        if (phase.stage() == Clearing.SEARCHING && pid == phase.child().pid()) {
            noteEnd(turn, phase);
            turn.emit(new Effect.LogWarning("generation " + phase.child().generation() + " has left "
                    + description + ": sent " + turn.stopSignal()));
            turn.enter(in(phase, Clearing.STOPPING, phase.until()));
        }
    }

    /** The kernel has the last word; a next generation is never started beside a leftover. */
    private static void deadline(Transition turn, ClearingLeftovers phase) {
        switch (phase.stage()) {
            case SEARCHING, STOPPING -> {
                noteEnd(turn, phase);
                turn.emit(new Effect.LogWarning("what generation " + phase.child().generation()
                        + " has left did not stop in time: killing it"));
                turn.emit(new Effect.KillLeftovers(phase.child()));
                turn.enter(in(phase, Clearing.KILLING, turn.now + UNKILLABLE_AFTER.toNanos()));
            }
            case KILLING -> {
                turn.emit(new Effect.LogWarning("what generation " + phase.child().generation()
                        + " has left "
                        + "survives SIGKILL; waiting, the next one is not started beside it"));
                turn.enter(in(phase, Clearing.SURVIVING, Phase.NEVER));
            }
            case SURVIVING -> { }
        }
    }

    private static void shortenGrace(Transition turn, ClearingLeftovers phase) {
        if (phase.stage() == Clearing.STOPPING) {
            turn.enter(in(phase, Clearing.STOPPING, Math.min(phase.until(),
                    turn.now + turn.settings().stop().forceGrace().toNanos())));
        }
    }

    private static ClearingLeftovers in(ClearingLeftovers phase, Clearing stage, long until) {
        return new ClearingLeftovers(phase.child(), stage, until, phase.spawnAt(), phase.reason());
    }

    private static void noteEnd(Transition turn, ClearingLeftovers phase) {
        if (phase.stage() == Clearing.SEARCHING) {
            turn.recordExit(phase.child());
        }
    }
}
