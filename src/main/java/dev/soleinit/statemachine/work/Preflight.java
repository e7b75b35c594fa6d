package dev.soleinit.statemachine.work;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Whether a restart would cut anything, and what. A plain function of the work.
 *
 * @param safe     nothing blocks, as far as is known
 * @param counts   un-ended work of each kind, and {@code totalActive}: what blocks
 * @param blockers at most {@value WorkSummary#LISTED} one by one, the rest as one remainder per kind
 * @param summary  one sentence for people
 * @param known    somebody says what the daemon works on, itself or the preflight command
 */
public record Preflight(boolean safe, Map<String, Integer> counts, List<Blocker> blockers,
        String summary, boolean known) {
    /**
     * Judges.
     *
     * @param look     what was found out from outside, where somebody was asked
     * @param reporting the daemon says what it works on
     */
    public static Preflight of(WorkLedger work, Set<String> ignored, Optional<PreflightVerdict> look,
            boolean reporting, long now) {
        WorkSummary tally = new WorkSummary(work, ignored);
        Map<String, Integer> counts = new LinkedHashMap<>(tally.all());
        look.ifPresent(seen -> seen.counts().forEach((kind, count) ->
                counts.merge(kind, count, Integer::sum)));
        counts.put("totalActive", work.active() + look.map(PreflightVerdict::active).orElse(0));
        List<Blocker> blockers = listed(work, tally, now);
        look.ifPresent(seen -> blockers.addAll(seen.listed()));
        return new Preflight(blockers.isEmpty(), counts, blockers,
                summary(work.activeExcept(ignored), blockers, look, reporting),
                look.isPresent() || reporting || !blockers.isEmpty());
    }

    private static List<Blocker> listed(WorkLedger work, WorkSummary tally, long now) {
        List<Blocker> blockers = new ArrayList<>();
        for (WorkItem item : tally.oldest()) {
            blockers.add(new Blocker(item.kind(), Optional.of(item.id()), 1, item.words(now)
                    + (item.description().isEmpty() ? "" : ": " + item.description())));
        }
        tally.rest().forEach((kind, count) -> blockers.add(new Blocker(kind, Optional.empty(), count,
                "and " + count + " more of kind " + kind)));
        if (work.overflowCount() > 0) {
            blockers.add(new Blocker("unnamed", Optional.empty(), work.overflowCount(),
                    "and " + work.overflowCount() + " more than are kept by name"));
        }
        return blockers;
    }

    private static String summary(int left, List<Blocker> blockers, Optional<PreflightVerdict> look,
            boolean reporting) {
        if (!blockers.isEmpty()) {
            int all = left + look.map(PreflightVerdict::active).orElse(0);
            return all == 0 ? "not safe: the preflight command says " + blockers.getLast().message()
                    : "not safe: " + all + (all == 1 ? " piece" : " pieces")
                            + " of work would be cut";
        }
        if (look.isPresent() || reporting) {
            return "safe: no active work";
        }
        return "safe as far as is known: the daemon reports no work itself, and nobody "
                + "else was asked";
    }
}
