package dev.soleinit.statemachine;

import dev.soleinit.process.Signal;
import dev.soleinit.statemachine.gates.CheckGate;
import dev.soleinit.statemachine.gates.DaemonEvents;
import dev.soleinit.statemachine.gates.ExitGate;
import dev.soleinit.statemachine.gates.LastGoodGate;
import dev.soleinit.statemachine.gates.OverlapEvents;
import dev.soleinit.statemachine.gates.OverlapGate;
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
import dev.soleinit.statemachine.model.RequestOutcome.Result;
import dev.soleinit.statemachine.model.ShutdownRequest;
import dev.soleinit.statemachine.state.OpenRequest;
import dev.soleinit.statemachine.state.OpenRequest.Kind;
import dev.soleinit.statemachine.state.State;
import dev.soleinit.statemachine.state.Step;
import java.util.ArrayList;
import java.util.List;

/**
 * The one decider. {@link #step} is a pure function, called by the loop's thread alone; there is
 * one method a phase, each a switch over every {@link Event}, so that a new event makes the
 * compiler list the phases that have not decided it.
 *
 * <p>What always holds, whatever comes in whatever order: at most one live child; a stop wins
 * over everything; each request is answered exactly once; from the first stop signal PID 1 ends
 * within its budget.
 */
public final class SupervisorStateMachine {
    private SupervisorStateMachine() {}

    /**
     * Decides.
     *
     * @param now    nanoseconds of a clock that never steps
     * @param random 0 (inclusive) to 1, for the jitter
     */
    public static Step step(State state, Event event, long now, double random) {
        Transition turn = new Transition(state, now, random);
        if (event instanceof ConfigurationEvent told) {
            LastGoodGate.told(turn, told);
        }
        come(turn, event);
        LastGoodGate.afterwards(turn);
        return turn.done();
    }

    /** What was postponed until this event comes anew after it: all has changed since. */
    private static void come(Transition turn, Event event) {
        State before = turn.state;
        List<Event> postponed = before.other().isEmpty() ? decideCurrent(turn, event)
                : decideBoth(turn, event);
        if (before.other().isPresent() || turn.state.other().isPresent()) {
            OverlapCoordinator.afterwards(turn, before, event);
        }
        for (Event later : postponed) {
            come(turn, later);
        }
    }

    private static List<Event> decideCurrent(Transition turn, Event event) {
        if (event instanceof DaemonEvent told && !DaemonEvents.accept(turn, told)) {
            return List.of();
        }
        List<Event> due = ExitGate.due(turn, event);
        if (due.isEmpty()) {
            return due;
        }
        decideChecked(turn, due.getFirst());
        return due.subList(1, due.size());
    }

    /** Each of the two has its events; a deadline may be both's. */
    private static List<Event> decideBoth(Transition turn, Event event) {
        List<Event> postponed = new ArrayList<>();
        boolean beside = OverlapEvents.isOther(turn.state, turn.now, event);
        boolean current = OverlapEvents.isCurrent(turn.state, turn.now, event);
        if (beside && !OverlapCoordinator.waitsForAStop(turn, event)) {
            Transition other = OverlapCoordinator.beside(turn);
            if (!(event instanceof DaemonEvent told) || DaemonEvents.accept(other, told)) {
                for (Event due : ExitGate.due(other, event)) {
                    decide(other, due);
                }
            }
            postponed.addAll(OverlapCoordinator.absorb(turn, other, event));
        }
        if (current) {
            postponed.addAll(decideCurrent(turn, event));
        }
        return postponed;
    }

    private static void decideChecked(Transition turn, Event event) {
        if (!CheckGate.holds(turn, event)) {
            decide(turn, event);
        }
        if (event instanceof CheckFinished(long run, var failure)) {
            CheckGate.finished(turn, run, failure).forEach(passed -> decide(turn, passed));
        }
        CheckGate.afterwards(turn);
    }

    private static void decide(Transition turn, Event event) {
        if (event instanceof RestartRequested asked && asked.overlap()) {
            OverlapGate.refuse(turn);
        }
        switch (turn.state.phase()) {
            case Phase.Idle _ -> idle(turn, event);
            case Phase.Spawning _ -> spawning(turn, event);
            case Phase.Starting starting -> RunningPhases.starting(turn, starting, event);
            case Phase.Ready ready -> RunningPhases.ready(turn, ready, event);
            case Phase.Draining draining when turn.isBeside() ->
                    PredecessorDrain.draining(turn, draining, event);
            case Phase.Draining draining -> RunningPhases.draining(turn, draining, event);
            case Phase.Reloading reloading -> RunningPhases.reloading(turn, reloading, event);
            case Phase.StopDelayed delayed -> StoppingPhases.stopDelayed(turn, delayed, event);
            case Phase.Terminating terminating ->
                    StoppingPhases.terminating(turn, terminating, event);
            case Phase.Killing killing -> StoppingPhases.killing(turn, killing, event);
            case Phase.ClearingLeftovers clearing ->
                    ClearingPhase.clearing(turn, clearing, event);
            case Phase.BackingOff _ -> backingOff(turn, event);
            case Phase.Sweeping sweeping -> sweeping(turn, sweeping, event);
            case Phase.Done _ -> done(turn, event);
        }
    }

