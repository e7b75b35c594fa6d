package dev.soleinit.storage.history;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * One generation of the daemon, as far as the journal tells.
 *
 * @param number    the generation
 * @param pid       its process, 0 if it never had one
 * @param seenAt    when it was first heard of
 * @param readyAt   when it was ready for the first time
 * @param endedAt   when it ended or was replaced
 * @param how       how it ended, for example {@code exit 0}
 * @param cause     why it ended
 * @param asked     its end was asked for
 * @param downtime  from the moment in which an earlier one was no longer ready until it was
 * @param requested who asked for it, and why
 */
public record Generation(long number, long pid, Instant seenAt, Optional<Instant> readyAt,
        Optional<Instant> endedAt, String how, String cause, boolean asked,
        Optional<Duration> downtime, String requested) {

    static Generation first(long number, long pid, Instant at, String requested) {
        return new Generation(number, pid, at, Optional.empty(), Optional.empty(), "", "", false,
                Optional.empty(), requested);
    }

    Generation ready(Instant at, Optional<Duration> down) {
        return new Generation(number, pid, seenAt, Optional.of(at), endedAt, how, cause, asked, down,
                requested);
    }

    Generation ended(Instant at, String status, String why, boolean wasAsked) {
        return new Generation(number, pid, seenAt, readyAt, Optional.of(at), status, why, wasAsked,
                downtime, requested);
    }

    /** How long it lived, until {@code now} if it still does. */
    public Duration lifetime(Instant now) {
        return Duration.between(seenAt, endedAt.orElse(now));
    }

    /** With stable names, for programs. */
    public Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("generation", number);
        fields.put("pid", pid);
        fields.put("seenAt", seenAt.toString());
        fields.put("readyAt", readyAt.map(Instant::toString).orElse(null));
        fields.put("endedAt", endedAt.map(Instant::toString).orElse(null));
        fields.put("words", how);
        fields.put("cause", cause);
        fields.put("asked", asked);
        fields.put("downtimeMs", downtime.map(Duration::toMillis).orElse(null));
        fields.put("requested", requested);
        return fields;
    }
}
