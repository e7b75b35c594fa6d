package dev.soleinit.machine;

import dev.soleinit.machine.Event.Booted;
import dev.soleinit.machine.Event.DeadlinePassed;
import dev.soleinit.machine.Event.Ended;
import dev.soleinit.machine.Event.NobodyLeft;
import dev.soleinit.machine.Event.ReadyTold;
import dev.soleinit.machine.Event.RestartAsked;
import dev.soleinit.machine.Event.SignalAsked;
import dev.soleinit.machine.Event.SignalCame;
import dev.soleinit.machine.Event.SpawnFailed;
import dev.soleinit.machine.Event.Spawned;
import dev.soleinit.machine.Event.StartAsked;
import dev.soleinit.machine.Event.StopAsked;
import dev.soleinit.machine.Event.StoppingTold;
import dev.soleinit.machine.Outcome.Result;
import dev.soleinit.machine.Waiting.Kind;
import dev.soleinit.process.Signal;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

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
    private static final Set<Signal> STOPS = Set.of(Signal.TERM, Signal.INT, Signal.QUIT);

    private SupervisorMachine() {}

    /**
     * Decides.
     *
     * @param now    nanoseconds of a clock that never steps
     * @param random 0 (inclusive) to 1, for the jitter
     */
    public static Step step(State state, Event event, long now, double random) {
        Turn turn = new Turn(state, now, random);
        switch (state.phase()) {
            case Phase.Idle _ -> idle(turn, event);
            case Phase.Spawning _ -> spawning(turn, event);
            case Phase.Starting starting -> starting(turn, starting, event);
            case Phase.Ready ready -> ready(turn, ready, event);
            case Phase.Terminating terminating -> terminating(turn, terminating, event);
            case Phase.Killing killing -> killing(turn, killing, event);
            case Phase.BackingOff _ -> backingOff(turn, event);
            case Phase.Sweeping sweeping -> sweeping(turn, sweeping, event);
            case Phase.Done _ -> done(turn, event);
        }
        return turn.done();
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
            case SignalAsked(long id, Signal _) -> nobodyToSignal(turn, id);
            case Spawned _, SpawnFailed _, Ended _, NobodyLeft _, DeadlinePassed _, ReadyTold _,
                    StoppingTold _ -> { }
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
            case SignalAsked(long id, Signal _) -> nobodyToSignal(turn, id);
            case Booted _, Spawned _, SpawnFailed _, Ended _, NobodyLeft _, ReadyTold _,
                    StoppingTold _ -> { }
        }
    }

    private static void startNow(Turn turn, long id, Kind kind) {
        turn.join(id, kind);
        turn.spawn();
    }

    private static void nobodyToSignal(Turn turn, long id) {
        turn.answer(id, Result.REFUSED, "Cannot send the signal: no daemon is running");
    }

    private static void signalWithoutDaemon(Turn turn, Signal signal) {
        Optional<Signal> rewritten = turn.rewritten(signal);
        if (rewritten.isEmpty()) {
            return;
        }
        if (STOPS.contains(signal)) {
            turn.state = turn.state.withEnding(new Ending(signal, turn.now, signal.equals(Signal.INT)));
            turn.sweep(AfterEnd.codeAfterStop(turn.settings(), AfterEnd.lastCode(turn)));
        } else if (!turn.state.everSpawned() && turn.state.ends().isEmpty()) {
            turn.keepForTheFirstStart(rewritten.get());
        } else {
            turn.add(new Effect.Say(signal + " reached nobody: no daemon is running"));
        }
    }

    // ---- a start is under way

    private static void spawning(Turn turn, Event event) {
        switch (event) {
            case Spawned(var child) -> spawned(turn, Turn.run(child, turn.now));
            case SpawnFailed(var error) -> AfterEnd.spawnFailed(turn, error);
            case SignalCame(Signal signal) -> signalWhileSpawning(turn, signal);
            case StartAsked(long id) -> RestartDesk.startInsteadOfStop(turn, id);
            case StopAsked(long id, String reason) -> RestartDesk.stopInstead(turn, id, reason);
            case RestartAsked asked -> RestartDesk.restartJoins(turn, asked);
            case SignalAsked(long id, Signal _) -> nobodyToSignal(turn, id);
            case Booted _, Ended _, NobodyLeft _, DeadlinePassed _, ReadyTold _, StoppingTold _ -> { }
        }
    }

    private static void spawned(Turn turn, Run run) {
        switch (turn.state.goal()) {
            case UP -> turn.started(run);
            case RESTART, DOWN -> turn.terminate(run, turn.settings().stopTimeout(), Optional.empty());
            case EXIT -> {
                Ending ending = turn.state.ending().orElseThrow();
                turn.terminate(run, turn.rewritten(ending.signal()).orElse(Signal.TERM),
                        ending.since() + turn.settings().stopTimeout().toNanos(), Optional.empty());
            }
        }
    }

    private static void signalWhileSpawning(Turn turn, Signal signal) {
        if (turn.rewritten(signal).isEmpty()) {
            return;
        }
        if (STOPS.contains(signal)) {
            noteEnding(turn, signal);
        } else {
            turn.keepForTheFirstStart(turn.rewritten(signal).get());
        }
    }

    private static void starting(Turn turn, Phase.Starting starting, Event event) {
        Run run = starting.run();
        switch (event) {
            case ReadyTold(long generation) when generation == run.child().generation() ->
                    turn.ready(run);
            case DeadlinePassed _ -> notReadyInTime(turn, run);
            case StartAsked(long id) -> turn.join(id, Kind.START);
            case Booted _, Spawned _, SpawnFailed _, NobodyLeft _, ReadyTold _, StoppingTold _ -> { }
            case Ended _, SignalCame _, StopAsked _, RestartAsked _, SignalAsked _ ->
                    running(turn, run, event);
        }
    }

    private static void notReadyInTime(Turn turn, Run run) {
        String failure = "not ready within " + words(turn.settings().readyTimeout());
        turn.add(new Effect.Say("generation " + run.child().generation() + " is " + failure));
        turn.terminate(run, turn.settings().stopTimeout(), Optional.of(failure));
    }

    private static void ready(Turn turn, Phase.Ready ready, Event event) {
        Run run = ready.run();
        switch (event) {
            case StoppingTold(long generation) when generation == run.child().generation() ->
                    turn.become(new Phase.Ready(run, true));
            case StartAsked(long id) -> turn.answer(id, Result.ALREADY, "already running");
            case Booted _, Spawned _, SpawnFailed _, NobodyLeft _, DeadlinePassed _, ReadyTold _,
                    StoppingTold _ -> { }
            case Ended _, SignalCame _, StopAsked _, RestartAsked _, SignalAsked _ ->
                    running(turn, run, event);
        }
    }

    // ---- a daemon that nobody has told to stop

    private static void running(Turn turn, Run run, Event event) {
        switch (event) {
            case Ended(int pid, var status) when pid == run.child().pid() ->
                    AfterEnd.ended(turn, run, status, Optional.empty());
            case SignalCame(Signal signal) -> signalToRunning(turn, run, signal);
            case StopAsked(long id, String reason) -> {
                RestartDesk.stopInstead(turn, id, reason);
                turn.terminate(run, turn.settings().stopTimeout(), Optional.empty());
            }
            case RestartAsked asked -> restartRunning(turn, run, asked);
            case SignalAsked(long id, Signal signal) -> sendAsked(turn, run, id, signal);
            case Booted _, Spawned _, SpawnFailed _, NobodyLeft _, DeadlinePassed _, ReadyTold _,
                    StoppingTold _, StartAsked _, Ended _ -> { }
        }
    }

    private static void signalToRunning(Turn turn, Run run, Signal signal) {
        Optional<Signal> rewritten = turn.rewritten(signal);
        if (rewritten.isPresent() && STOPS.contains(signal)) {
            noteEnding(turn, signal);
            turn.terminate(run, rewritten.get(),
                    turn.now + turn.settings().stopTimeout().toNanos(), Optional.empty());
        } else {
            rewritten.ifPresent(known -> turn.send(run, known));
        }
    }

    private static void restartRunning(Turn turn, Run run, RestartAsked asked) {
        turn.state = turn.state.withArguments(asked.arguments()).with(Goal.RESTART);
        turn.join(asked.id(), Kind.RESTART);
        turn.terminate(run, grace(turn, asked), Optional.empty());
    }

    private static Duration grace(Turn turn, RestartAsked asked) {
        return asked.force() ? turn.settings().forceGrace() : turn.settings().stopTimeout();
    }

    private static void sendAsked(Turn turn, Run run, long id, Signal signal) {
        turn.send(run, signal);
        turn.answer(id, Result.COMPLETE, signal + " sent to " + run.child().pid());
    }

    // ---- a daemon that was told to stop

    private static void terminating(Turn turn, Phase.Terminating phase, Event event) {
        switch (event) {
            case DeadlinePassed _ -> {
                turn.add(new Effect.Say("generation " + phase.run().child().generation()
                        + " did not stop in time: killing its group"));
                turn.kill(phase.run(), phase.failure());
            }
            case SignalCame(Signal signal) -> signalToTerminating(turn, phase, signal);
            case RestartAsked asked when asked.force() && RestartDesk.restartable(turn) -> {
                turn.become(new Phase.Terminating(phase.run(), sooner(phase.killAt(),
                        turn.now + turn.settings().forceGrace().toNanos()), phase.failure()));
                RestartDesk.restartJoins(turn, asked);
            }
            case Ended _, StartAsked _, StopAsked _, RestartAsked _, SignalAsked _ ->
                    stopping(turn, phase.run(), phase.failure(), event);
            case Booted _, Spawned _, SpawnFailed _, NobodyLeft _, ReadyTold _, StoppingTold _ -> { }
        }
    }

    private static void signalToTerminating(Turn turn, Phase.Terminating phase, Signal signal) {
        Optional<Signal> rewritten = turn.rewritten(signal);
        if (rewritten.isEmpty()) {
            return;
        }
        if (STOPS.contains(signal) && noteEnding(turn, signal)) {
            turn.kill(phase.run(), phase.failure());
            return;
        }
        if (STOPS.contains(signal)) {
            long budget = turn.state.ending().orElseThrow().since()
                    + turn.settings().stopTimeout().toNanos();
            turn.become(new Phase.Terminating(phase.run(), sooner(phase.killAt(), budget),
                    phase.failure()));
        }
        turn.send(phase.run(), rewritten.get());
    }

    private static void killing(Turn turn, Phase.Killing phase, Event event) {
        switch (event) {
            case DeadlinePassed _ -> unkillable(turn, phase);
            case SignalCame(Signal signal) -> {
                if (STOPS.contains(signal) && turn.rewritten(signal).isPresent()) {
                    noteEnding(turn, signal);
                    turn.killAgain(phase);
                }
            }
            case Ended _, StartAsked _, StopAsked _, RestartAsked _, SignalAsked _ ->
                    stopping(turn, phase.run(), phase.failure(), event);
            case Booted _, Spawned _, SpawnFailed _, NobodyLeft _, ReadyTold _, StoppingTold _ -> { }
        }
    }

    /** The kernel cannot end it (uninterruptible sleep). A second one is never started beside it. */
    private static void unkillable(Turn turn, Phase.Killing phase) {
        if (turn.state.goal() == Goal.EXIT) {
            turn.sweep(128 + Signal.KILL.number());
            return;
        }
        turn.add(new Effect.Say("process " + phase.run().child().pid() + " survives SIGKILL: it "
                + "hangs in the kernel; waiting, a second daemon is not started beside it"));
        turn.become(new Phase.Killing(phase.run(), Phase.NEVER, phase.failure()));
    }

    private static void stopping(Turn turn, Run run, Optional<String> failure, Event event) {
        switch (event) {
            case Ended(int pid, var status) when pid == run.child().pid() ->
                    AfterEnd.ended(turn, run, status, failure);
            case StartAsked(long id) -> RestartDesk.startInsteadOfStop(turn, id);
            case StopAsked(long id, String reason) -> RestartDesk.stopInstead(turn, id, reason);
            case RestartAsked asked -> RestartDesk.restartJoins(turn, asked);
            case SignalAsked(long id, Signal signal) -> sendAsked(turn, run, id, signal);
            case Booted _, Spawned _, SpawnFailed _, NobodyLeft _, DeadlinePassed _, ReadyTold _,
                    StoppingTold _, SignalCame _, Ended _ -> { }
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
            case RestartAsked asked -> turn.answer(asked.id(), Result.REFUSED, RestartDesk.ENDING);
            case SignalAsked(long id, Signal _) -> nobodyToSignal(turn, id);
            case SignalCame(Signal signal) -> hurry(turn, phase, signal);
            case Booted _, Spawned _, SpawnFailed _, Ended _, ReadyTold _, StoppingTold _ -> { }
        }
    }

    private static void hurry(Turn turn, Phase.Sweeping phase, Signal signal) {
        boolean stop = STOPS.contains(signal) && turn.rewritten(signal).isPresent();
        if (stop && noteEnding(turn, signal)) {
            turn.become(new Phase.Sweeping(phase.code(), turn.now));
        }
    }

    private static void done(Turn turn, Event event) {
        switch (event) {
            case StartAsked(long id) -> turn.answer(id, Result.REFUSED, RestartDesk.ENDING);
            case StopAsked(long id, String _) ->
                    turn.answer(id, Result.ALREADY, "the supervisor is ending");
            case RestartAsked asked -> turn.answer(asked.id(), Result.REFUSED, RestartDesk.ENDING);
            case SignalAsked(long id, Signal _) -> nobodyToSignal(turn, id);
            case Booted _, Spawned _, SpawnFailed _, Ended _, NobodyLeft _, SignalCame _,
                    DeadlinePassed _, ReadyTold _, StoppingTold _ -> { }
        }
    }

    // ---- shared

    /** Turns the goal to EXIT; returns whether this is the second INT, which kills at once. */
    private static boolean noteEnding(Turn turn, Signal signal) {
        boolean interrupt = signal.equals(Signal.INT);
        Optional<Ending> known = turn.state.ending();
        boolean second = interrupt && known.map(Ending::interrupted).orElse(false);
        Ending first = known.orElse(new Ending(signal, turn.now, false));
        turn.state = turn.state.with(Goal.EXIT).withEnding(
                new Ending(first.signal(), first.since(), first.interrupted() || interrupt));
        turn.finishAll(Kind.START, Result.SUPERSEDED, "the supervisor was told to end");
        turn.finishAll(Kind.RESTART, Result.SUPERSEDED, "the supervisor was told to end");
        return second;
    }

    private static long sooner(long one, long other) {
        return Math.min(one, other);
    }

    private static String words(Duration duration) {
        return duration.toMillis() % 1000 == 0 ? duration.toSeconds() + " s"
                : duration.toMillis() + " ms";
    }
}
