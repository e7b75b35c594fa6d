package dev.soleinit.machine;

import dev.soleinit.machine.Event.AliveTold;
import dev.soleinit.machine.Event.Asked;
import dev.soleinit.machine.Event.AttachedTold;
import dev.soleinit.machine.Event.Booted;
import dev.soleinit.machine.Event.CallerLeft;
import dev.soleinit.machine.Event.CheckFinished;
import dev.soleinit.machine.Event.DeadlinePassed;
import dev.soleinit.machine.Event.DetachedTold;
import dev.soleinit.machine.Event.DrainedTold;
import dev.soleinit.machine.Event.Ended;
import dev.soleinit.machine.Event.ExtendTold;
import dev.soleinit.machine.Event.FailedTold;
import dev.soleinit.machine.Event.FencedTold;
import dev.soleinit.machine.Event.Forked;
import dev.soleinit.machine.Event.GenerationStored;
import dev.soleinit.machine.Event.HungTold;
import dev.soleinit.machine.Event.LeftoversFound;
import dev.soleinit.machine.Event.LeftoversGone;
import dev.soleinit.machine.Event.Looked;
import dev.soleinit.machine.Event.MainTold;
import dev.soleinit.machine.Event.ManifestFailed;
import dev.soleinit.machine.Event.ManifestKept;
import dev.soleinit.machine.Event.NobodyLeft;
import dev.soleinit.machine.Event.NotReadyTold;
import dev.soleinit.machine.Event.ReadyTold;
import dev.soleinit.machine.Event.ReloadAsked;
import dev.soleinit.machine.Event.ReloadRan;
import dev.soleinit.machine.Event.ReloadingTold;
import dev.soleinit.machine.Event.RestartAsked;
import dev.soleinit.machine.Event.SignalAsked;
import dev.soleinit.machine.Event.SignalCame;
import dev.soleinit.machine.Event.SpawnFailed;
import dev.soleinit.machine.Event.Spawned;
import dev.soleinit.machine.Event.StartAsked;
import dev.soleinit.machine.Event.StopAsked;
import dev.soleinit.machine.Event.StopRan;
import dev.soleinit.machine.Event.StoppingTold;
import dev.soleinit.machine.Event.WatchdogChanged;
import dev.soleinit.machine.Event.WorkBegun;
import dev.soleinit.machine.Event.WorkEnded;
import dev.soleinit.machine.Event.WorkReported;
import dev.soleinit.machine.Outcome.Result;
import dev.soleinit.machine.Phase.Stage;
import dev.soleinit.machine.Waiting.Kind;
import dev.soleinit.process.Signal;
import java.time.Duration;
import java.util.Optional;

/** The phases in which a daemon runs that nobody has told to stop. */
final class RunningPhases {
    private RunningPhases() {}

    static void starting(Turn turn, Phase.Starting phase, Event event) {
        Run run = phase.run();
        switch (event) {
            case ReadyTold _ -> turn.ready(run);
            case FailedTold(long _, String reason) -> failedStart(turn, run, "not ready: " + reason);
            case DeadlinePassed _ when turn.now >= phase.deadline() -> failedStart(turn, run,
                    "not ready within " + words(turn.settings().readyTimeout()));
            case DeadlinePassed _, WorkBegun _, WorkEnded _, WorkReported _ ->
                    considerPending(turn, run);
            case Looked(long _, Look look) -> Drain.looked(turn, run, look);
            case CallerLeft(long id) -> Drain.callerLeft(turn, id);
            case StartAsked(long id) -> turn.join(id, Kind.START);
            case RestartAsked asked -> Drain.asked(turn, run, asked);
            // it may have read its configuration already: it reloads once it is ready
            case ReloadAsked(long id, boolean _) -> ReloadDesk.join(turn, id);
            case HungTold(long _, String reason) -> hung(turn, run, reason);
            case ExtendTold(long _, Duration by) -> turn.become(new Phase.Starting(run,
                    run.extended(phase.deadline(), turn.now, by)));
            case AttachedTold _, DetachedTold _, StoppingTold _, FencedTold _, DrainedTold _,
                    AliveTold _, NotReadyTold _, WatchdogChanged _, ReloadingTold _, MainTold _ -> { }
            case Ended _, SignalCame _, StopAsked _, SignalAsked _, ManifestFailed _ ->
                    running(turn, run, event);
            case Spawned _ -> turn.executed(run);
            case SpawnFailed(var error) -> AfterEnd.spawnFailed(turn, error);
            case Booted _, GenerationStored _, Forked _, NobodyLeft _, ManifestKept _, ReloadRan _,
                    StopRan _, LeftoversFound _, LeftoversGone _, CheckFinished _ -> { }
        }
    }

