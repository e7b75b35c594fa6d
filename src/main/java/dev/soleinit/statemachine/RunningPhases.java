package dev.soleinit.statemachine;

import dev.soleinit.process.Signal;
import dev.soleinit.statemachine.gates.ExitGate;
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
import dev.soleinit.statemachine.model.Event.WatchdogChanged;
import dev.soleinit.statemachine.model.Event.WatchdogPing;
import dev.soleinit.statemachine.model.Event.WorkBegun;
import dev.soleinit.statemachine.model.Event.WorkEnded;
import dev.soleinit.statemachine.model.Event.WorkReported;
import dev.soleinit.statemachine.model.Phase;
import dev.soleinit.statemachine.model.Phase.Stage;
import dev.soleinit.statemachine.model.RequestOutcome.Result;
import dev.soleinit.statemachine.settings.ReadySettings.Source;
import dev.soleinit.statemachine.state.OpenRequest;
import dev.soleinit.statemachine.work.PreflightVerdict;
import java.time.Duration;
import java.util.Optional;

/** The phases in which a daemon runs that nobody has told to stop. */
final class RunningPhases {
    private RunningPhases() {}

    static void starting(Transition turn, Phase.Starting phase, Event event) {
        DaemonProcess run = phase.run();
        switch (event) {
            case DaemonReady _ -> turn.ready(run);
            case DaemonFailed(long _, String reason) -> failedStart(turn, run, "not ready: " + reason);
            case DeadlinePassed _ when turn.now >= phase.deadline() -> failedStart(turn, run,
                    "not ready within " + words(turn.settings().ready().timeout()));
            case DeadlinePassed _, WorkBegun _, WorkEnded _, WorkReported _ ->
                    considerPending(turn, run);
            case PreflightFinished(long _, PreflightVerdict look) ->
                    RestartCoordinator.onPreflightResult(turn, run, look);
            case CallerDisconnected(long id) -> RestartCoordinator.callerLeft(turn, id);
            case StartRequested(long id) -> turn.accept(new OpenRequest.Start(id));
            case RestartRequested asked -> RestartCoordinator.onRestartRequested(turn, run, asked);
            // it may have read its configuration already: it reloads once it is ready
            case ReloadRequested(long id, boolean _) -> ReloadCoordinator.join(turn, id);
            case DaemonHung(long _, String reason) -> hung(turn, run, reason);
            case TimeoutExtended(long _, Duration by) -> turn.enter(new Phase.Starting(run,
                    run.extended(phase.deadline(), turn.now, by)));
            case DaemonAttached _, DaemonDetached _, DaemonStopping _, DaemonFenced _,
                    DaemonDrained _, WatchdogPing _, DaemonNotReady _, WatchdogChanged _,
                    DaemonReloading _, MainPidChanged _ -> { }
            case ChildExited _, SignalReceived _, StopRequested _, SignalRequested _,
                    ManifestFailed _ ->
                    running(turn, run, event);
            case Spawned _ -> turn.executed(run);
            case SpawnFailed(long _, var error) -> ExitHandling.spawnFailed(turn, error);
            case Booted _, GenerationPersisted _, Forked _, AllProcessesGone _, ManifestSaved _,
                    ReloadCommandFinished _, StopCommandFinished _, LeftoversFound _,
                    LeftoversGone _, CheckFinished _, ConfigurationEvent _ -> { }
        }
    }

    private static void considerPending(Transition turn, DaemonProcess run) {
        if (turn.requests().hasPending()) {
            RestartCoordinator.tryBegin(turn, run);
        }
    }

    private static void failedStart(Transition turn, DaemonProcess run, String failure) {
        turn.emit(new Effect.LogWarning("generation " + run.child().generation() + " is " + failure));
        turn.terminate(run, turn.settings().stop().timeout(), Optional.of(failure));
    }

    /** One that hangs will hardly heed a stop signal: it has a short grace. */
    private static void hung(Transition turn, DaemonProcess run, String reason) {
        turn.emit(new Effect.LogWarning("generation " + run.child().generation() + " hangs: " + reason));
        turn.terminateSoon(run, Optional.of("hung: " + reason));
    }

