package dev.soleinit.machine;

import java.util.List;

/**
 * What a restart did to the work that was under way.
 *
 * @param drained pieces that ended during the drain
 * @param cut     pieces that were interrupted
 * @param since   when the daemon stopped taking new work
 * @param forced  by force
 */
public record Tale(int drained, List<Item> cut, long since, boolean forced) {
    Tale withCut(List<Item> left) {
        int before = drained + cut.size();
        return new Tale(Math.max(0, before - left.size()), left, since, forced);
    }
}
