package dev.soleinit.statemachine;

import dev.soleinit.process.RestartMode;
import dev.soleinit.statemachine.gates.ExitGate;
import dev.soleinit.statemachine.model.DaemonCommand;
import dev.soleinit.statemachine.model.DaemonProcess;
import dev.soleinit.statemachine.model.Effect;
import dev.soleinit.statemachine.model.Event;
import dev.soleinit.statemachine.model.Event.AllProcessesGone;
import dev.soleinit.statemachine.model.Event.Booted;
import dev.soleinit.statemachine.model.Event.CallerDisconnected;
import dev.soleinit.statemachine.model.Event.CheckFinished;
import dev.soleinit.statemachine.model.Event.ChildExited;
import dev.soleinit.statemachine.model.Event.ConfigurationEvent;
import dev.soleinit.statemachine.model.Event.DaemonAttached;
import dev.soleinit.statemachine.model.Event.DaemonDetached;
import dev.soleinit.statemachine.model.Event.DaemonDrained;
import dev.soleinit.statemachine.model.Event.DaemonFailed;
import dev.soleinit.statemachine.model.Event.DaemonFenced;
import dev.soleinit.statemachine.model.Event.DaemonHung;
import dev.soleinit.statemachine.model.Event.DaemonNotReady;
import dev.soleinit.statemachine.model.Event.DaemonReady;
import dev.soleinit.statemachine.model.Event.DaemonReloading;
import dev.soleinit.statemachine.model.Event.DaemonStopping;
import dev.soleinit.statemachine.model.Event.DeadlinePassed;
import dev.soleinit.statemachine.model.Event.Forked;
import dev.soleinit.statemachine.model.Event.GenerationPersisted;
import dev.soleinit.statemachine.model.Event.LeftoversFound;
import dev.soleinit.statemachine.model.Event.LeftoversGone;
import dev.soleinit.statemachine.model.Event.MainPidChanged;
import dev.soleinit.statemachine.model.Event.ManifestFailed;
import dev.soleinit.statemachine.model.Event.ManifestSaved;
import dev.soleinit.statemachine.model.Event.PreflightFinished;
import dev.soleinit.statemachine.model.Event.ReloadCommandFinished;
import dev.soleinit.statemachine.model.Event.RequestEvent;
import dev.soleinit.statemachine.model.Event.SignalReceived;
import dev.soleinit.statemachine.model.Event.SpawnFailed;
import dev.soleinit.statemachine.model.Event.Spawned;
import dev.soleinit.statemachine.model.Event.StopCommandFinished;
import dev.soleinit.statemachine.model.Event.TimeoutExtended;
import dev.soleinit.statemachine.model.Event.WatchdogChanged;
import dev.soleinit.statemachine.model.Event.WatchdogPing;
import dev.soleinit.statemachine.model.Event.WorkBegun;
import dev.soleinit.statemachine.model.Event.WorkEnded;
import dev.soleinit.statemachine.model.Event.WorkReported;
import dev.soleinit.statemachine.model.Goal;
import dev.soleinit.statemachine.model.Phase;
import dev.soleinit.statemachine.model.Phase.Draining;
import dev.soleinit.statemachine.model.Phase.Stage;
import dev.soleinit.statemachine.model.RequestOutcome.Result;
import dev.soleinit.statemachine.state.OpenRequest.PendingRestart;
import java.time.Duration;

/**
 * What comes before the stop of a process whose successor has taken its place: its fence stays, so it
 * has nothing to go back to, and only its work decides how long it lives on.
 */
final class PredecessorDrain {
    private PredecessorDrain() {}

    private static RestartMode mode(Transition turn) {
        return turn.requests().mode(turn.now).orElse(RestartMode.SAFE);
    }

    /** The other one is current from now on. */
    static void begin(Transition turn, DaemonProcess run) {
        turn.setGoal(Goal.RESTART);
        long until = switch (mode(turn)) {
            case SAFE -> Phase.NEVER;
            case GRACEFUL -> turn.requests().drainBy();
            case IMMEDIATE, FORCE -> turn.now;
        };
        Draining phase = new Draining(run, Phase.NEVER, Stage.DRAINING, until,
                turn.state.work().active(), turn.now, !turn.daemon().attached(), true);
        turn.enter(phase);
        tell(turn, phase);
        sayAgain(turn);
        wake(turn);
        if (until <= turn.now) {
            RestartCoordinator.persistAndStop(turn, phase);
        } else {
            RestartCoordinator.checkDrained(turn, phase);
        }
    }

