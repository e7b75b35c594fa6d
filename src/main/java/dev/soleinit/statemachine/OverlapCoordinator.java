package dev.soleinit.statemachine;

import dev.soleinit.process.RestartMode;
import dev.soleinit.process.Signal;
import dev.soleinit.statemachine.model.DaemonProcess;
import dev.soleinit.statemachine.model.Effect;
import dev.soleinit.statemachine.model.Event;
import dev.soleinit.statemachine.model.Event.DeadlinePassed;
import dev.soleinit.statemachine.model.Event.GenerationPersisted;
import dev.soleinit.statemachine.model.Event.RestartRequested;
import dev.soleinit.statemachine.model.Event.SignalReceived;
import dev.soleinit.statemachine.model.Event.SpawnFailed;
import dev.soleinit.statemachine.model.Event.StopRequested;
import dev.soleinit.statemachine.model.ExitRecord.Standing;
import dev.soleinit.statemachine.model.ExitRecord;
import dev.soleinit.statemachine.model.Goal;
import dev.soleinit.statemachine.model.Phase;
import dev.soleinit.statemachine.model.RequestOutcome;
import dev.soleinit.statemachine.model.RequestOutcome.Result;
import dev.soleinit.statemachine.model.ShutdownRequest;
import dev.soleinit.statemachine.state.DaemonFacts;
import dev.soleinit.statemachine.state.HeldExit;
import dev.soleinit.statemachine.state.OpenRequest;
import dev.soleinit.statemachine.state.OpenRequest.Kind;
import dev.soleinit.statemachine.state.OpenRequest.PendingRestart;
import dev.soleinit.statemachine.state.OpenRequests;
import dev.soleinit.statemachine.state.OtherProcess;
import dev.soleinit.statemachine.state.OtherProcess.Role;
import dev.soleinit.statemachine.state.RestartState;
import dev.soleinit.statemachine.state.State;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Two processes at once: what is decided about the other one, as if it were alone, is taken over
 * here, and here one takes the place of the other. At any time exactly one of them is current.
 */
final class OverlapCoordinator {
    /** What killing takes at the end of PID 1. */
    private static final Duration UNTIL_KILLED = Duration.ofSeconds(1);

    private OverlapCoordinator() {}

    /** The part of a decision that is about the other process. */
    static Transition beside(Transition turn) {
        OtherProcess other = turn.state.other().orElseThrow();
        return new Transition(turn.state.beside(other), turn, switch (other.role()) {
            case SUCCESSOR -> Standing.SUCCESSOR;
            case PREDECESSOR -> Standing.PREDECESSOR;
        });
    }

    /**
     * A successor is not started past a stop that waits for the end of the current one to be decided:
     * that its number is stored waits behind that stop, and a disk that is silent is waited for as long.
     */
    static boolean waitsForAStop(Transition turn, Event event) {
        OtherProcess other = turn.state.other().orElseThrow();
        boolean starts = other.phase() instanceof Phase.Spawning
                && (event instanceof GenerationPersisted || event instanceof DeadlinePassed);
        HeldExit held = turn.daemon().exit().orElse(null);
        if (!starts || held == null || held.postponed().stream().noneMatch(
                one -> one instanceof StopRequested || isStop(turn, one))) {
            return false;
        }
        if (event instanceof DeadlinePassed) {
            turn.state = turn.state.withOther(Optional.of(
                    other.with(new Phase.Spawning(held.deadline()))));
        } else {
            turn.daemon(turn.daemon().with(Optional.of(held.plus(event))));
        }
        return true;
    }

    /** Takes over what was decided; answers what is still to be decided about the current one. */
    static List<Event> absorb(Transition turn, Transition decided, Event event) {
        OtherProcess before = turn.state.other().orElseThrow();
        State after = decided.state;
        turn.state = turn.state.with(turn.state.launch(), after.history());
        OtherProcess next = new OtherProcess(before.role(), before.generation(), after.phase(),
                after.daemon(), before.role() == Role.SUCCESSOR ? before.requests() : after.requests(),
                after.restarts(), after.launch());
        if (after.phase() instanceof Phase.Idle) {
            gone(turn, next, event);
            return List.of();
        }
        turn.state = turn.state.withOther(Optional.of(next));
        return before.role() == Role.SUCCESSOR && after.phase() instanceof Phase.Ready ready
                ? takeOver(turn, next, ready, event) : List.of();
    }

    // ---- one takes the place of the other

    /** The successor is ready: all that is published and forwarded is about it from now on. */
    private static List<Event> takeOver(Transition turn, OtherProcess next, Phase.Ready ready,
            Event event) {
        DaemonProcess old = turn.state.phase().current().orElseThrow();
        DaemonFacts facts = turn.daemon();
        List<Event> postponed = facts.exit().map(HeldExit::postponed).orElse(List.of());
        Optional<HeldExit> exit = facts.exit().map(held -> new HeldExit(held.event(), held.at(),
                held.failure(), List.of()));
        OpenRequests theirs = OpenRequests.none();
        for (PendingRestart one : next.requests().pending()) {
            theirs = theirs.plus(one.since(turn.now));
        }
        OtherProcess predecessor = new OtherProcess(Role.PREDECESSOR, old.child().generation(),
                turn.state.phase(), facts.with(exit).owesUnfence(false), theirs, RestartState.initial(),
                turn.state.launch());
        become(turn, next, ready);
        turn.state = turn.state.withOther(Optional.of(predecessor));
        if (predecessor.phase() instanceof Phase.Ready && exit.isEmpty()) {
            Transition beside = beside(turn);
            PredecessorDrain.begin(beside, old);
            absorb(turn, beside, event);
        }
        turn.ready(ready.run());
        return postponed;
    }

