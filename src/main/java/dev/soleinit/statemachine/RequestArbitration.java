package dev.soleinit.statemachine;

import dev.soleinit.statemachine.model.Event.RestartRequested;
import dev.soleinit.statemachine.model.Goal;
import dev.soleinit.statemachine.model.RequestOutcome.Result;
import dev.soleinit.statemachine.state.OpenRequest;
import dev.soleinit.statemachine.state.OpenRequest.Kind;
import java.util.Optional;

/**
 * How requests that come while another is under way get along: a stop takes the place of a start
 * or restart, a start that of a stop, a restart joins a restart and never undoes a stop.
 */
public final class RequestArbitration {
    static final String ENDING = "Cannot do that: the supervisor is ending";

    private RequestArbitration() {}

    /** A stop takes the place of whatever start or restart was under way. */
    static void stopInstead(Transition turn, long id, String reason) {
        if (turn.state.goal() != Goal.EXIT) {
            turn.setGoal(Goal.DOWN);
            turn.state = turn.state.withHold(Optional.of(reason));
        }
        turn.finishAll(Kind.START, Result.SUPERSEDED, "superseded by a stop");
        turn.finishAll(Kind.RESTART, Result.SUPERSEDED, "superseded by a stop");
        turn.finishAll(Kind.RELOAD, Result.SUPERSEDED, "superseded by a stop");
        turn.accept(new OpenRequest.Stop(id));
    }

    /** Somebody wants it down, and it is, or will be as soon as the other process is. */
    static void answerDown(Transition turn, long id, Result result, String words) {
        if (turn.state.other().isEmpty()) {
            turn.answer(id, result, words);
        } else {
            turn.accept(new OpenRequest.Stop(id));
        }
    }

    /** A start during a stop takes effect as soon as the old process has gone. */
    static void startInsteadOfStop(Transition turn, long id) {
        if (turn.state.goal() == Goal.EXIT) {
            turn.answer(id, Result.REFUSED, ENDING);
            return;
        }
        if (turn.state.goal() == Goal.DOWN) {
            turn.setGoal(Goal.RESTART);
            turn.state = turn.state.withHold(Optional.empty());
            turn.finishAll(Kind.STOP, Result.SUPERSEDED, "superseded by a start");
        }
        turn.accept(new OpenRequest.Start(id));
    }

    public static boolean restartable(Transition turn) {
        return turn.state.goal() == Goal.UP || turn.state.goal() == Goal.RESTART;
    }

    /** A restart joins the one that is under way; it never undoes a stop. */
    static void restartJoins(Transition turn, RestartRequested asked) {
        if (!restartable(turn)) {
            turn.answer(asked.id(), Result.REFUSED, turn.state.goal() == Goal.EXIT ? ENDING
                    : "Cannot restart: the daemon is being stopped; start it with `daemon start`");
            return;
        }
        turn.setGoal(Goal.RESTART);
        turn.state = turn.state.withArguments(asked.arguments());
        turn.accept(new OpenRequest.Restart(asked.id()));
    }
}
