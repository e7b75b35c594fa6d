package dev.soleinit.machine;

import dev.soleinit.machine.Outcome.Result;
import dev.soleinit.machine.Waiting.Kind;
import dev.soleinit.process.Signal;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Moves that have to do with signals and with the end. */
final class Stops {
    private static final Set<Signal> STOPS = Set.of(Signal.TERM, Signal.INT, Signal.QUIT);

    private Stops() {}

    static boolean isStop(Signal signal) {
        return STOPS.contains(signal);
    }

    /** Turns the goal to EXIT; returns whether this is the second INT, which kills at once. */
    static boolean noteEnding(Turn turn, Signal signal) {
        boolean interrupt = signal.equals(Signal.INT);
        Optional<Ending> known = turn.state.ending();
        boolean second = interrupt && known.map(Ending::interrupted).orElse(false);
        Ending first = known.orElse(new Ending(signal, turn.now, false));
        turn.state = turn.state.with(Goal.EXIT).withEnding(
                new Ending(first.signal(), first.since(), first.interrupted() || interrupt));
        turn.desk(turn.desk().withPending(List.of()));
        for (Kind kind : List.of(Kind.START, Kind.RESTART, Kind.RELOAD)) {
            turn.finishAll(kind, Result.SUPERSEDED, "the supervisor was told to end");
        }
        return second;
    }

    static void sendAsked(Turn turn, Run run, long id, Signal signal) {
        turn.send(run, signal);
        turn.answer(id, Result.COMPLETE, signal + " sent to " + run.child().pid());
    }

    static void nobodyToSignal(Turn turn, long id) {
        turn.answer(id, Result.REFUSED, "Cannot send the signal: no daemon is running");
    }

    static void notKept(Turn turn, String why) {
        turn.add(new Effect.Say("Cannot keep the interrupted work for the next generation: " + why));
    }
}