    private static void become(Transition turn, OtherProcess next, Phase phase) {
        turn.state = turn.state.with(next.launch(), turn.state.history());
        turn.restarts(turn.restarts().preflightRunning(false, "").with(Optional.empty()));
        turn.daemon(next.daemon());
        turn.setGoal(Goal.UP);
        turn.enter(phase);
    }

    /** The current one has ended before its successor was ready: that is waited for as for any start. */
    private static void promote(Transition turn) {
        OtherProcess next = turn.state.other().orElseThrow();
        Optional<OtherProcess> rest = turn.state.phase() instanceof Phase.ClearingLeftovers clearing
                ? Optional.of(new OtherProcess(Role.PREDECESSOR, clearing.child().generation(), clearing,
                        turn.daemon(), OpenRequests.none(), RestartState.initial(),
                        turn.state.launch())) : Optional.empty();
        become(turn, next, next.phase());
        turn.state = turn.state.withOther(rest);
        for (PendingRestart one : next.requests().pending()) {
            turn.requests(turn.requests().plus(new OpenRequest.Restart(one.id())));
        }
    }

    // ---- the end of the other process

    private static void gone(Transition turn, OtherProcess other, Event event) {
        turn.state = turn.state.withOther(Optional.empty());
        for (OpenRequest one : other.requests().all()) {
            if (other.role() == Role.SUCCESSOR) {
                turn.emit(new Effect.FinishRequest(one.id(), failure(turn, other, event)));
            } else if (serves(turn)) {
                turn.emit(new Effect.FinishRequest(one.id(), new RequestOutcome(Result.COMPLETE,
                        "ready", turn.state.currentGeneration(), other.restarts().tale(),
                        Optional.empty())));
            } else {
                turn.requests(turn.requests().plus(
                        new OpenRequest.Restart(one.id(), other.restarts().tale())));
            }
        }
    }

    private static boolean serves(Transition turn) {
        return turn.state.phase().current().isPresent() && RequestArbitration.restartable(turn)
                && turn.daemon().exit().isEmpty()
                && turn.state.phase().current().get().readyAt().isPresent()
                && !(turn.state.phase() instanceof Phase.Terminating)
                && !(turn.state.phase() instanceof Phase.Killing);
    }

    private static RequestOutcome failure(Transition turn, OtherProcess other, Event event) {
        Optional<ExitRecord> end = Optional.empty();
        for (ExitRecord one : turn.state.exitHistory()) {
            end = one.generation() == other.generation() ? Optional.of(one) : end;
        }
        String why = event instanceof SpawnFailed(long _, var error) ? error.message()
                : end.map(ExitRecord::words).orElse("generation " + other.generation() + " has gone");
        return new RequestOutcome(Result.FAILED, "Cannot restart: " + why + (serves(turn)
                ? "; generation " + turn.state.currentGeneration() + " goes on serving" : ""),
                turn.state.currentGeneration(), Optional.empty(), end);
    }

    // ---- after each decision

    /** What follows for the one from what was decided about the other. */
    static void afterwards(Transition turn, State before, Event event) {
        boolean between = turn.state.phase() instanceof Phase.ClearingLeftovers
                || turn.state.phase() instanceof Phase.Idle;
        if (between && turn.state.awaitsSuccessor() && RequestArbitration.restartable(turn)) {
            promote(turn);
        }
        if (turn.state.other().isPresent() && !RequestArbitration.restartable(turn)) {
            end(turn, before, event);
        }
        if (turn.state.other().isPresent() && event instanceof RestartRequested asked
                && asked.mode() == RestartMode.FORCE && isOpen(turn, asked.id())) {
            hurry(turn, event);
        }
        if (before.other().isPresent() && turn.state.other().isEmpty()) {
            alone(turn);
        }
    }

    private static boolean isOpen(Transition turn, long id) {
        Optional<OpenRequest> one = turn.requests().find(id);
        return one.isPresent() && one.get().kind() == Kind.RESTART;
    }

    private static void hurry(Transition turn, Event event) {
        OtherProcess other = turn.state.other().orElseThrow();
        if (other.role() == Role.PREDECESSOR && other.daemon().exit().isEmpty()) {
            Transition beside = beside(turn);
            PredecessorDrain.hurry(beside);
            absorb(turn, beside, event);
        }
    }

