package dev.soleinit.machine;

import dev.soleinit.machine.Event.DeadlinePassed;
import dev.soleinit.machine.Event.DetachedTold;
import dev.soleinit.machine.Event.Ended;
import dev.soleinit.machine.Event.FailedTold;
import dev.soleinit.machine.Event.Told;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a daemon said before it ended counts, although it is read after its end: the end of one that
 * is attached is held here until its connection has been read to its end. Meanwhile nothing else is
 * decided; it would have come after the end.
 */
final class ExitGate {
    /** So many events are postponed at the most; then the end is decided at once. */
    private static final int MAX_POSTPONED = 1024;

    private ExitGate() {}

    /** What is to be decided now that this event has come, in this order. */
    static List<Event> due(Turn turn, Event event) {
        Optional<HeldExit> held = turn.desk().exit();
        if (held.isPresent()) {
            return whileHeld(turn, held.get(), event);
        }
        if (event instanceof Ended end && turn.desk().attached() && isMain(turn, end)) {
            turn.desk(turn.desk().with(new HeldExit(end, turn.now, Optional.empty(), List.of())));
            return List.of();
        }
        return List.of(event);
    }

    private static boolean isMain(Turn turn, Ended end) {
        Optional<Run> run = turn.state.phase().current();
        return run.isPresent() && run.get().child().pid() == end.pid();
    }

    private static List<Event> whileHeld(Turn turn, HeldExit held, Event event) {
        if (!isMain(turn, held.event())) {
            // it goes on in another process, as its last message says
            turn.desk(turn.desk().withoutExit());
            return followed(held.postponed(), event);
        }
        if (event instanceof DetachedTold) {
            return followed(List.of(held.event()), held.postponed());
        }
        if (event instanceof DeadlinePassed) {
            return turn.now < held.deadline() ? List.of()
                    : followed(List.of(held.event()), held.postponed());
        }
        if (event instanceof FailedTold(long _, String reason)) {
            turn.desk(turn.desk().with(failed(turn, held, reason)));
            return List.of();
        }
        // of the rest that it says only its work still matters, which is in the state already
        if (event instanceof Told || event instanceof Ended end && isMain(turn, end)) {
            return List.of();
        }
        if (held.postponed().size() >= MAX_POSTPONED) {
            return followed(followed(List.of(held.event()), held.postponed()), event);
        }
        turn.desk(turn.desk().with(held.plus(event)));
        return List.of();
    }

    private static HeldExit failed(Turn turn, HeldExit held, String reason) {
        if (turn.state.phase() instanceof Phase.Starting) {
            return held.because("not ready: " + reason);
        }
        Ended end = held.event();
        boolean explains = turn.state.phase() instanceof Phase.Reloading && end.why().isEmpty();
        return !explains ? held : new HeldExit(new Ended(end.pid(), end.status(),
                Optional.of("not reloaded: " + reason)), held.at(), held.failure(),
                held.postponed());
    }

    private static List<Event> followed(List<Event> first, List<Event> then) {
        List<Event> all = new ArrayList<>(first);
        all.addAll(then);
        return all;
    }

    private static List<Event> followed(List<Event> first, Event last) {
        return followed(first, List.of(last));
    }

    /** When the daemon ended whose end is being decided. */
    static long endedAt(Turn turn) {
        return turn.desk().exit().isPresent() ? turn.desk().exit().get().at() : turn.now;
    }

    /** Why it could not start, if its last message said so. */
    static Optional<String> failure(Turn turn) {
        return turn.desk().exit().isPresent() ? turn.desk().exit().get().failure()
                : Optional.empty();
    }
}