    private static void considerPending(Turn turn, Run run) {
        if (!turn.desk().pending().isEmpty()) {
            Drain.consider(turn, run);
        }
    }

    private static void failedStart(Turn turn, Run run, String failure) {
        turn.add(new Effect.Say("generation " + run.child().generation() + " is " + failure));
        turn.terminate(run, turn.settings().stopTimeout(), Optional.of(failure));
    }

    /** One that hangs will hardly heed a stop signal: it has a short grace. */
    private static void hung(Turn turn, Run run, String reason) {
        turn.add(new Effect.Say("generation " + run.child().generation() + " hangs: " + reason));
        turn.terminateSoon(run, Optional.of("hung: " + reason));
    }

    static void ready(Turn turn, Phase.Ready phase, Event event) {
        Run run = phase.run();
        switch (event) {
            case StoppingTold _ -> turn.become(new Phase.Ready(run, true));
            case FailedTold(long _, String reason) ->
                    turn.add(new Effect.Say("the daemon says that it failed: " + reason));
            case DeadlinePassed _ when turn.now >= run.aliveBy() -> hung(turn, run,
                    "no sign of life within " + words(run.watchdog()));
            case HungTold(long _, String reason) -> hung(turn, run, reason);
            case AliveTold _ -> turn.become(new Phase.Ready(run.alive(turn.now), phase.leaving()));
            case ReloadingTold _ -> ReloadDesk.byItself(turn, run);
            case DeadlinePassed _, WorkBegun _, WorkEnded _, WorkReported _ ->
                    considerPending(turn, run);
            case Looked(long _, Look look) -> Drain.looked(turn, run, look);
            case CallerLeft(long id) -> Drain.callerLeft(turn, id);
            case StartAsked(long id) -> turn.answer(id, Result.ALREADY, "already running");
            case RestartAsked asked -> Drain.asked(turn, run, asked);
            case ReloadAsked(long id, boolean _) -> {
                ReloadDesk.join(turn, id);
                ReloadDesk.begin(turn, run);
            }
            case ReadyTold _, AttachedTold _, DetachedTold _, FencedTold _, DrainedTold _,
                    ExtendTold _, NotReadyTold _, MainTold _, WatchdogChanged _ -> { }
            case Ended _, SignalCame _, StopAsked _, SignalAsked _, ManifestFailed _ ->
                    running(turn, run, event);
            case Booted _, GenerationStored _, Forked _, Spawned _, SpawnFailed _, NobodyLeft _,
                    ManifestKept _, ReloadRan _, StopRan _, LeftoversFound _, LeftoversGone _,
                    CheckFinished _ -> { }
        }
    }

    static void draining(Turn turn, Phase.Draining phase, Event event) {
        Run run = phase.run();
        switch (event) {
            case ReadyTold _ -> turn.become(phase.in(run.readyAt().isPresent() ? run
                    : run.readySince(turn.now)));
            case FencedTold _ -> Drain.fenced(turn, phase);
            case DrainedTold _ -> {
                turn.become(phase.told(true));
                Drain.look(turn, phase.told(true));
            }
            case WorkEnded _, WorkReported _ -> Drain.look(turn, phase);
            case Looked(long _, Look look) -> Drain.looked(turn, phase, look);
            case AttachedTold _ -> Drain.attached(turn, phase);
            case DeadlinePassed _ -> Drain.deadline(turn, phase);
            case ManifestKept _ when phase.stage() == Stage.KEEPING -> Drain.stop(turn, run);
            case ManifestFailed(String why) when phase.stage() == Stage.KEEPING ->
                    Drain.manifestFailed(turn, phase, why);
            case StartAsked(long id) -> turn.join(id, Kind.START);
            case RestartAsked asked -> Drain.joins(turn, phase, asked);
            case ReloadAsked(long id, boolean _) -> ReloadDesk.join(turn, id);
            // a daemon that hangs meanwhile is bounded by the drain
            case WorkBegun _, DetachedTold _, StoppingTold _, FailedTold _, CallerLeft _,
                    AliveTold _, HungTold _, NotReadyTold _, ReloadingTold _, ExtendTold _,
                    MainTold _, WatchdogChanged _ -> { }
            case Ended _, SignalCame _, StopAsked _, SignalAsked _, ManifestFailed _ ->
                    running(turn, run, event);
            case Booted _, GenerationStored _, Forked _, Spawned _, SpawnFailed _, NobodyLeft _,
                    ManifestKept _, ReloadRan _, StopRan _, LeftoversFound _, LeftoversGone _,
                    CheckFinished _ -> { }
        }
    }