    private static void alone(Transition turn) {
        if (turn.state.phase() instanceof Phase.Idle && turn.state.goal() == Goal.DOWN) {
            turn.down();
        } else if (turn.state.phase() instanceof Phase.Ready && turn.daemon().exit().isEmpty()) {
            turn.startPending();
        }
    }

    // ---- a stop ends both

    private static void end(Transition turn, State before, Event event) {
        OtherProcess other = turn.state.other().orElseThrow();
        boolean exits = turn.state.goal() == Goal.EXIT;
        for (OpenRequest one : other.requests().all()) {
            turn.emit(new Effect.FinishRequest(one.id(), new RequestOutcome(Result.SUPERSEDED, exits
                    ? "the supervisor was told to end" : "superseded by a stop",
                    turn.state.currentGeneration())));
        }
        turn.state = turn.state.withOther(other.phase() instanceof Phase.Spawning ? Optional.empty()
                : Optional.of(other.with(OpenRequests.none())));
        boolean again = event instanceof SignalReceived(Signal signal) && signal.equals(Signal.INT)
                && turn.mapSignal(signal).isPresent()
                && before.ending().isPresent() && before.ending().get().sigintSeen();
        if (turn.state.other().isPresent() && other.daemon().exit().isEmpty()) {
            Transition beside = beside(turn);
            stop(beside, event, again);
            absorb(turn, beside, event);
        }
        if (exits && turn.state.other().isPresent()) {
            sweep(turn, before, event);
        }
    }

    private static void stop(Transition turn, Event event, boolean kills) {
        Signal signal = signal(turn, event);
        long killAt = turn.now + turn.settings().stop().timeout().toNanos();
        switch (turn.state.phase()) {
            case Phase.Starting _, Phase.Draining _, Phase.Ready _ -> {
                DaemonProcess run = turn.state.phase().current().orElseThrow();
                if (kills) {
                    turn.kill(run, Optional.empty());
                } else {
                    StoppingPhases.terminate(turn, run, signal);
                }
            }
            case Phase.Terminating(DaemonProcess run, long _, var failure) when kills ->
                    turn.kill(run, failure);
            case Phase.Terminating(DaemonProcess run, long planned, var failure) -> {
                turn.enter(new Phase.Terminating(run.inextensible(), Math.min(planned, killAt),
                        failure));
                if (isStop(turn, event)) {
                    turn.send(run, signal);
                }
            }
            case Phase.Killing killing when isStop(turn, event) -> turn.killAgain(killing);
            case Phase.Idle _, Phase.Spawning _, Phase.Reloading _, Phase.StopDelayed _,
                    Phase.Killing _, Phase.ClearingLeftovers _, Phase.BackingOff _,
                    Phase.Sweeping _, Phase.Done _ -> { }
        }
    }

    /** Both are stopped with the same one: what the orchestrator has sent, or else TERM. */
    private static Signal signal(Transition turn, Event event) {
        return isStop(turn, event) && event instanceof SignalReceived(Signal sent)
                ? turn.mapSignal(sent).orElseThrow() : turn.stopSignal();
    }

    private static boolean isStop(Transition turn, Event event) {
        return event instanceof SignalReceived(Signal sent) && ShutdownRequest.isMadeBy(sent)
                && turn.mapSignal(sent).isPresent();
    }

    /** PID 1 ends: the sweep takes what is still there, and gives it the time that it was told. */
    private static void sweep(Transition turn, State before, Event event) {
        OtherProcess other = turn.state.other().orElseThrow();
        if (turn.state.phase() instanceof Phase.Done) {
            persistWork(turn, other, event);
            turn.state = turn.state.withOther(Optional.empty());
        } else if (turn.state.phase() instanceof Phase.Sweeping
                && other.phase() instanceof Phase.ClearingLeftovers clearing) {
            if (clearing.stage() == Phase.Clearing.SEARCHING) {
                turn.recordExit(clearing.child());
            }
            turn.state = turn.state.withOther(Optional.empty());
        } else if (turn.state.phase() instanceof Phase.Sweeping(int code, long killAt)
                && !(before.phase() instanceof Phase.Sweeping)) {
            persistWork(turn, other, event);
            turn.enter(new Phase.Sweeping(code, Math.max(killAt, sweepUntil(turn, other))));
        }
    }

    /** Nobody may be there any more to decide its end. */
    private static void persistWork(Transition turn, OtherProcess other, Event event) {
        boolean works = other.daemon().manifestWritten() || !other.daemon().work().items().isEmpty();
        if (works && other.process().isPresent()) {
            Transition beside = beside(turn);
            RestartCoordinator.manifest(beside, other.process().get(), "the supervisor was told to end",
                    true);
            absorb(turn, beside, event);
        }
    }

    private static long sweepUntil(Transition turn, OtherProcess other) {
        long killed = other.phase() instanceof Phase.Terminating stopping
                ? stopping.killAt() + UNTIL_KILLED.toNanos()
                : other.deadline() == Phase.NEVER ? turn.now : other.deadline();
        return turn.state.ending().map(ending -> Math.min(killed, ending.since()
                + turn.settings().stop().containerTimeout().minus(Transition.MARGIN).toNanos()))
                .orElse(killed);
    }
}