    static void ready(Transition turn, Phase.Ready phase, Event event) {
        DaemonProcess run = phase.run();
        switch (event) {
            case DaemonStopping _ -> turn.enter(new Phase.Ready(run, true));
            case DaemonFailed(long _, String reason) ->
                    turn.emit(new Effect.LogWarning("the daemon says that it failed: " + reason));
            case DeadlinePassed _ when turn.now >= run.watchdogDeadline() -> hung(turn, run,
                    "no sign of life within " + words(run.watchdog()));
            case DaemonHung(long _, String reason) -> hung(turn, run, reason);
            case WatchdogPing _ -> turn.enter(new Phase.Ready(run.alive(turn.now), phase.stopping()));
            case DaemonReloading _ when turn.state.hasSuccessor() -> turn.emit(new Effect.LogWarning(
                    "the daemon reloads while a newer generation starts: it keeps its number"));
            case DaemonReloading _ -> ReloadCoordinator.enterReloading(turn, run);
            case DeadlinePassed _, WorkBegun _, WorkEnded _, WorkReported _ ->
                    considerPending(turn, run);
            case PreflightFinished(long _, PreflightVerdict look) ->
                    RestartCoordinator.onPreflightResult(turn, run, look);
            case CallerDisconnected(long id) -> RestartCoordinator.callerLeft(turn, id);
            case StartRequested(long id) -> turn.answer(id, Result.ALREADY, "already running");
            case RestartRequested asked -> RestartCoordinator.onRestartRequested(turn, run, asked);
            case ReloadRequested(long id, boolean _) -> {
                ReloadCoordinator.join(turn, id);
                if (!turn.state.hasSuccessor()) {
                    ReloadCoordinator.begin(turn, run);
                }
            }
            case DaemonReady _, DaemonAttached _, DaemonDetached _, DaemonFenced _, DaemonDrained _,
                    TimeoutExtended _, DaemonNotReady _, MainPidChanged _, WatchdogChanged _ -> { }
            case ChildExited _, SignalReceived _, StopRequested _, SignalRequested _,
                    ManifestFailed _ ->
                    running(turn, run, event);
            case Booted _, GenerationPersisted _, Forked _, Spawned _, SpawnFailed _,
                    AllProcessesGone _, ManifestSaved _, ReloadCommandFinished _,
                    StopCommandFinished _, LeftoversFound _, LeftoversGone _, CheckFinished _,
                    ConfigurationEvent _ -> { }
        }
    }

    static void draining(Transition turn, Phase.Draining phase, Event event) {
        DaemonProcess run = phase.run();
        switch (event) {
            case DaemonReady _ -> turn.enter(phase.in(run.readyAt().isPresent() ? run
                    : run.readySince(turn.now)));
            case DaemonFenced _ -> RestartCoordinator.fenced(turn, phase);
            case DaemonDrained _ -> {
                turn.enter(phase.drainConfirmed(true));
                RestartCoordinator.checkDrained(turn, phase.drainConfirmed(true));
            }
            case WorkEnded _, WorkReported _ -> RestartCoordinator.checkDrained(turn, phase);
            case PreflightFinished(long _, PreflightVerdict look) ->
                    RestartCoordinator.onPreflightResult(turn, phase, look);
            case DaemonAttached _ -> RestartCoordinator.attached(turn, phase);
            case DeadlinePassed _ -> RestartCoordinator.deadline(turn, phase);
            case ManifestSaved(long attempt) when answers(turn, phase, attempt) ->
                    RestartCoordinator.stop(turn, run);
            case ManifestFailed(long attempt, String why) when answers(turn, phase, attempt) ->
                    RestartCoordinator.manifestFailed(turn, phase, why);
            case StartRequested(long id) -> turn.accept(new OpenRequest.Start(id));
            case RestartRequested asked -> RestartCoordinator.joins(turn, phase, asked);
            case ReloadRequested(long id, boolean _) -> ReloadCoordinator.join(turn, id);
            // a daemon that hangs meanwhile is bounded by the drain
            case WorkBegun _, DaemonDetached _, DaemonStopping _, DaemonFailed _,
                    CallerDisconnected _, WatchdogPing _, DaemonHung _, DaemonNotReady _,
                    DaemonReloading _, TimeoutExtended _, MainPidChanged _, WatchdogChanged _ -> { }
            case ChildExited _, SignalReceived _, StopRequested _, SignalRequested _,
                    ManifestFailed _ ->
                    running(turn, run, event);
            case Booted _, GenerationPersisted _, Forked _, Spawned _, SpawnFailed _,
                    AllProcessesGone _, ManifestSaved _, ReloadCommandFinished _,
                    StopCommandFinished _, LeftoversFound _, LeftoversGone _, CheckFinished _,
                    ConfigurationEvent _ -> { }
        }
    }

    /** An answer to an older attempt says nothing of what was given to the disk since. */
    private static boolean answers(Transition turn, Phase.Draining phase, long attempt) {
        return phase.stage() == Stage.PERSISTING && attempt == turn.daemon().manifest();
    }

