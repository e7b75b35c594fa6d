package dev.soleinit.machine;

import dev.soleinit.machine.Event.RestartAsked;
import dev.soleinit.machine.Outcome.Result;
import dev.soleinit.machine.Waiting.Kind;
import java.util.List;
import java.util.Optional;

/**
 * How requests that come while another is under way get along: a stop takes the place of a start
 * or restart, a start that of a stop, a restart joins a restart and never undoes a stop.
 */
final class RestartDesk {
    static final String ENDING = "Cannot do that: the supervisor is ending";

    private RestartDesk() {}

    /** A stop takes the place of whatever start or restart was under way. */
    static void stopInstead(Turn turn, long id, String reason) {
        if (turn.state.goal() != Goal.EXIT) {
            turn.want(Goal.DOWN);
            turn.state = turn.state.withHold(Optional.of(reason));
        }
        turn.finishAll(Kind.START, Result.SUPERSEDED, "superseded by a stop");
        turn.finishAll(Kind.RESTART, Result.SUPERSEDED, "superseded by a stop");
        turn.finishAll(Kind.RELOAD, Result.SUPERSEDED, "superseded by a stop");
        turn.desk(turn.desk().withPending(List.of()));
        turn.join(id, Kind.STOP);
    }

    /** A start during a stop takes effect as soon as the old process has gone. */
    static void startInsteadOfStop(Turn turn, long id) {
        if (turn.state.goal() == Goal.EXIT) {
            turn.answer(id, Result.REFUSED, ENDING);
            return;
        }
        if (turn.state.goal() == Goal.DOWN) {
            turn.want(Goal.RESTART);
            turn.state = turn.state.withHold(Optional.empty());
            turn.finishAll(Kind.STOP, Result.SUPERSEDED, "superseded by a start");
        }
        turn.join(id, Kind.START);
    }

    static boolean restartable(Turn turn) {
        return turn.state.goal() == Goal.UP || turn.state.goal() == Goal.RESTART;
    }

    /** A restart joins the one that is under way; it never undoes a stop. */
    static void restartJoins(Turn turn, RestartAsked asked) {
        if (!restartable(turn)) {
            turn.answer(asked.id(), Result.REFUSED, turn.state.goal() == Goal.EXIT ? ENDING
                    : "Cannot restart: the daemon is being stopped; start it with `daemon start`");
            return;
        }
        turn.want(Goal.RESTART);
        turn.state = turn.state.withArguments(asked.arguments());
        turn.join(asked.id(), Kind.RESTART);
    }
}
