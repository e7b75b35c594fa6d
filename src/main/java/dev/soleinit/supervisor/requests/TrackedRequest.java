package dev.soleinit.supervisor.requests;

import dev.soleinit.control.IncomingRequest;
import dev.soleinit.statemachine.model.Effect.AcceptRequest;
import dev.soleinit.statemachine.model.Effect.Disposition;
import dev.soleinit.statemachine.model.RequestOutcome;
import dev.soleinit.statemachine.work.Preflight;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What a caller is owed, between the coming of its request and its end: the connection, what was known
 * when it came, and what the machine has decided, as the machine has said it. What the request waits for
 * is the machine's alone ({@code OpenRequests}). Used on the loop's thread.
 */
final class TrackedRequest {
    private final IncomingRequest call;
    private final Instant at = Instant.now();
    private final long since;
    private final long fromGeneration;
    private final Optional<Preflight> preflight;
    private final OverlapGate.Verdict overlap;
    private Optional<AcceptRequest> accepted = Optional.empty();
    private RequestOutcome outcome;
    private String statusText = "";
    private boolean answered;

    /** @param since the time of the loop's clock at which it came */
    TrackedRequest(IncomingRequest call, long since, long fromGeneration, Optional<Preflight> preflight,
            OverlapGate.Verdict overlap) {
        this.call = call;
        this.since = since;
        this.fromGeneration = fromGeneration;
        this.preflight = preflight;
        this.overlap = overlap;
    }

    IncomingRequest call() {
        return call;
    }

    /** When it came, for people. */
    Instant at() {
        return at;
    }

    long since() {
        return since;
    }

    long fromGeneration() {
        return fromGeneration;
    }

    /** What a restart would have cut when it was asked for. */
    Optional<Preflight> preflight() {
        return preflight;
    }

    /** Whether it is a restart that starts the next generation beside the running one. */
    boolean overlap() {
        return overlap instanceof OverlapGate.Overlapping;
    }

    /** Why it is not even begun; nothing if it is. */
    Optional<String> refusal() {
        return overlap instanceof OverlapGate.Refused(String why) ? Optional.of(why) : Optional.empty();
    }

    /** What its caller has to know beside the answer. */
    List<String> warnings() {
        return overlap instanceof OverlapGate.Ordinary(var why) && why.isPresent()
                ? List.of("restarting without an overlap: " + why.get()) : List.of();
    }

    // ---- what was decided

    void accept(AcceptRequest decided) {
        accepted = Optional.of(decided);
    }

    Disposition disposition() {
        return accepted.isPresent() ? accepted.get().disposition() : Disposition.SCHEDULED;
    }

    Duration cooldown() {
        return accepted.isPresent() ? accepted.get().cooldown() : Duration.ZERO;
    }

    /** {@code said} is what the daemon had said of itself when it ended. */
    void finish(RequestOutcome decided, String said) {
        outcome = decided;
        statusText = said;
    }

    boolean hasEnded() {
        return outcome != null;
    }

    /** Null until it has ended. */
    RequestOutcome outcome() {
        return outcome;
    }

    String statusText() {
        return statusText;
    }

    // ---- its answer

    /** Whether the answer is still owed; it is given once. */
    boolean takeAnswer() {
        boolean owed = !answered;
        answered = true;
        return owed;
    }

    /** Whether its caller has left without the answer; said once. */
    boolean isAbandoned() {
        return !answered && call.replyTo().isClosed() && takeAnswer();
    }
}
