package dev.soleinit.statemachine.gates;

import dev.soleinit.statemachine.Transition;
import dev.soleinit.statemachine.model.DaemonProcess;
import dev.soleinit.statemachine.model.Event;
import dev.soleinit.statemachine.model.Event.ChildExited;
import dev.soleinit.statemachine.model.Event.DaemonDetached;
import dev.soleinit.statemachine.model.Event.DaemonEvent;
import dev.soleinit.statemachine.model.Event.DaemonFailed;
import dev.soleinit.statemachine.model.Event.DeadlinePassed;
import dev.soleinit.statemachine.model.Event.PreflightFinished;
import dev.soleinit.statemachine.model.Phase;
import dev.soleinit.statemachine.state.HeldExit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a daemon said before it ended counts, although it is read after its end: the end of one that
 * is attached is held here until its connection has been read to its end. Meanwhile nothing else is
 * decided about it; it would have come after the end, and comes once more then. What is decided about
 * a process beside it must not overtake a stop that waits here.
 */
public final class ExitGate {
    /** So many events are postponed at the most; then the end is decided at once. */
    private static final int MAX_POSTPONED = 1024;

    private ExitGate() {}

    /**
     * What is to be decided now that this event has come, in this order: the first at once, the rest,
     * which had been postponed, as if it came only now.
     */
    public static List<Event> due(Transition turn, Event event) {
        Optional<HeldExit> held = turn.daemon().exit();
        if (held.isPresent()) {
            return whileHeld(turn, held.get(), event);
        }
        if (event instanceof ChildExited end && turn.daemon().attached() && isMain(turn, end)) {
            hold(turn, new HeldExit(end, turn.now, Optional.empty(), List.of()));
            return List.of();
        }
        return List.of(event);
    }

    private static void hold(Transition turn, HeldExit held) {
        turn.daemon(turn.daemon().with(Optional.of(held)));
    }

    private static boolean isMain(Transition turn, ChildExited end) {
        Optional<DaemonProcess> run = turn.state.phase().current();
        return run.isPresent() && run.get().child().pid() == end.pid();
    }

    private static List<Event> whileHeld(Transition turn, HeldExit held, Event event) {
        if (!isMain(turn, held.event())) {
            // it goes on in another process, as its last message says
            turn.daemon(turn.daemon().with(Optional.empty()));
            return followed(List.of(event), held.postponed());
        }
        if (event instanceof DaemonDetached) {
            return followed(List.of(held.event()), held.postponed());
        }
        if (event instanceof DeadlinePassed) {
            return turn.now < held.deadline() ? List.of()
                    : followed(List.of(held.event()), held.postponed());
        }
        if (event instanceof DaemonFailed(long _, String reason)) {
            hold(turn, failed(turn, held, reason));
            return List.of();
        }
        // of the rest that it says only its work still matters, which is in the state already; the answer
        // of the preflight command is none of its words, and waited for if it goes on
        boolean said = event instanceof DaemonEvent && !(event instanceof PreflightFinished);
        if (said || event instanceof ChildExited end && isMain(turn, end)) {
            return List.of();
        }
        if (held.postponed().size() >= MAX_POSTPONED) {
            return followed(followed(List.of(held.event()), held.postponed()), List.of(event));
        }
        hold(turn, held.plus(event));
        return List.of();
    }

    private static HeldExit failed(Transition turn, HeldExit held, String reason) {
        if (turn.state.phase() instanceof Phase.Starting) {
            return held.because("not ready: " + reason);
        }
        ChildExited end = held.event();
        boolean explains = turn.state.phase() instanceof Phase.Reloading && end.why().isEmpty();
        return !explains ? held : new HeldExit(new ChildExited(end.pid(), end.status(),
                Optional.of("not reloaded: " + reason)), held.at(), held.failure(),
                held.postponed());
    }

    private static List<Event> followed(List<Event> first, List<Event> then) {
        List<Event> all = new ArrayList<>(first);
        all.addAll(then);
        return all;
    }

    /** When the daemon ended whose end is being decided. */
    public static long endedAt(Transition turn) {
        return turn.daemon().exit().isPresent() ? turn.daemon().exit().get().at() : turn.now;
    }

    /** Why it could not start, if its last message said so. */
    public static Optional<String> failure(Transition turn) {
        return turn.daemon().exit().isPresent() ? turn.daemon().exit().get().failure()
                : Optional.empty();
    }
}
