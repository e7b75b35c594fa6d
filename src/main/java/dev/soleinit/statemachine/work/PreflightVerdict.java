package dev.soleinit.statemachine.work;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What is found out about the work of a daemon that does not report it itself: by the preflight
 * command, or by counting its connections.
 *
 * @param verdict  what was found
 * @param reason   the command's words
 * @param counts   how much there is of each kind, as far as that was said
 * @param blockers what is in the way, a few at the most; empty if only {@code reason} says it
 */
public record PreflightVerdict(Verdict verdict, String reason, Map<String, Integer> counts,
        List<Blocker> blockers) {
    /** Only {@code IDLE} is idle: what is not known may be work. The later, the more cautious. */
    public enum Verdict { IDLE, BUSY, UNKNOWN }

    /** One of a command that says no more than this. */
    public PreflightVerdict(Verdict verdict, String reason) {
        this(verdict, reason, Map.of(), List.of());
    }

    /** How many pieces of work the blockers stand for; 0 if only {@code reason} says what there is. */
    int active() {
        return blockers.stream().mapToInt(Blocker::count).sum();
    }

    /** The blockers, one for the command itself if it names none. */
    List<Blocker> listed() {
        return verdict == Verdict.IDLE || !blockers.isEmpty() ? blockers
                : List.of(new Blocker("command", Optional.empty(), 1, said()));
    }

    private String said() {
        return (verdict == Verdict.BUSY ? "busy" : "unknown, which is not idle")
                + (reason.isEmpty() ? "" : ": " + reason);
    }

    /** Who or what is in the way, in one line. */
    public String words() {
        return blockers.isEmpty() ? "the preflight command ("
                + (verdict == Verdict.BUSY ? "busy" : "unknown")
                + (reason.isEmpty() ? ")" : "): " + reason) : Blocker.line(blockers);
    }

    /** What two have found who were asked: the more cautious word of both counts. */
    public PreflightVerdict and(PreflightVerdict other) {
        if (verdict == Verdict.IDLE && other.verdict == Verdict.IDLE && other.counts.isEmpty()) {
            return this;
        }
        Map<String, Integer> sums = new LinkedHashMap<>(counts);
        other.counts.forEach((kind, count) -> sums.merge(kind, count, Integer::sum));
        List<Blocker> all = new ArrayList<>(named());
        all.addAll(other.named());
        return new PreflightVerdict(verdict.compareTo(other.verdict) > 0 ? verdict : other.verdict,
                reason.isEmpty() ? other.reason : reason, sums, all);
    }

    private List<Blocker> named() {
        return verdict == Verdict.IDLE || !blockers.isEmpty() ? listed()
                : List.of(new Blocker("command", Optional.empty(), 1, words()));
    }
}
