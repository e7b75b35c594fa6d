package dev.soleinit.statemachine;

import dev.soleinit.process.Signal;
import dev.soleinit.statemachine.model.DaemonProcess;
import dev.soleinit.statemachine.model.Effect;
import dev.soleinit.statemachine.model.ExitRecord;
import dev.soleinit.statemachine.model.Goal;
import dev.soleinit.statemachine.model.RequestOutcome.Result;
import dev.soleinit.statemachine.model.ShutdownRequest;
import dev.soleinit.statemachine.settings.Policy;
import dev.soleinit.statemachine.state.OpenRequest.Kind;
import java.util.List;
import java.util.Optional;

/** Moves that have to do with signals and with the end. */
final class ShutdownRules {
    private ShutdownRules() {}

    /** Turns the goal to EXIT; returns whether this is the second INT, which kills at once. */
    static boolean recordShutdown(Transition turn, Signal signal) {
        boolean interrupt = signal.equals(Signal.INT);
        Optional<ShutdownRequest> known = turn.state.ending();
        boolean second = interrupt && known.map(ShutdownRequest::sigintSeen).orElse(false);
        ShutdownRequest first = known.orElse(new ShutdownRequest(signal, turn.now, false));
        turn.state = turn.state.with(Goal.EXIT).withEnding(
                new ShutdownRequest(first.signal(), first.since(), first.sigintSeen() || interrupt));
        for (Kind kind : List.of(Kind.START, Kind.RESTART, Kind.RELOAD)) {
            turn.finishAll(kind, Result.SUPERSEDED, "the supervisor was told to end");
        }
        return second;
    }

    static void sendRequestedSignal(Transition turn, DaemonProcess run, long id, Signal signal) {
        turn.send(run, signal);
        turn.answer(id, Result.COMPLETE, signal + " sent to " + run.child().pid());
    }

    static void refuseSignal(Transition turn, long id) {
        turn.answer(id, Result.REFUSED, "Cannot send the signal: no daemon is running");
    }

    static void logManifestFailure(Transition turn, String why) {
        turn.emit(new Effect.LogWarning(
                "Cannot keep the interrupted work for the next generation: " + why));
    }

    /** There is no daemon to hand it on to. */
    static void signalWithoutDaemon(Transition turn, Signal signal) {
        Optional<Signal> rewritten = turn.mapSignal(signal);
        if (rewritten.isEmpty()) {
            return;
        }
        boolean first = !turn.state.everSpawned() && turn.state.exitHistory().isEmpty();
        // without a daemon to hand it on to it ends a plain init, too
        if (turn.isEnd(signal) || ShutdownRequest.isMadeBy(signal) && !first) {
            turn.state = turn.state
                    .withEnding(new ShutdownRequest(signal, turn.now, signal.equals(Signal.INT)));
            turn.sweep(codeAfterStop(turn.settings(), lastCode(turn)));
        } else if (first) {
            turn.queueEarlySignal(rewritten.get());
        } else {
            turn.emit(new Effect.LogWarning(signal + " reached nobody: no daemon is running"));
        }
    }

    /** The code PID 1 ends with after an asked-for stop. */
    static int codeAfterStop(Policy settings, int code) {
        return settings.exits().success().contains(code) ? 0 : code;
    }

    /** The code of the last end, or the one a shell shows for the signal that ends PID 1. */
    static int lastCode(Transition turn) {
        for (ExitRecord end : turn.state.exitHistory()) {
            if (end.standing() == ExitRecord.Standing.CURRENT) {
                return end.status().code();
            }
        }
        return turn.state.ending().map(ending -> 128 + ending.signal().number()).orElse(0);
    }
}
