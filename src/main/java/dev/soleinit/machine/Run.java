package dev.soleinit.machine;

import dev.soleinit.process.Child;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A child that has been spawned and not yet seen to end.
 *
 * @param child     which process
 * @param spawnedAt when, in nanoseconds of the supervisor's monotonic clock
 * @param readyAt   since when it has been ready without interruption, if it is
 * @param aliveBy   until when a sign of life is due, while it is ready
 * @param watchdog  how often it wants to give one by its own word, if not as configured; zero for never
 * @param origin    how it came to its generation
 */
public record Run(Child child, long spawnedAt, OptionalLong readyAt, long aliveBy,
        Optional<Duration> watchdog, Origin origin) {
    /** How a process came to its generation. */
    public enum Origin {
        /** It was started as that. */
        SPAWNED,
        /** It has reloaded, as it said itself or as could be seen. */
        RELOADED,
        /** It was told to reload, and nothing has shown that it did. */
        UNCONFIRMED
    }

    static Run spawned(Child child, long now) {
        return new Run(child, now, OptionalLong.empty(), Phase.NEVER, Optional.empty(), Origin.SPAWNED);
    }

    Run readySince(long now) {
        return new Run(child, spawnedAt, OptionalLong.of(now), aliveBy, watchdog, origin);
    }

    /** The same process as another generation. */
    Run reloaded(long generation, Origin how) {
        return new Run(new Child(generation, child.pid(), child.startTicks()), spawnedAt, readyAt,
                aliveBy, watchdog, how);
    }

    /** The same life in another process. */
    Run in(int pid, long startTicks) {
        return new Run(new Child(child.generation(), pid, startTicks), spawnedAt, readyAt, aliveBy,
                watchdog, origin);
    }

    Run aliveBy(long next) {
        return new Run(child, spawnedAt, readyAt, next, watchdog, origin);
    }

    Run watchdog(Duration interval) {
        return new Run(child, spawnedAt, readyAt, aliveBy, Optional.of(interval), origin);
    }

    /** Whether it has been ready, without interruption, for long enough. */
    boolean healthy(long now, Duration healthyAfter) {
        return readyAt.isPresent() && now - readyAt.getAsLong() >= healthyAfter.toNanos();
    }
}
