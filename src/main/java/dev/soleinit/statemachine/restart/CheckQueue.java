package dev.soleinit.statemachine.restart;

import dev.soleinit.statemachine.model.Event.RequestEvent;
import java.util.ArrayList;
import java.util.List;

/**
 * The reloads and restarts that wait for the check command. Immutable; the moves are in
 * {@code CheckGate}.
 *
 * @param run     the number of the newest run of the command
 * @param covered requests that this run is for; empty if its result is of no use to anybody
 * @param later   requests that came after it had begun, and may be about newer files
 */
public record CheckQueue(long run, List<RequestEvent> covered, List<RequestEvent> later) {
    static CheckQueue empty() {
        return new CheckQueue(0, List.of(), List.of());
    }

    /** Whether a result is waited for. */
    public boolean isWaiting() {
        return !covered.isEmpty();
    }

    /** All of them, in the order in which they came. */
    public List<RequestEvent> all() {
        List<RequestEvent> all = new ArrayList<>(covered);
        all.addAll(later);
        return all;
    }

    public CheckQueue plus(RequestEvent asked) {
        List<RequestEvent> longer = new ArrayList<>(later);
        longer.add(asked);
        return new CheckQueue(run, covered, List.copyOf(longer));
    }

    public CheckQueue less(long id) {
        return new CheckQueue(run, without(covered, id), without(later, id));
    }

    private static List<RequestEvent> without(List<RequestEvent> list, long id) {
        return list.stream().filter(one -> one.id() != id).toList();
    }

    /** The next run begins, for all that have come. */
    public CheckQueue nextRun() {
        return new CheckQueue(run + 1, all(), List.of());
    }

    public CheckQueue cleared() {
        return new CheckQueue(run, List.of(), List.of());
    }
}
