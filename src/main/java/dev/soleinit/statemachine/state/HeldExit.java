package dev.soleinit.statemachine.state;

import dev.soleinit.statemachine.model.Event;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The daemon has ended while its connection was open: what it had said before may still be in its
 * socket. Immutable; the moves are in {@code ExitGate}.
 *
 * @param event     how it ended
 * @param at        when that was seen
 * @param failure   why it could not start, by its own last message
 * @param postponed what has come meanwhile, in that order: it is decided after the end
 */
public record HeldExit(Event.ChildExited event, long at, Optional<String> failure,
        List<Event> postponed) {
    /** Its last messages are in its socket already; only who else has the socket keeps it open. */
    static final Duration TIMEOUT = Duration.ofMillis(100);

    /** When it is decided although the connection is still open. */
    public long deadline() {
        return at + TIMEOUT.toNanos();
    }

    public HeldExit because(String reason) {
        return new HeldExit(event, at, Optional.of(reason), postponed);
    }

    public HeldExit plus(Event later) {
        List<Event> longer = new ArrayList<>(postponed);
        longer.add(later);
        return new HeldExit(event, at, failure, List.copyOf(longer));
    }
}