    static void reloading(Turn turn, Phase.Reloading phase, Event event) {
        Run run = phase.run();
        switch (event) {
            case ReadyTold(long generation) when generation == phase.next() ->
                    ReloadDesk.ready(turn, phase);
            case NotReadyTold(long generation) when generation == phase.next() ->
                    ReloadDesk.notReady(turn, phase);
            case FailedTold(long _, String reason) -> ReloadDesk.failed(turn, phase, reason);
            case ReloadRan(long generation, var failure) when generation == phase.next() ->
                    ReloadDesk.ran(turn, phase, failure);
            case AttachedTold _ -> ReloadDesk.attached(turn, phase);
            case GenerationStored(long generation, var failure) when generation == phase.next()
                    && phase.stage() == Phase.ReloadStage.STORING ->
                    ReloadDesk.stored(turn, phase, failure);
            case DeadlinePassed _ -> reloadDeadline(turn, phase);
            case StartAsked(long id) -> turn.answer(id, Result.ALREADY, "already running");
            case RestartAsked asked -> Drain.asked(turn, run, asked);
            case ReloadAsked(long id, boolean _) -> ReloadDesk.join(turn, id);
            case CallerLeft(long id) -> Drain.callerLeft(turn, id);
            case HungTold(long _, String reason) -> hung(turn, run, reason);
            case ExtendTold(long _, Duration by) -> ReloadDesk.extended(turn, phase, by);
            case ReloadingTold(long _, long at) -> ReloadDesk.heardOf(turn, phase, at);
            case ReadyTold _, NotReadyTold _, StoppingTold _, DetachedTold _, FencedTold _,
                    DrainedTold _, AliveTold _, WatchdogChanged _, MainTold _, WorkBegun _,
                    WorkEnded _, WorkReported _, ReloadRan _ -> { }
            case Looked(long _, Look look) -> turn.desk(turn.desk().looking(false, look.reason()));
            case Ended _, SignalCame _, StopAsked _, SignalAsked _, ManifestFailed _ ->
                    running(turn, run, event);
            case Booted _, GenerationStored _, Forked _, Spawned _, SpawnFailed _, NobodyLeft _,
                    ManifestKept _, StopRan _, LeftoversFound _, LeftoversGone _, CheckFinished _ -> { }
        }
    }

    private static void reloadDeadline(Turn turn, Phase.Reloading phase) {
        if (phase.stage() == Phase.ReloadStage.STORING) {
            ReloadDesk.notStored(turn, phase);
        } else if (ReloadDesk.endsByTime(turn, phase)) {
            ReloadDesk.done(turn, phase);
        } else {
            failedStart(turn, phase.run(), "not reloaded within "
                    + words(turn.settings().readyTimeout()));
        }
    }

    /** What all of these phases do alike. */
    private static void running(Turn turn, Run run, Event event) {
        switch (event) {
            case Ended(int pid, var status, var why) when pid == run.child().pid() ->
                    AfterEnd.ended(turn, run, status, ExitGate.failure(turn), why);
            case SignalCame(Signal signal) -> signalToRunning(turn, run, signal);
            case StopAsked(long id, String reason) -> {
                RestartDesk.stopInstead(turn, id, reason);
                turn.terminate(run, turn.settings().stopTimeout(), Optional.empty());
            }
            case SignalAsked(long id, Signal signal) -> Stops.sendAsked(turn, run, id, signal);
            case ManifestFailed(String why) -> Stops.notKept(turn, why);
            case Event.Told _, Asked _, Booted _, GenerationStored _, Forked _, Spawned _,
                    SpawnFailed _, NobodyLeft _, DeadlinePassed _, Ended _, ManifestKept _,
                    ReloadRan _, StopRan _, CallerLeft _, LeftoversFound _, LeftoversGone _,
                    CheckFinished _ -> { }
        }
    }

    private static void signalToRunning(Turn turn, Run run, Signal signal) {
        Optional<Signal> rewritten = turn.rewritten(signal);
        if (rewritten.isPresent() && turn.isEnd(signal)) {
            Stops.noteEnding(turn, signal);
            turn.terminate(run.inextensible(), rewritten.get(),
                    turn.now + turn.settings().stopTimeout().toNanos(), Optional.empty());
        } else {
            rewritten.ifPresent(known -> turn.send(run, known));
        }
    }

    private static String words(Duration duration) {
        return duration.toMillis() % 1000 == 0 ? duration.toSeconds() + " s"
                : duration.toMillis() + " ms";
    }
}
