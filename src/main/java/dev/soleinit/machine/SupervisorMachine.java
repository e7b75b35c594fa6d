package dev.soleinit.machine;

import dev.soleinit.machine.Event.Booted;
import dev.soleinit.machine.Event.CallerLeft;
import dev.soleinit.machine.Event.CheckFinished;
import dev.soleinit.machine.Event.DeadlinePassed;
import dev.soleinit.machine.Event.Ended;
import dev.soleinit.machine.Event.Forked;
import dev.soleinit.machine.Event.GenerationStored;
import dev.soleinit.machine.Event.LeftoversFound;
import dev.soleinit.machine.Event.LeftoversGone;
import dev.soleinit.machine.Event.ManifestFailed;
import dev.soleinit.machine.Event.ManifestKept;
import dev.soleinit.machine.Event.NobodyLeft;
import dev.soleinit.machine.Event.ReloadAsked;
import dev.soleinit.machine.Event.ReloadRan;
import dev.soleinit.machine.Event.RestartAsked;
import dev.soleinit.machine.Event.SignalAsked;
import dev.soleinit.machine.Event.SignalCame;
import dev.soleinit.machine.Event.SpawnFailed;
import dev.soleinit.machine.Event.Spawned;
import dev.soleinit.machine.Event.StartAsked;
import dev.soleinit.machine.Event.StopAsked;
import dev.soleinit.machine.Event.StopRan;
import dev.soleinit.machine.Event.Told;
import dev.soleinit.machine.Outcome.Result;
import dev.soleinit.machine.Waiting.Kind;
import dev.soleinit.process.Signal;
import java.util.Optional;

/**
 * The one decider. {@link #step} is a pure function, called by the loop's thread alone; there is
 * one method a phase, each a switch over every {@link Event}, so that a new event makes the
 * compiler list the phases that have not decided it.
 *
 * <p>What always holds, whatever comes in whatever order: at most one live child; a stop wins
 * over everything; each request is answered exactly once; from the first stop signal PID 1 ends
 * within its budget.
 */
public final class SupervisorMachine {
    private SupervisorMachine() {}

    /**
     * Decides.
     *
     * @param now    nanoseconds of a clock that never steps
     * @param random 0 (inclusive) to 1, for the jitter
     */
    public static Step step(State state, Event event, long now, double random) {
        Turn turn = new Turn(state, now, random);
        if (event instanceof Told told && !turn.heard(told)) {
            return turn.done();
        }
        for (Event due : ExitGate.due(turn, event)) {
            decideChecked(turn, due);
        }
        return turn.done();
    }

    private static void decideChecked(Turn turn, Event event) {
        if (!CheckGate.holds(turn, event)) {
            decide(turn, event);
        }
        if (event instanceof CheckFinished(long run, var failure)) {
            CheckGate.finished(turn, run, failure).forEach(passed -> decide(turn, passed));
        }
        CheckGate.afterwards(turn);
    }

