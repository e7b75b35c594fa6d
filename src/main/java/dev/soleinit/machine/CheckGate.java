package dev.soleinit.machine;

import dev.soleinit.machine.Event.Asked;
import dev.soleinit.machine.Event.CallerLeft;
import dev.soleinit.machine.Event.ReloadAsked;
import dev.soleinit.machine.Event.RestartAsked;
import dev.soleinit.machine.Outcome.Result;
import java.util.List;
import java.util.Optional;

/**
 * Where a check command is configured, a reload or restart is held back here until the command has
 * passed, whoever asked for it and in whatever phase. Only then does its phase get to see it; the
 * daemon does not notice a check. A stop does not wait for it.
 */
final class CheckGate {
    private CheckGate() {}

    /** Takes an event that has to wait, or whose request waits here; false for all others. */
    static boolean holds(Turn turn, Event event) {
        if (event instanceof RestartAsked asked && !asked.unchecked()
                || event instanceof ReloadAsked reload && !reload.unchecked()) {
            return enters(turn, (Asked) event);
        }
        return event instanceof CallerLeft(long id) && leaves(turn, id);
    }

    private static boolean enters(Turn turn, Asked asked) {
        if (!turn.settings().coordination().checks() || !isOpen(turn)) {
            return false;
        }
        turn.desk(turn.desk().with(turn.desk().checks().plus(asked)));
        runIfFree(turn);
        return true;
    }

    /** Whether a reload or restart has a chance; without one its phase refuses it at once. */
    private static boolean isOpen(Turn turn) {
        return RestartDesk.restartable(turn) && !(turn.state.phase() instanceof Phase.Idle);
    }

    /** Of the runs only the newest counts, and what came during it wants one of its own. */
    private static void runIfFree(Turn turn) {
        CheckQueue checks = turn.desk().checks();
        if (!checks.isWaiting() && !checks.later().isEmpty()) {
            CheckQueue next = checks.nextRun();
            turn.desk(turn.desk().with(next));
            turn.add(new Effect.RunCheck(next.run()));
        }
    }

    private static boolean leaves(Turn turn, long id) {
        CheckQueue checks = turn.desk().checks();
        if (checks.all().stream().noneMatch(asked -> asked.id() == id)) {
            return false;
        }
        turn.desk(turn.desk().with(checks.less(id)));
        turn.answer(id, Result.CANCELLED, "cancelled: the caller left before it had begun");
        runIfFree(turn);
        return true;
    }

    /** The command has ended; the requests that have passed are for the caller to decide. */
    static List<Asked> finished(Turn turn, long run, Optional<String> failure) {
        CheckQueue checks = turn.desk().checks();
        if (run != checks.run() || !checks.isWaiting()) {
            return List.of();
        }
        turn.desk(turn.desk().with(new CheckQueue(run, List.of(), checks.later())));
        runIfFree(turn);
        if (failure.isEmpty()) {
            return checks.covered();
        }
        for (Asked asked : checks.covered()) {
            turn.answer(asked.id(), Result.REFUSED, "Cannot "
                    + (asked instanceof ReloadAsked ? "reload" : "restart") + ": the check failed: "
                    + failure.get());
        }
        return List.of();
    }

    /** What waits here does not outlive a stop. */
    static void afterwards(Turn turn) {
        if (turn.desk().checks().all().isEmpty() || isOpen(turn)) {
            return;
        }
        String words = turn.state.goal() == Goal.EXIT ? "the supervisor was told to end"
                : "superseded by a stop";
        List<Asked> all = turn.desk().checks().all();
        turn.desk(turn.desk().with(turn.desk().checks().cleared()));
        for (Asked asked : all) {
            turn.answer(asked.id(), Result.SUPERSEDED, words);
        }
    }
}
