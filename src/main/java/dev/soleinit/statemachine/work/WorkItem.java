package dev.soleinit.statemachine.work;

import java.util.Optional;

/**
 * One piece of work that the daemon has taken on and not ended.
 *
 * @param id          unique within the daemon
 * @param kind        {@code session}, {@code task}, {@code queue}, {@code reply}, or its own word
 * @param description for people, 80 characters at the most
 * @param blocks      a safe restart waits for it; false for what is only queued
 * @param checkpoint  opaque to everybody but the daemon: where to go on after an interruption
 * @param startedAt   for people, ISO 8601
 * @param since       when it became known, in nanoseconds of the supervisor's monotonic clock
 */
public record WorkItem(String id, String kind, String description, boolean blocks,
        Optional<String> checkpoint, String startedAt, long since) {
    /** One blocker in words: kind, id and age. */
    String words(long now) {
        return kind + " " + id + " (" + Math.max(0, now - since) / 1_000_000_000 + " s)";
    }
}
