package dev.soleinit.statemachine;

import dev.soleinit.process.Signal;
import dev.soleinit.statemachine.model.DaemonProcess;
import dev.soleinit.statemachine.model.Effect;
import dev.soleinit.statemachine.model.Goal;
import dev.soleinit.statemachine.model.RequestOutcome.Result;
import dev.soleinit.statemachine.model.ShutdownRequest;
import dev.soleinit.statemachine.state.OpenRequest.Kind;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Moves that have to do with signals and with the end. */
final class ShutdownRules {
    private static final Set<Signal> STOPS = Set.of(Signal.TERM, Signal.INT, Signal.QUIT);

    private ShutdownRules() {}

    static boolean isStop(Signal signal) {
        return STOPS.contains(signal);
    }

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
}
