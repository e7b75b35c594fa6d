package dev.soleinit.supervisor.requests;

import dev.soleinit.control.ErrorCodes;
import dev.soleinit.control.IncomingRequest;
import dev.soleinit.control.Request;
import dev.soleinit.statemachine.model.Phase;
import dev.soleinit.statemachine.state.State;
import dev.soleinit.supervisor.reporting.StateNames;
import dev.soleinit.supervisor.reporting.StatusReport;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * Callers that wait until the state is as they want it. They change nothing. Used on the loop's
 * thread.
 */
public final class StateWaiters {
    private record Waiter(IncomingRequest call, Request.Wait wish, long deadline) {}

    private final List<Waiter> waiters = new ArrayList<>();
    private final StatusReport report;

    public StateWaiters(StatusReport report) {
        this.report = report;
    }

    public void add(IncomingRequest call, Request.Wait wait, long now) {
        long deadline = wait.timeout().map(time -> now + time.toNanos()).orElse(Phase.NEVER);
        waiters.add(new Waiter(call, wait, deadline));
    }

    /** The earliest time at which somebody's patience ends. */
    public long deadline() {
        return waiters.stream().mapToLong(Waiter::deadline).min().orElse(Phase.NEVER);
    }

    /** Answers those whose wish has come true or whose time is over, and forgets those that left. */
    public void answerSatisfied(State state, long now) {
        if (waiters.isEmpty()) {
            return;
        }
        for (Iterator<Waiter> each = waiters.iterator(); each.hasNext();) {
            Waiter waiter = each.next();
            if (waiter.call().replyTo().isClosed() || answered(waiter, state, now)) {
                each.remove();
            }
        }
    }

    private boolean answered(Waiter waiter, State state, long now) {
        if (isSatisfied(waiter.wish(), state)) {
            waiter.call().replyTo().result(report.build(state, now));
            return true;
        }
        if (now >= waiter.deadline()) {
            waiter.call().replyTo().error(ErrorCodes.TIMEOUT, "Cannot wait any longer: the daemon "
                    + "is " + StateNames.state(state) + " in generation " + state.currentGeneration(),
                    Map.of());
            return true;
        }
        return false;
    }

    private static boolean isSatisfied(Request.Wait wait, State state) {
        return switch (wait.condition()) {
            case READY -> StateNames.ready(state);
            case STOPPED -> state.phase().current().isEmpty()
                    && !(state.phase() instanceof Phase.Spawning)
                    && !(state.phase() instanceof Phase.ClearingLeftovers);
            case GENERATION -> state.currentGeneration() >= wait.generation() && StateNames.ready(state);
            case SETTLED -> StateNames.ready(state) || hasComeDown(state.phase());
        };
    }

    /** Whether the start that was under way has failed, or nobody wants one. */
    private static boolean hasComeDown(Phase phase) {
        return phase instanceof Phase.BackingOff || phase instanceof Phase.Idle
                || phase instanceof Phase.Done;
    }
}
