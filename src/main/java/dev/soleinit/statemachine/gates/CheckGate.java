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
import dev.soleinit.statemachine.restart.CheckQueue;
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
        turn.restarts(turn.restarts().with(turn.restarts().checks().plus(asked)));
        runIfFree(turn);
        return true;
    }

    /** Whether a reload or restart has a chance; without one its phase refuses it at once. */
    private static boolean isOpen(Transition turn) {
        return RequestArbitration.restartable(turn) && !(turn.state.phase() instanceof Phase.Idle);
    }

    /** Of the runs only the newest counts, and what came during it wants one of its own. */
    private static void runIfFree(Transition turn) {
        CheckQueue checks = turn.restarts().checks();
        if (!checks.isWaiting() && !checks.later().isEmpty()) {
            CheckQueue next = checks.nextRun();
            turn.restarts(turn.restarts().with(next));
            turn.emit(new Effect.RunCheck(next.run()));
        }
    }

    private static boolean leaves(Transition turn, long id) {
        CheckQueue checks = turn.restarts().checks();
        if (checks.all().stream().noneMatch(asked -> asked.id() == id)) {
            return false;
        }
        turn.restarts(turn.restarts().with(checks.less(id)));
        turn.answer(id, Result.CANCELLED, "cancelled: the caller left before it had begun");
        runIfFree(turn);
        return true;
    }

    /** The command has ended; the requests that have passed are for the caller to decide. */
    public static List<RequestEvent> finished(Transition turn, long run, Optional<String> failure) {
        CheckQueue checks = turn.restarts().checks();
        if (run != checks.run() || !checks.isWaiting()) {
            return List.of();
        }
        turn.restarts(turn.restarts().with(new CheckQueue(run, List.of(), checks.later())));
        runIfFree(turn);
        if (failure.isEmpty()) {
            return checks.covered();
        }
        for (RequestEvent asked : checks.covered()) {
            turn.answer(asked.id(), Result.REFUSED, "Cannot "
                    + (asked instanceof ReloadRequested ? "reload" : "restart") + ": the check failed: "
                    + failure.get());
        }
        return List.of();
    }

    /** What waits here does not outlive a stop. */
    public static void afterwards(Transition turn) {
        if (turn.restarts().checks().all().isEmpty() || isOpen(turn)) {
            return;
        }
        String words = turn.state.goal() == Goal.EXIT ? "the supervisor was told to end"
                : "superseded by a stop";
        List<RequestEvent> all = turn.restarts().checks().all();
        turn.restarts(turn.restarts().with(turn.restarts().checks().cleared()));
        for (RequestEvent asked : all) {
            turn.answer(asked.id(), Result.SUPERSEDED, words);
        }
    }
}