    /** A safe one is told of no bound: there is none. */
    private static void tell(Transition turn, Draining phase) {
        if (!turn.daemon().attached()) {
            return;
        }
        turn.tell(new DaemonCommand.Fence(DaemonCommand.OVERLAP));
        if (mode(turn) == RestartMode.GRACEFUL) {
            turn.tell(new DaemonCommand.Drain(
                    Duration.ofNanos(Math.max(0, phase.until() - turn.now))));
        }
    }

    static void draining(Transition turn, Draining phase, Event event) {
        switch (event) {
            case DaemonFenced _ when mode(turn) != RestartMode.GRACEFUL -> drained(turn, phase);
            case DaemonDrained _ -> drained(turn, phase);
            case WorkEnded _, WorkReported _ -> settle(turn, phase);
            case DaemonAttached _ -> {
                turn.enter(phase.drainConfirmed(false));
                tell(turn, phase);
            }
            case DeadlinePassed _ -> deadline(turn, phase);
            case ManifestSaved _ when phase.stage() == Stage.PERSISTING ->
                    RestartCoordinator.stop(turn, phase.run());
            case ManifestFailed(long _, String why) when phase.stage() == Stage.PERSISTING ->
                    manifestFailed(turn, phase, why);
            case ManifestFailed(long _, String why) -> ShutdownRules.logManifestFailure(turn, why);
            case ChildExited(int _, var status, var why) ->
                    ExitHandling.ended(turn, phase.run(), status, ExitGate.failure(turn), why);
            case DaemonFenced _, DaemonReady _, DaemonNotReady _, DaemonStopping _, DaemonFailed _,
                    DaemonHung _, DaemonDetached _, DaemonReloading _, WatchdogPing _,
                    WatchdogChanged _, TimeoutExtended _, MainPidChanged _, WorkBegun _,
                    PreflightFinished _, Booted _, GenerationPersisted _, Forked _, Spawned _,
                    SpawnFailed _, AllProcessesGone _, LeftoversFound _, LeftoversGone _,
                    SignalReceived _, ManifestSaved _, ReloadCommandFinished _, CheckFinished _,
                    ConfigurationEvent _,
                    StopCommandFinished _, CallerDisconnected _, RequestEvent _ -> { }
        }
    }

    private static void drained(Transition turn, Draining phase) {
        Draining next = phase.drainConfirmed(true);
        turn.enter(next);
        RestartCoordinator.checkDrained(turn, next);
    }

    private static void deadline(Transition turn, Draining phase) {
        if (turn.now < phase.until()) {
            expire(turn, phase);
        } else if (phase.stage() == Stage.PERSISTING) {
            // what the disk was given may still get there: the next manifest has to take its place
            long attempt = turn.daemon().manifest();
            manifestFailed(turn, phase, "the disk does not answer");
            turn.daemon(turn.daemon().manifest(attempt));
        } else if (mode(turn) == RestartMode.SAFE) {
            Draining again = in(phase, Phase.NEVER);
            turn.enter(again);
            settle(turn, again);
        } else {
            RestartCoordinator.persistAndStop(turn, phase);
        }
    }

    private static Draining in(Draining phase, long until) {
        return new Draining(phase.run(), phase.startDeadline(), Stage.DRAINING, until,
                phase.blockers(), phase.since(), phase.drainConfirmed(), phase.preflightIdle());
    }

    /**
     * It does not serve any more, but it does not lose its work either: it is tried again, unless the
     * work has ended meanwhile.
     */
    private static void manifestFailed(Transition turn, Draining phase, String why) {
        if (turn.state.work().items().isEmpty()) {
            turn.daemon(turn.daemon().manifest(0));
            RestartCoordinator.stop(turn, phase.run());
            return;
        }
        switch (mode(turn)) {
            case IMMEDIATE, FORCE -> {
                turn.emit(new Effect.LogWarning("Cannot keep the interrupted work: " + why
                        + "; going on, as it was asked for"));
                RestartCoordinator.stop(turn, phase.run());
            }
            case SAFE, GRACEFUL -> {
                turn.emit(new Effect.LogWarning("Cannot keep the interrupted work of generation "
                        + phase.run().child().generation() + ": " + why + "; it goes on with it"));
                turn.daemon(turn.daemon().manifest(0));
                turn.enter(in(phase, turn.now
                        + turn.settings().coordination().logInterval().toNanos()));
            }
        }
    }

