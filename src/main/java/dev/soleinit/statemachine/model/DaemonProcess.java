package dev.soleinit.statemachine.model;

import dev.soleinit.process.Child;
import java.time.Duration;
import java.util.OptionalLong;

/**
 * A child that has been spawned and not yet seen to end.
 *
 * @param child     which process
 * @param spawnedAt when, in nanoseconds of the supervisor's monotonic clock
 * @param readyAt   since when it has been ready without interruption, if it is
 * @param aliveBy   until when a sign of life is due, while it is ready
 * @param watchdog  how long a sign of life may take, 0 for ever
 * @param maxDeadline until when the deadline of its start, reload or stop can be put off by its own word
 * @param origin    how it came to its generation
 */
public record DaemonProcess(Child child, long spawnedAt, OptionalLong readyAt,
        long watchdogDeadline, Duration watchdog,
        long maxDeadline, Origin origin) {
    /** A timeout that the daemon puts off ends at the latest after so many times its length. */
    private static final int MAX_EXTENSION = 10;

    /** How a process came to its generation. */
    public enum Origin {
        /** It was started as that. */
        SPAWNED,
        /** It has reloaded, as it said itself or as could be seen. */
        RELOADED,
        /** It was told to reload, and nothing has shown that it did. */
        UNCONFIRMED
    }

    /** A new process, which has {@code timeout} to get ready. */
    public static DaemonProcess spawned(Child child, long now, Duration watchdog, Duration timeout) {
        return new DaemonProcess(child, now, OptionalLong.empty(), Phase.NEVER, watchdog, now,
                Origin.SPAWNED)
                .extensible(now, timeout);
    }

    public DaemonProcess readySince(long now) {
        return new DaemonProcess(child, spawnedAt, OptionalLong.of(now), watchdogDeadline, watchdog,
                maxDeadline, origin);
    }

    /** The same process as another generation. */
    public DaemonProcess reloaded(long generation, Origin how) {
        return new DaemonProcess(new Child(generation, child.pid(), child.startTicks()), spawnedAt,
                readyAt, watchdogDeadline, watchdog, maxDeadline, how);
    }

    /** The same life in another process. */
    public DaemonProcess in(int pid, long startTicks) {
        return new DaemonProcess(new Child(child.generation(), pid, startTicks), spawnedAt, readyAt,
                watchdogDeadline, watchdog, maxDeadline, origin);
    }

    /** It gave a sign of life, or begins to owe some. */
    public DaemonProcess alive(long now) {
        return watched(watchdog, now);
    }

    /** With another interval, which begins now. */
    public DaemonProcess watched(Duration interval, long now) {
        return new DaemonProcess(child, spawnedAt, readyAt, interval.isZero() ? Phase.NEVER
                : now + interval.toNanos(), interval, maxDeadline, origin);
    }

    /** It has {@code timeout} for something, and can put that off. */
    public DaemonProcess extensible(long now, Duration timeout) {
        return new DaemonProcess(child, spawnedAt, readyAt, watchdogDeadline, watchdog,
                now + MAX_EXTENSION * timeout.toNanos(), origin);
    }

    /** What it has to do now cannot be put off. */
    public DaemonProcess inextensible() {
        return new DaemonProcess(child, spawnedAt, readyAt, watchdogDeadline, watchdog, 0, origin);
    }

    /** What becomes of a deadline when it asks for so much more time. */
    public long extended(long deadline, long now, Duration by) {
        return Math.max(deadline, Math.min(now + by.toNanos(), maxDeadline));
    }

    /** Whether it has been ready, without interruption, for long enough. */
    public boolean healthy(long now, Duration healthyAfter) {
        return readyAt.isPresent() && now - readyAt.getAsLong() >= healthyAfter.toNanos();
    }
}
