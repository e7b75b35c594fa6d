package dev.soleinit.statemachine.work;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeMap;

/** Counts work in one pass and without sorting it all: callers ask often, and there may be much. */
final class WorkSummary {
    /** So many blockers are named one by one. */
    static final int LISTED = 8;

    private final Map<String, int[]> all = new HashMap<>();
    private final Map<String, int[]> blocking = new HashMap<>();
    private final PriorityQueue<WorkItem> oldest =
            new PriorityQueue<>(WorkLedger.OLDEST_FIRST.reversed());

    WorkSummary(WorkLedger work, Set<String> ignored) {
        work.forEach(item -> {
            count(all, item.kind(), 1);
            if (item.blocks() && !ignored.contains(item.id())) {
                count(blocking, item.kind(), 1);
                keepIfOld(item);
            }
        });
        oldest.forEach(item -> count(blocking, item.kind(), -1));
    }

    private static void count(Map<String, int[]> counts, String kind, int by) {
        counts.computeIfAbsent(kind, unused -> new int[1])[0] += by;
    }

    private void keepIfOld(WorkItem item) {
        if (oldest.size() < LISTED) {
            oldest.add(item);
        } else if (WorkLedger.OLDEST_FIRST.compare(item, oldest.peek()) < 0) {
            oldest.remove();
            oldest.add(item);
        }
    }

    /** Un-ended work of each kind. */
    Map<String, Integer> all() {
        return positive(all);
    }

    /** The blockers that are listed one by one, oldest first. */
    List<WorkItem> oldest() {
        List<WorkItem> sorted = new ArrayList<>(oldest);
        sorted.sort(WorkLedger.OLDEST_FIRST);
        return sorted;
    }

    /** The blockers of each kind that are not. */
    Map<String, Integer> rest() {
        return positive(blocking);
    }

    private static Map<String, Integer> positive(Map<String, int[]> counts) {
        Map<String, Integer> sorted = new TreeMap<>();
        counts.forEach((kind, count) -> {
            if (count[0] > 0) {
                sorted.put(kind, count[0]);
            }
        });
        return sorted;
    }
}