    static void reloading(Transition turn, Phase.Reloading phase, Event event) {
        DaemonProcess run = phase.run();
        switch (event) {
            case DaemonReady(long generation, var source) when generation == phase.next()
                    || source == Source.NOTIFY ->
                    ReloadCoordinator.ready(turn, phase);
            case DaemonNotReady(long generation) when generation == phase.next() ->
                    ReloadCoordinator.notReady(turn, phase);
            case DaemonFailed(long _, String reason) -> ReloadCoordinator.failed(turn, phase, reason);
            case ReloadCommandFinished(long generation, var failure) when generation == phase.next() ->
                    ReloadCoordinator.onCommandFinished(turn, phase, failure);
            case DaemonAttached _ -> ReloadCoordinator.attached(turn, phase);
            case GenerationPersisted(long generation, var failure) when generation == phase.next()
                    && phase.stage() == Phase.ReloadStage.STORING ->
                    ReloadCoordinator.stored(turn, phase, failure);
            case DeadlinePassed _ -> reloadDeadline(turn, phase);
            case StartRequested(long id) -> turn.answer(id, Result.ALREADY, "already running");
            case RestartRequested asked -> RestartCoordinator.onRestartRequested(turn, run, asked);
            case ReloadRequested(long id, boolean _) -> ReloadCoordinator.join(turn, id);
            case CallerDisconnected(long id) -> RestartCoordinator.callerLeft(turn, id);
            case DaemonHung(long _, String reason) -> hung(turn, run, reason);
            case TimeoutExtended(long _, Duration by) -> ReloadCoordinator.extended(turn, phase, by);
            case DaemonReloading(long _, long at) ->
                    ReloadCoordinator.onReloadingNotified(turn, phase, at);
            case DaemonReady _, DaemonNotReady _, DaemonStopping _, DaemonDetached _,
                    DaemonFenced _, DaemonDrained _, WatchdogPing _, WatchdogChanged _,
                    MainPidChanged _, WorkBegun _, WorkEnded _, WorkReported _,
                    ReloadCommandFinished _ -> { }
            case PreflightFinished(long _, PreflightVerdict look) ->
                    turn.restarts(turn.restarts().preflightRunning(false, look.reason()));
            case ChildExited _, SignalReceived _, StopRequested _, SignalRequested _,
                    ManifestFailed _ ->
                    running(turn, run, event);
            case Booted _, GenerationPersisted _, Forked _, Spawned _, SpawnFailed _,
                    AllProcessesGone _, ManifestSaved _, StopCommandFinished _, LeftoversFound _,
                    LeftoversGone _, CheckFinished _, ConfigurationEvent _ -> { }
        }
    }

    private static void reloadDeadline(Transition turn, Phase.Reloading phase) {
        if (phase.stage() == Phase.ReloadStage.STORING) {
            ReloadCoordinator.notStored(turn, phase);
        } else if (ReloadCoordinator.endsByTime(turn, phase)) {
            ReloadCoordinator.done(turn, phase);
        } else {
            failedStart(turn, phase.run(), "not reloaded within "
                    + words(turn.settings().ready().timeout()));
        }
    }

    /** What all of these phases do alike. */
    private static void running(Transition turn, DaemonProcess run, Event event) {
        switch (event) {
            case ChildExited(int pid, var status, var why) when pid == run.child().pid() ->
                    ExitHandling.ended(turn, run, status, ExitGate.failure(turn), why);
            case SignalReceived(Signal signal) -> signalToRunning(turn, run, signal);
            case StopRequested(long id, String reason) -> {
                RequestArbitration.stopInstead(turn, id, reason);
                turn.terminate(run, turn.settings().stop().timeout(), Optional.empty());
            }
            case SignalRequested(long id, Signal signal) ->
                    ShutdownRules.sendRequestedSignal(turn, run, id, signal);
            case ManifestFailed(long _, String why) -> ShutdownRules.logManifestFailure(turn, why);
            case Event.DaemonEvent _, RequestEvent _, Booted _, GenerationPersisted _, Forked _,
                    Spawned _, SpawnFailed _, AllProcessesGone _, DeadlinePassed _, ChildExited _,
                    ManifestSaved _, ReloadCommandFinished _, StopCommandFinished _,
                    CallerDisconnected _, LeftoversFound _, LeftoversGone _, CheckFinished _,
                    ConfigurationEvent _ -> { }
        }
    }

    private static void signalToRunning(Transition turn, DaemonProcess run, Signal signal) {
        Optional<Signal> rewritten = turn.mapSignal(signal);
        if (rewritten.isPresent() && turn.isEnd(signal)) {
            ShutdownRules.recordShutdown(turn, signal);
            if (StoppingPhases.mayServeOn(turn)) {
                turn.enter(new Phase.StopDelayed(run, rewritten.get(),
                        turn.deadlineAfter(turn.settings().stop().delay())));
            } else {
                StoppingPhases.terminate(turn, run, rewritten.get());
            }
        } else {
            rewritten.ifPresent(known -> turn.send(run, known));
        }
    }

    private static String words(Duration duration) {
        return duration.toMillis() % 1000 == 0 ? duration.toSeconds() + " s"
                : duration.toMillis() + " ms";
    }
}
