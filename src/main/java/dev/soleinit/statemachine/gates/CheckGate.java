package dev.soleinit.statemachine.gates;

import dev.soleinit.statemachine.RequestArbitration;
import dev.soleinit.statemachine.Transition;
import dev.soleinit.statemachine.model.Effect;
import dev.soleinit.statemachine.model.Event;
import dev.soleinit.statemachine.model.Event.CallerDisconnected;
import dev.soleinit.statemachine.model.Event.ReloadRequested;
import dev.soleinit.statemachine.model.Event.RequestEvent;
import dev.soleinit.statemachine.model.Event.RestartRequested;
import dev.soleinit.statemachine.model.Goal;
import dev.soleinit.statemachine.model.Phase;
import dev.soleinit.statemachine.model.RequestOutcome.Result;
import dev.soleinit.statemachine.state.OpenRequest;
import dev.soleinit.statemachine.state.OpenRequest.Kind;
import dev.soleinit.statemachine.state.OpenRequest.Unchecked;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Where a check command is configured, a reload or restart is held back here until the command has
 * passed, whoever asked for it and in whatever phase. Only then does its phase get to see it; the
 * daemon does not notice a check. A stop does not wait for it.
 */
public final class CheckGate {
    private CheckGate() {}

    /** Takes an event that has to wait, or whose request waits here; false for all others. */
    public static boolean holds(Transition turn, Event event) {
        if (event instanceof RestartRequested asked && !asked.unchecked()
                || event instanceof ReloadRequested reload && !reload.unchecked()) {
            return enters(turn, (RequestEvent) event);
        }
        return event instanceof CallerDisconnected(long id) && leaves(turn, id);
    }

    private static boolean enters(Transition turn, RequestEvent asked) {
        if (!turn.settings().coordination().checks() || !isOpen(turn)) {
            return false;
        }
        turn.requests(turn.requests().plus(new Unchecked(asked, false)));
        runIfFree(turn);
        return true;
    }

    /** Whether a reload or restart has a chance; without one its phase refuses it at once. */
    private static boolean isOpen(Transition turn) {
        return RequestArbitration.restartable(turn) && !(turn.state.phase() instanceof Phase.Idle);
    }

    /** Of the runs only the newest counts, and what came during it wants one of its own. */
    private static void runIfFree(Transition turn) {
        if (turn.requests().unchecked(true).isEmpty() && turn.requests().has(Kind.CHECK)) {
            turn.requests(turn.requests().covered());
            turn.restarts(turn.restarts().nextCheckRun());
            turn.emit(new Effect.RunCheck(turn.restarts().checkRun()));
        }
    }

    private static boolean leaves(Transition turn, long id) {
        if (!(turn.requests().find(id).orElse(null) instanceof Unchecked)) {
            return false;
        }
        turn.requests(turn.requests().without(id));
        turn.answer(id, Result.CANCELLED, "cancelled: the caller left before it had begun");
        runIfFree(turn);
        return true;
    }

    /** The command has ended; the requests that have passed are for the caller to decide. */
    public static List<RequestEvent> finished(Transition turn, long run, Optional<String> failure) {
        List<Unchecked> covered = turn.requests().unchecked(true);
        if (run != turn.restarts().checkRun() || covered.isEmpty()) {
            return List.of();
        }
        turn.requests(turn.requests().without(covered));
        runIfFree(turn);
        List<RequestEvent> checked = new ArrayList<>();
        covered.forEach(one -> checked.add(one.asked()));
        if (failure.isEmpty()) {
            return checked;
        }
        for (RequestEvent asked : checked) {
            turn.answer(asked.id(), Result.REFUSED, "Cannot "
                    + (asked instanceof ReloadRequested ? "reload" : "restart") + ": the check failed: "
                    + failure.get());
        }
        return List.of();
    }

    /** What waits here does not outlive a stop. */
    public static void afterwards(Transition turn) {
        if (!turn.requests().has(Kind.CHECK) || isOpen(turn)) {
            return;
        }
        String words = turn.state.goal() == Goal.EXIT ? "the supervisor was told to end"
                : "superseded by a stop";
        List<OpenRequest> all = turn.requests().of(Kind.CHECK);
        turn.requests(turn.requests().without(all));
        for (OpenRequest one : all) {
            turn.answer(one.id(), Result.SUPERSEDED, words);
        }
    }
}