    // ---- no daemon

    private static void idle(Transition turn, Event event) {
        boolean held = turn.state.goal() == Goal.DOWN;
        switch (event) {
            case Booted _ -> {
                if (!held) {
                    turn.spawn();
                }
            }
            case SignalReceived(Signal signal) -> ShutdownRules.signalWithoutDaemon(turn, signal);
            case StartRequested(long id) -> startNow(turn, new OpenRequest.Start(id));
            case StopRequested(long id, String reason) -> {
                turn.hold(reason);
                RequestArbitration.answerDown(turn, id, Result.ALREADY,
                        "the daemon was down already; it is held");
            }
            case RestartRequested asked -> turn.answer(asked.id(), Result.REFUSED, held
                    ? "Cannot restart: the daemon is held down; release it with `daemon start`"
                    : "Cannot restart: the daemon has not been started yet; try again shortly");
            case ReloadRequested(long id, boolean _) -> turn.answer(id, Result.REFUSED, held
                    ? "Cannot reload: the daemon is held down; release it with `daemon start`"
                    : "Cannot reload: the daemon has not been started yet; try again shortly");
            case SignalRequested(long id, Signal _) -> ShutdownRules.refuseSignal(turn, id);
            case ManifestFailed(long _, String why) -> ShutdownRules.logManifestFailure(turn, why);
            case GenerationPersisted _, Forked _, Spawned _, SpawnFailed _, ChildExited _,
                    AllProcessesGone _, DeadlinePassed _, ManifestSaved _, ReloadCommandFinished _,
                    StopCommandFinished _, CallerDisconnected _, DaemonEvent _, LeftoversFound _,
                    LeftoversGone _, CheckFinished _, ConfigurationEvent _ -> { }
        }
    }

    private static void backingOff(Transition turn, Event event) {
        switch (event) {
            case DeadlinePassed _ -> turn.spawn();
            case ConfigurationRestored(boolean restored, var _) when restored -> turn.spawn();
            case SignalReceived(Signal signal) -> ShutdownRules.signalWithoutDaemon(turn, signal);
            case StartRequested(long id) -> startNow(turn, new OpenRequest.Start(id));
            case RestartRequested asked -> {
                turn.state = turn.state.withArguments(asked.arguments());
                startNow(turn, new OpenRequest.Restart(asked.id()));
            }
            case StopRequested(long id, String reason) -> {
                turn.hold(reason);
                RequestArbitration.answerDown(turn, id, Result.COMPLETE,
                        "the daemon is down and held");
            }
            case ReloadRequested(long id, boolean _) -> startNow(turn, new OpenRequest.Reload(id));
            case SignalRequested(long id, Signal _) -> ShutdownRules.refuseSignal(turn, id);
            case ManifestFailed(long _, String why) -> ShutdownRules.logManifestFailure(turn, why);
            case Booted _, GenerationPersisted _, Forked _, Spawned _, SpawnFailed _, ChildExited _,
                    AllProcessesGone _, ManifestSaved _, ReloadCommandFinished _,
                    StopCommandFinished _, CallerDisconnected _, DaemonEvent _, LeftoversFound _,
                    LeftoversGone _, CheckFinished _, ConfigurationEvent _ -> { }
        }
    }

    private static void startNow(Transition turn, OpenRequest request) {
        turn.finishAll(Kind.STOP, Result.SUPERSEDED, "superseded by a start");
        turn.accept(request);
        turn.spawn();
    }

    // ---- a start is under way

