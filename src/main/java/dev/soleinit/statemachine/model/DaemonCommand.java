package dev.soleinit.statemachine.model;

import java.time.Duration;

/** What the supervisor tells a daemon that speaks the protocol. */
public sealed interface DaemonCommand {
    /**
     * Take no new work; answer once that holds.
     *
     * @param reason {@link #OVERLAP} if another process takes the work from now on; else empty
     */
    record Fence(String reason) implements DaemonCommand {}

    /** A newer generation runs beside this one, and is the current one. */
    String OVERLAP = "overlap";

    /** Take new work again. */
    record Unfence() implements DaemonCommand {}

    /** Take no new work, and say when the last piece has ended; time is up after {@code within}. */
    record Drain(Duration within) implements DaemonCommand {}

    /** Build yourself anew in this process, and be ready as {@code generation}. */
    record Reload(long generation) implements DaemonCommand {}

    /** The stop signal comes next; a new process is expected to be ready after {@code expected}. */
    record Stopping(String reason, Duration expected) implements DaemonCommand {}
}
