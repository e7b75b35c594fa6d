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
import dev.soleinit.statemachine.model.Event.RequestEvent;
import dev.soleinit.statemachine.model.Event.RestartRequested;
import dev.soleinit.statemachine.model.Event.SignalReceived;
import dev.soleinit.statemachine.model.Event.SignalRequested;
import dev.soleinit.statemachine.model.Event.SpawnFailed;
import dev.soleinit.statemachine.model.Event.Spawned;
import dev.soleinit.statemachine.model.Event.StartRequested;
import dev.soleinit.statemachine.model.Event.StopCommandFinished;
import dev.soleinit.statemachine.model.Event.StopRequested;
import dev.soleinit.statemachine.model.Event.TimeoutExtended;
import dev.soleinit.statemachine.model.Goal;
import dev.soleinit.statemachine.model.Phase;
import dev.soleinit.statemachine.model.ShutdownRequest;
import java.time.Duration;
import java.util.Optional;

/** The phases of a daemon that was told to stop, or killed. */
final class StoppingPhases {
    private StoppingPhases() {}

    // ---- PID 1 is to end, and the daemon serves on

    /** One that is not ready, or goes down by itself, serves nobody. */
    static boolean mayServeOn(Transition turn) {
        boolean serves = switch (turn.state.phase()) {
            case Phase.Ready ready -> !ready.stopping();
            case Phase.Reloading reloading -> reloading.isSilent();
            case Phase.Idle _, Phase.Spawning _, Phase.Starting _, Phase.Draining _,
                    Phase.StopDelayed _, Phase.Terminating _, Phase.Killing _,
                    Phase.ClearingLeftovers _, Phase.BackingOff _, Phase.Sweeping _,
                    Phase.Done _ -> false;
        };
        return serves && !turn.settings().stop().delay().isZero();
    }

    static void stopDelayed(Transition turn, Phase.StopDelayed phase, Event event) {
        switch (event) {
            case DeadlinePassed _ -> terminate(turn, phase.run(), phase.signal());
            case SignalReceived(Signal signal) -> signalToDelayed(turn, phase, signal);
            case StopRequested(long id, String reason) -> {
                RequestArbitration.stopInstead(turn, id, reason);
                terminate(turn, phase.run(), phase.signal());
            }
            case ChildExited _, RequestEvent _, ManifestFailed _ ->
                    stopping(turn, phase.run(), Optional.empty(), event);
            case Booted _, GenerationPersisted _, Forked _, Spawned _, SpawnFailed _,
                    AllProcessesGone _, ManifestSaved _, ReloadCommandFinished _,
                    StopCommandFinished _, CallerDisconnected _, DaemonEvent _, LeftoversFound _,
                    LeftoversGone _, CheckFinished _, ConfigurationEvent _ -> { }
        }
    }

    /** Whoever says it once more does not want to wait. */
    private static void signalToDelayed(Transition turn, Phase.StopDelayed phase, Signal signal) {
        Optional<Signal> rewritten = turn.mapSignal(signal);
        if (rewritten.isEmpty()) {
            return;
        }
        if (!ShutdownRequest.isMadeBy(signal)) {
            turn.send(phase.run(), rewritten.get());
        } else if (ShutdownRules.recordShutdown(turn, signal)) {
            turn.kill(phase.run(), Optional.empty());
        } else {
            terminate(turn, phase.run(), rewritten.get());
        }
    }

    /** PID 1 is to end: nothing that the daemon says puts its own end off. */
    static void terminate(Transition turn, DaemonProcess run, Signal signal) {
        turn.terminate(run.inextensible(), signal,
                turn.now + turn.settings().stop().timeout().toNanos(), Optional.empty());
    }

    // ---- the daemon was told

    static void terminating(Transition turn, Phase.Terminating phase, Event event) {
        switch (event) {
            case DeadlinePassed _ -> {
                turn.emit(new Effect.LogWarning("generation " + phase.run().child().generation()
                        + " did not stop in time: killing it"));
                turn.kill(phase.run(), phase.failure());
            }
            case SignalReceived(Signal signal) -> signalToTerminating(turn, phase, signal);
            case RestartRequested asked when asked.mode() == RestartMode.FORCE
                    && RequestArbitration.restartable(turn) -> {
                turn.enter(new Phase.Terminating(phase.run().inextensible(), Math.min(phase.killAt(),
                        turn.now + turn.settings().stop().forceGrace().toNanos()), phase.failure()));
                RequestArbitration.restartJoins(turn, asked);
            }
            case StopCommandFinished(long generation, var failure) when failure.isPresent()
                    && generation == phase.run().child().generation() -> {
                turn.emit(new Effect.LogWarning("the stop command failed, so the stop signal goes out: "
                        + failure.get()));
                turn.send(phase.run(), turn.stopSignal());
            }
            case TimeoutExtended(long _, Duration by) -> turn.enter(new Phase.Terminating(phase.run(),
                    phase.run().extended(phase.killAt(), turn.now, by), phase.failure()));
            case ChildExited _, RequestEvent _, ManifestFailed _ ->
                    stopping(turn, phase.run(), phase.failure(), event);
            case Booted _, GenerationPersisted _, Forked _, Spawned _, SpawnFailed _,
                    AllProcessesGone _, ManifestSaved _, ReloadCommandFinished _,
                    StopCommandFinished _, CallerDisconnected _, DaemonEvent _, LeftoversFound _,
                    LeftoversGone _, CheckFinished _, ConfigurationEvent _ -> { }
        }
    }

