package dev.soleinit.statemachine.work;

import java.util.List;
import java.util.Optional;

/**
 * What a safe restart waits for: a piece of work, or the remainder of its kind.
 *
 * @param id    empty for a remainder, and for what has no name
 * @param count 1, or how many it stands for
 */
public record Blocker(String kind, Optional<String> id, int count, String message) {
    /** Several in one line. */
    public static String line(List<Blocker> blockers) {
        return String.join(", ", blockers.stream().map(Blocker::message).toList());
    }
}
