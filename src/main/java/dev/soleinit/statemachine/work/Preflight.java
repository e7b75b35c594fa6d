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
     * A blocker, or the remainder of its kind.
     *
     * @param id    empty for a remainder
     * @param count 1, or how many the remainder stands for
     */
    public record Blocker(String kind, Optional<String> id, int count, String message) {}

    /**
     * Judges.
     *
     * @param look     what the preflight command said, where there is one
     * @param reporting the daemon says what it works on
     */
    public static Preflight of(WorkLedger work, Set<String> ignored, Optional<PreflightVerdict> look,
            boolean reporting, long now) {
        WorkSummary tally = new WorkSummary(work, ignored);
        Map<String, Integer> counts = new LinkedHashMap<>(tally.all());
        counts.put("totalActive", work.active());
        List<Blocker> blockers = listed(work, tally, now);
        look.filter(seen -> seen.verdict() != PreflightVerdict.Verdict.IDLE)
                .ifPresent(seen -> blockers.add(
                new Blocker("command", Optional.empty(), 1, words(seen))));
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

    private static String words(PreflightVerdict look) {
        return (look.verdict() == PreflightVerdict.Verdict.BUSY ? "busy" : "unknown, which is not idle")
                + (look.reason().isEmpty() ? "" : ": " + look.reason());
    }

    private static String summary(int left, List<Blocker> blockers, Optional<PreflightVerdict> look,
            boolean reporting) {
        if (!blockers.isEmpty()) {
            return left == 0 ? "not safe: the preflight command says " + blockers.getLast().message()
                    : "not safe: " + left + (left == 1 ? " piece" : " pieces")
                            + " of work would be cut";
        }
        if (look.isPresent() || reporting) {
            return "safe: no active work";
        }
        return "safe as far as is known: the daemon reports no work and there is no "
                + "--preflight-command";
    }

    /** The blockers in one line. */
    public static String line(List<Blocker> blockers) {
        return String.join(", ", blockers.stream().map(Blocker::message).toList());
    }
}
