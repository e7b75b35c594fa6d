package dev.soleinit.statemachine.work;

import java.util.List;

/**
 * What a restart did to the work that was under way.
 *
 * @param drained pieces that ended during the drain
 * @param cut     pieces that were interrupted
 * @param since   when the daemon stopped taking new work
 * @param forced  by force
 */
public record WorkOutcome(int drained, List<WorkItem> cut, long since, boolean forced) {
    public WorkOutcome withCut(List<WorkItem> left) {
        int before = drained + cut.size();
        return new WorkOutcome(Math.max(0, before - left.size()), left, since, forced);
    }
}
