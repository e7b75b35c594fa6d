package dev.soleinit.supervisor.requests;

import dev.soleinit.control.IncomingRequest;
import dev.soleinit.statemachine.model.Effect.Disposition;
import dev.soleinit.statemachine.model.RequestOutcome;
import dev.soleinit.statemachine.work.Preflight;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A request between its coming and its end. Used on the loop's thread. */
final class TrackedRequest {
    final IncomingRequest call;
    final Instant at = Instant.now();
    final long since;
    final long fromGeneration;
    final Optional<Preflight> preflight;
    Disposition disposition = Disposition.SCHEDULED;
    Duration cooldown = Duration.ZERO;
    boolean answered;
    /** A restart that starts the next generation beside the running one. */
    boolean overlap;
    final List<String> warnings = new ArrayList<>();
    RequestOutcome outcome;
    /** What the daemon had said of itself when it ended. */
    String statusText = "";

    TrackedRequest(IncomingRequest call, long since, long fromGeneration, Optional<Preflight> preflight) {
        this.call = call;
        this.since = since;
        this.fromGeneration = fromGeneration;
        this.preflight = preflight;
    }
}