    private static void spawning(Transition turn, Event event) {
        switch (event) {
            case GenerationPersisted(long stored, var failure) when stored == turn.state.generation() -> {
                failure.ifPresent(why -> turn.emit(new Effect.LogWarning(why)));
                turn.fork();
            }
            case DeadlinePassed _ -> {
                turn.emit(new Effect.LogWarning("the disk does not answer: generation "
                        + turn.state.generation() + " is started without being sure of its number"));
                turn.fork();
            }
            case Forked(var child) -> turn.enter(new Phase.Starting(turn.spawned(child),
                    turn.deadlineAfter(turn.settings().ready().timeout())));
            case SpawnFailed(long _, var error) -> ExitHandling.spawnFailed(turn, error);
            case SignalReceived(Signal signal) when turn.isEnd(signal) ->
                    ShutdownRules.signalWithoutDaemon(turn, signal);
            case SignalReceived(Signal signal) ->
                    turn.mapSignal(signal).ifPresent(turn::queueEarlySignal);
            case StartRequested(long id) -> turn.accept(new OpenRequest.Start(id));
            case StopRequested(long id, String reason) -> {
                RequestArbitration.stopInstead(turn, id, reason);
                turn.hold(reason);
            }
            case RestartRequested asked -> {
                turn.state = turn.state.withArguments(asked.arguments());
                turn.accept(new OpenRequest.Restart(asked.id()));
            }
            // a new process reads its configuration anyway
            case ReloadRequested(long id, boolean _) -> turn.accept(new OpenRequest.Restart(id));
            case SignalRequested(long id, Signal _) -> ShutdownRules.refuseSignal(turn, id);
            case ManifestFailed(long _, String why) -> ShutdownRules.logManifestFailure(turn, why);
            case Booted _, GenerationPersisted _, Spawned _, ChildExited _, AllProcessesGone _,
                    ManifestSaved _, ReloadCommandFinished _, StopCommandFinished _,
                    CheckFinished _, ConfigurationEvent _, CallerDisconnected _, LeftoversFound _,
                    LeftoversGone _, DaemonEvent _ -> { }
        }
    }

    // ---- the end of PID 1

    private static void sweeping(Transition turn, Phase.Sweeping phase, Event event) {
        switch (event) {
            case AllProcessesGone _ -> turn.enter(new Phase.Done(phase.code()));
            case DeadlinePassed _ -> {
                turn.emit(new Effect.SignalAllOthers(Signal.KILL));
                turn.enter(new Phase.Done(phase.code()));
            }
            case StartRequested(long id) -> turn.answer(id, Result.REFUSED, RequestArbitration.ENDING);
            case StopRequested(long id, String _) ->
                    turn.answer(id, Result.ALREADY, "the supervisor is ending");
            case RestartRequested _, ReloadRequested _ -> turn.answer(((Event.RequestEvent) event).id(),
                    Result.REFUSED, RequestArbitration.ENDING);
            case SignalRequested(long id, Signal _) -> ShutdownRules.refuseSignal(turn, id);
            case SignalReceived(Signal signal) -> endSweepNow(turn, phase, signal);
            case ManifestFailed(long _, String why) -> ShutdownRules.logManifestFailure(turn, why);
            case Booted _, GenerationPersisted _, Forked _, Spawned _, SpawnFailed _, ChildExited _,
                    ManifestSaved _, ReloadCommandFinished _, StopCommandFinished _,
                    CallerDisconnected _, DaemonEvent _, LeftoversFound _, LeftoversGone _,
                    CheckFinished _, ConfigurationEvent _ -> { }
        }
    }

    private static void endSweepNow(Transition turn, Phase.Sweeping phase, Signal signal) {
        boolean stop = ShutdownRequest.isMadeBy(signal) && turn.mapSignal(signal).isPresent();
        if (stop && ShutdownRules.recordShutdown(turn, signal)) {
            turn.enter(new Phase.Sweeping(phase.code(), turn.now));
        }
    }

    private static void done(Transition turn, Event event) {
        switch (event) {
            case StartRequested(long id) -> turn.answer(id, Result.REFUSED, RequestArbitration.ENDING);
            case StopRequested(long id, String _) ->
                    turn.answer(id, Result.ALREADY, "the supervisor is ending");
            case RestartRequested _, ReloadRequested _ -> turn.answer(((Event.RequestEvent) event).id(),
                    Result.REFUSED, RequestArbitration.ENDING);
            case SignalRequested(long id, Signal _) -> ShutdownRules.refuseSignal(turn, id);
            case Booted _, GenerationPersisted _, Forked _, Spawned _, SpawnFailed _, ChildExited _,
                    AllProcessesGone _, SignalReceived _, DeadlinePassed _, ManifestSaved _,
                    ManifestFailed _, ReloadCommandFinished _, StopCommandFinished _,
                    CallerDisconnected _, DaemonEvent _, LeftoversFound _, LeftoversGone _,
                    CheckFinished _, ConfigurationEvent _ -> { }
        }
    }
}