    private static void decide(Turn turn, Event event) {
        switch (turn.state.phase()) {
            case Phase.Idle _ -> idle(turn, event);
            case Phase.Spawning _ -> spawning(turn, event);
            case Phase.Starting starting -> RunningPhases.starting(turn, starting, event);
            case Phase.Ready ready -> RunningPhases.ready(turn, ready, event);
            case Phase.Draining draining -> RunningPhases.draining(turn, draining, event);
            case Phase.Reloading reloading -> RunningPhases.reloading(turn, reloading, event);
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

    private static void idle(Turn turn, Event event) {
        boolean held = turn.state.goal() == Goal.DOWN;
        switch (event) {
            case Booted _ -> {
                if (!held) {
                    turn.spawn();
                }
            }
            case SignalCame(Signal signal) -> signalWithoutDaemon(turn, signal);
            case StartAsked(long id) -> startNow(turn, id, Kind.START);
            case StopAsked(long id, String reason) -> {
                turn.hold(reason);
                turn.answer(id, Result.ALREADY, "the daemon was down already; it is held");
            }
            case RestartAsked asked -> turn.answer(asked.id(), Result.REFUSED, held
                    ? "Cannot restart: the daemon is held down; release it with `daemon start`"
                    : "Cannot restart: the daemon has not been started yet; try again shortly");
            case ReloadAsked(long id, boolean _) -> turn.answer(id, Result.REFUSED, held
                    ? "Cannot reload: the daemon is held down; release it with `daemon start`"
                    : "Cannot reload: the daemon has not been started yet; try again shortly");
            case SignalAsked(long id, Signal _) -> Stops.nobodyToSignal(turn, id);
            case ManifestFailed(String why) -> Stops.notKept(turn, why);
            case GenerationStored _, Forked _, Spawned _, SpawnFailed _, Ended _, NobodyLeft _,
                    DeadlinePassed _, ManifestKept _, ReloadRan _, StopRan _, CallerLeft _, Told _,
                    LeftoversFound _, LeftoversGone _, CheckFinished _ -> { }
        }
    }

    private static void backingOff(Turn turn, Event event) {
        switch (event) {
            case DeadlinePassed _ -> turn.spawn();
            case SignalCame(Signal signal) -> signalWithoutDaemon(turn, signal);
            case StartAsked(long id) -> startNow(turn, id, Kind.START);
            case RestartAsked asked -> {
                turn.state = turn.state.withArguments(asked.arguments());
                startNow(turn, asked.id(), Kind.RESTART);
            }
            case StopAsked(long id, String reason) -> {
                turn.hold(reason);
                turn.answer(id, Result.COMPLETE, "the daemon is down and held");
            }
            case ReloadAsked(long id, boolean _) -> startNow(turn, id, Kind.RELOAD);
            case SignalAsked(long id, Signal _) -> Stops.nobodyToSignal(turn, id);
            case ManifestFailed(String why) -> Stops.notKept(turn, why);
            case Booted _, GenerationStored _, Forked _, Spawned _, SpawnFailed _, Ended _,
                    NobodyLeft _, ManifestKept _, ReloadRan _, StopRan _, CallerLeft _, Told _,
                    LeftoversFound _, LeftoversGone _, CheckFinished _ -> { }
        }
    }

    private static void startNow(Turn turn, long id, Kind kind) {
        turn.join(id, kind);
        turn.spawn();
    }

    static void signalWithoutDaemon(Turn turn, Signal signal) {
        Optional<Signal> rewritten = turn.rewritten(signal);
        if (rewritten.isEmpty()) {
            return;
        }
        boolean first = !turn.state.everSpawned() && turn.state.ends().isEmpty();
        // without a daemon to hand it on to it ends a plain init, too
        if (turn.isEnd(signal) || Stops.isStop(signal) && !first) {
            turn.state = turn.state.withEnding(new Ending(signal, turn.now, signal.equals(Signal.INT)));
            turn.sweep(AfterEnd.codeAfterStop(turn.settings(), AfterEnd.lastCode(turn)));
        } else if (first) {
            turn.keepForTheFirstStart(rewritten.get());
        } else {
            turn.add(new Effect.Say(signal + " reached nobody: no daemon is running"));
        }
    }

    // ---- a start is under way

    private static void spawning(Turn turn, Event event) {
        switch (event) {
            case GenerationStored(long stored, var failure) when stored == turn.state.generation() -> {
                failure.ifPresent(why -> turn.add(new Effect.Say(why)));
                turn.fork();
            }
            case DeadlinePassed _ -> {
                turn.add(new Effect.Say("the disk does not answer: generation "
                        + turn.state.generation() + " is started without being sure of its number"));
                turn.fork();
            }
            case Forked(var child) -> turn.become(new Phase.Starting(turn.spawned(child),
                    turn.after(turn.settings().readyTimeout())));
            case SpawnFailed(var error) -> AfterEnd.spawnFailed(turn, error);
            case SignalCame(Signal signal) when turn.isEnd(signal) -> signalWithoutDaemon(turn, signal);
            case SignalCame(Signal signal) ->
                    turn.rewritten(signal).ifPresent(turn::keepForTheFirstStart);
            case StartAsked(long id) -> turn.join(id, Kind.START);
            case StopAsked(long id, String reason) -> {
                RestartDesk.stopInstead(turn, id, reason);
                turn.hold(reason);
            }
            case RestartAsked asked -> {
                turn.state = turn.state.withArguments(asked.arguments());
                turn.join(asked.id(), Kind.RESTART);
            }
            // a new process reads its configuration anyway
            case ReloadAsked(long id, boolean _) -> turn.join(id, Kind.RESTART);
            case SignalAsked(long id, Signal _) -> Stops.nobodyToSignal(turn, id);
            case ManifestFailed(String why) -> Stops.notKept(turn, why);
            case Booted _, GenerationStored _, Spawned _, Ended _, NobodyLeft _, ManifestKept _,
                    ReloadRan _, StopRan _, CheckFinished _, CallerLeft _, LeftoversFound _,
                    LeftoversGone _, Told _ -> { }
        }
    }

    // ---- the end of PID 1

    private static void sweeping(Turn turn, Phase.Sweeping phase, Event event) {
        switch (event) {
            case NobodyLeft _ -> turn.become(new Phase.Done(phase.code()));
            case DeadlinePassed _ -> {
                turn.add(new Effect.SignalRest(Signal.KILL));
                turn.become(new Phase.Done(phase.code()));
            }
            case StartAsked(long id) -> turn.answer(id, Result.REFUSED, RestartDesk.ENDING);
            case StopAsked(long id, String _) ->
                    turn.answer(id, Result.ALREADY, "the supervisor is ending");
            case RestartAsked _, ReloadAsked _ -> turn.answer(((Event.Asked) event).id(),
                    Result.REFUSED, RestartDesk.ENDING);
            case SignalAsked(long id, Signal _) -> Stops.nobodyToSignal(turn, id);
            case SignalCame(Signal signal) -> hurry(turn, phase, signal);
            case ManifestFailed(String why) -> Stops.notKept(turn, why);
            case Booted _, GenerationStored _, Forked _, Spawned _, SpawnFailed _, Ended _,
                    ManifestKept _, ReloadRan _, StopRan _, CallerLeft _, Told _, LeftoversFound _,
                    LeftoversGone _, CheckFinished _ -> { }
        }
    }

    private static void hurry(Turn turn, Phase.Sweeping phase, Signal signal) {
        boolean stop = Stops.isStop(signal) && turn.rewritten(signal).isPresent();
        if (stop && Stops.noteEnding(turn, signal)) {
            turn.become(new Phase.Sweeping(phase.code(), turn.now));
        }
    }

    private static void done(Turn turn, Event event) {
        switch (event) {
            case StartAsked(long id) -> turn.answer(id, Result.REFUSED, RestartDesk.ENDING);
            case StopAsked(long id, String _) ->
                    turn.answer(id, Result.ALREADY, "the supervisor is ending");
            case RestartAsked _, ReloadAsked _ -> turn.answer(((Event.Asked) event).id(),
                    Result.REFUSED, RestartDesk.ENDING);
            case SignalAsked(long id, Signal _) -> Stops.nobodyToSignal(turn, id);
            case Booted _, GenerationStored _, Forked _, Spawned _, SpawnFailed _, Ended _,
                    NobodyLeft _, SignalCame _, DeadlinePassed _, ManifestKept _, ManifestFailed _,
                    ReloadRan _, StopRan _, CallerLeft _, Told _, LeftoversFound _, LeftoversGone _,
                    CheckFinished _ -> { }
        }
    }
}
