package dev.soleinit.statemachine.gates;

import dev.soleinit.process.RestartMode;
import dev.soleinit.statemachine.RequestArbitration;
import dev.soleinit.statemachine.Transition;
import dev.soleinit.statemachine.model.Effect;
import dev.soleinit.statemachine.model.Effect.Disposition;
import dev.soleinit.statemachine.model.Event.RestartRequested;
import dev.soleinit.statemachine.model.Phase;
import dev.soleinit.statemachine.state.DaemonFacts;
import dev.soleinit.statemachine.state.Launch;
import dev.soleinit.statemachine.state.OpenRequest.PendingRestart;
import dev.soleinit.statemachine.state.OpenRequests;
import dev.soleinit.statemachine.state.OtherProcess;
import dev.soleinit.statemachine.state.OtherProcess.Role;
import dev.soleinit.statemachine.state.RestartState;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How a restart that overlaps begins: the next process starts beside one that is ready, and nothing
 * changes for that one before the next is ready, too.
 */
public final class OverlapGate {
    private OverlapGate() {}

    /** Says of a restart that it will not overlap, where there is a daemon that is not ready. */
    public static void refuse(Transition turn) {
        if (turn.state.phase().current().isPresent() && RequestArbitration.restartable(turn)
                && !isReady(turn)) {
            say(turn, "the daemon is not ready");
        }
    }

    private static boolean isReady(Transition turn) {
        return turn.state.phase() instanceof Phase.Ready ready && !ready.stopping();
    }

    private static void say(Transition turn, String why) {
        turn.emit(new Effect.LogWarning("the restart does not overlap: " + why));
    }

    /** Only what is ready can serve until another one is; a command may not know which of two it asks. */
    public static boolean isPossible(Transition turn, RestartRequested asked) {
        boolean blind = asked.mode() == RestartMode.SAFE && !turn.daemon().attached()
                && turn.settings().coordination().hasPreflightCommand();
        if (blind && isReady(turn)) {
            say(turn, "of the daemon's work only the preflight command knows");
        }
        return isReady(turn) && !blind;
    }

    /** A process that starts already serves a request that wants nothing else of it. */
    public static boolean joins(Transition turn, PendingRestart asked) {
        if (!turn.state.awaitsSuccessor() || asked.dueAt() > turn.now
                || asked.arguments().isPresent()) {
            return false;
        }
        OtherProcess other = turn.state.other().orElseThrow();
        turn.emit(new Effect.AcceptRequest(asked.id(), Disposition.COALESCED, Duration.ZERO));
        turn.state = turn.state.withOther(Optional.of(
                other.with(other.requests().plus(asked.since(turn.now)))));
        return true;
    }

    /** Begins what is due if there is no other process; its number is made durable first. */
    public static void tryBegin(Transition turn) {
        List<PendingRestart> due = turn.requests().overlapping(turn.now);
        if (due.isEmpty() || turn.state.other().isPresent() || !isReady(turn)) {
            return;
        }
        OpenRequests theirs = OpenRequests.none();
        Launch launch = turn.state.launch();
        boolean automatic = false;
        for (PendingRestart one : due) {
            theirs = theirs.plus(one.since(turn.now));
            launch = launch.with(one.arguments());
            automatic |= one.automatic();
        }
        turn.requests(turn.requests().without(due));
        if (automatic) {
            turn.restarts(turn.restarts().coolUntil(
                    turn.now + turn.settings().coordination().cooldown().toNanos()));
        }
        turn.state = turn.state.beginsBeside();
        long next = turn.state.generation();
        turn.state = turn.state.withOther(Optional.of(new OtherProcess(Role.SUCCESSOR, next,
                new Phase.Spawning(turn.deadlineAfter(Transition.UNTIL_STORED)), DaemonFacts.none(),
                theirs, RestartState.initial(), launch)));
        turn.emit(new Effect.PersistGeneration(next));
    }
}