    /** Whoever has waited long enough is told, and work goes on; a fence is not waited for any longer. */
    private static void expire(Transition turn, Draining phase) {
        if (isSilent(turn, phase) && nobodyWaits(turn)) {
            stopSilent(turn, phase);
            return;
        }
        for (PendingRestart one : turn.requests().pending()) {
            if (one.giveUpAt() <= turn.now) {
                turn.finishOne(one.id(), Result.GAVE_UP, "gave up waiting for generation "
                        + turn.state.currentGeneration() + " to end, the newer one serves; "
                        + "it goes on until its work has ended");
            }
        }
        if (turn.now >= turn.restarts().timers().logNotBefore()) {
            turn.emit(new Effect.LogWarning("generation " + phase.run().child().generation()
                    + " lives on beside the newer one: " + (isSilent(turn, phase)
                    ? "it does not answer the fence" : RestartCoordinator.blockers(turn))));
            sayAgain(turn);
        }
        wake(turn);
    }

    private static void sayAgain(Transition turn) {
        turn.restarts(turn.restarts().withLogNotBefore(
                turn.now + turn.settings().coordination().logInterval().toNanos()));
    }

    /** Whether nothing but its own word is missing. */
    private static boolean isSilent(Transition turn, Draining phase) {
        return phase.stage() == Stage.DRAINING && !phase.drainConfirmed()
                && turn.state.work().activeExcept(turn.requests().ignored()) == 0;
    }

    private static boolean nobodyWaits(Transition turn) {
        return turn.requests().pending().stream().allMatch(one ->
                (one.mode() == RestartMode.SAFE ? one.giveUpAt() : one.drainBy()) <= turn.now);
    }

    /** Its work may have been all that was waited for, by whoever has waited long enough. */
    private static void settle(Transition turn, Draining phase) {
        if (isSilent(turn, phase) && nobodyWaits(turn)) {
            stopSilent(turn, phase);
        } else {
            RestartCoordinator.checkDrained(turn, phase);
        }
    }

    /** None of its work is known: the stop signal cuts nothing, and gives it time to end the rest. */
    private static void stopSilent(Transition turn, Draining phase) {
        turn.emit(new Effect.LogWarning("generation " + phase.run().child().generation()
                + " has not answered the fence, and none of its work is known: it is stopped"));
        RestartCoordinator.persistAndStop(turn, phase);
    }

    private static void wake(Transition turn) {
        long next = turn.restarts().timers().logNotBefore();
        for (PendingRestart one : turn.requests().pending()) {
            next = Math.min(next, one.giveUpAt());
        }
        turn.restarts(turn.restarts().wake(next));
    }

    /** A forced restart does not wait for it. */
    static void hurry(Transition turn) {
        long soon = turn.now + turn.settings().stop().forceGrace().toNanos();
        switch (turn.state.phase()) {
            case Draining phase -> {
                turn.emit(new Effect.LogWarning("generation " + phase.run().child().generation()
                        + " is ended now: a restart is forced"));
                if (phase.stage() == Stage.DRAINING) {
                    RestartCoordinator.persistAndStop(turn, phase);
                }
                if (turn.state.phase() instanceof Draining) {
                    RestartCoordinator.stop(turn, phase.run());
                }
            }
            case Phase.Idle _, Phase.Spawning _, Phase.Starting _, Phase.Ready _, Phase.Reloading _,
                    Phase.StopDelayed _, Phase.Terminating _, Phase.Killing _, Phase.ClearingLeftovers _,
                    Phase.BackingOff _, Phase.Sweeping _, Phase.Done _ -> { }
        }
        if (turn.state.phase() instanceof Phase.Terminating(DaemonProcess run, long at, var failure)) {
            turn.enter(new Phase.Terminating(run.inextensible(), Math.min(at, soon), failure));
        }
    }
}