    private static void signalToTerminating(Transition turn, Phase.Terminating phase, Signal signal) {
        Optional<Signal> rewritten = turn.mapSignal(signal);
        if (rewritten.isEmpty()) {
            return;
        }
        boolean first = turn.state.ending().isEmpty();
        if (ShutdownRequest.isMadeBy(signal) && ShutdownRules.recordShutdown(turn, signal)) {
            turn.kill(phase.run(), phase.failure());
            return;
        }
        if (ShutdownRequest.isMadeBy(signal) && first) {
            long budget = turn.now + turn.settings().stop().timeout().toNanos();
            turn.enter(new Phase.Terminating(phase.run().inextensible(),
                    Math.min(phase.killAt(), budget), phase.failure()));
        }
        turn.send(phase.run(), rewritten.get());
    }

    static void killing(Transition turn, Phase.Killing phase, Event event) {
        switch (event) {
            case DeadlinePassed _ -> unkillable(turn, phase);
            case SignalReceived(Signal signal) -> {
                if (ShutdownRequest.isMadeBy(signal) && turn.mapSignal(signal).isPresent()) {
                    ShutdownRules.recordShutdown(turn, signal);
                    turn.killAgain(phase);
                }
            }
            case ChildExited _, RequestEvent _, ManifestFailed _ ->
                    stopping(turn, phase.run(), phase.failure(), event);
            case Booted _, GenerationPersisted _, Forked _, Spawned _, SpawnFailed _,
                    AllProcessesGone _, ManifestSaved _, ReloadCommandFinished _,
                    StopCommandFinished _, CallerDisconnected _, DaemonEvent _, LeftoversFound _,
                    LeftoversGone _, CheckFinished _, ConfigurationEvent _ -> { }
        }
    }

    /** The kernel cannot end it (uninterruptible sleep). A second one is never started beside it. */
    private static void unkillable(Transition turn, Phase.Killing phase) {
        if (turn.state.goal() == Goal.EXIT) {
            ExitHandling.persistWork(turn, phase.run(), "the supervisor was told to end");
            turn.sweep(128 + Signal.KILL.number());
            return;
        }
        turn.emit(new Effect.LogWarning("process " + phase.run().child().pid() + " survives SIGKILL: it "
                + "hangs in the kernel; waiting, a second daemon is not started beside it"));
        turn.enter(new Phase.Killing(phase.run(), Phase.NEVER, phase.failure()));
    }

    private static void stopping(Transition turn, DaemonProcess run, Optional<String> failure,
            Event event) {
        switch (event) {
            case ChildExited(int pid, var status, var why) when pid == run.child().pid() ->
                    ExitHandling.ended(turn, run, status, failure, why);
            case StartRequested(long id) -> RequestArbitration.startInsteadOfStop(turn, id);
            case StopRequested(long id, String reason) ->
                    RequestArbitration.stopInstead(turn, id, reason);
            case RestartRequested asked -> RequestArbitration.restartJoins(turn, asked);
            case SignalRequested(long id, Signal signal) ->
                    ShutdownRules.sendRequestedSignal(turn, run, id, signal);
            case ReloadRequested(long id, boolean _) -> ReloadCoordinator.joinsRestart(turn, id);
            case ManifestFailed(long _, String why) -> ShutdownRules.logManifestFailure(turn, why);
            case Booted _, GenerationPersisted _, Forked _, Spawned _, SpawnFailed _,
                    AllProcessesGone _, DeadlinePassed _, SignalReceived _, ChildExited _,
                    ManifestSaved _, ReloadCommandFinished _, StopCommandFinished _,
                    CallerDisconnected _, DaemonEvent _, LeftoversFound _, LeftoversGone _,
                    CheckFinished _, ConfigurationEvent _ -> { }
        }
    }
}
