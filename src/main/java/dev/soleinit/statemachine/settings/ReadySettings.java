package dev.soleinit.statemachine.settings;

import java.time.Duration;

/**
 * When a daemon counts as ready and as alive. Immutable.
 *
 * @param timeout     spawn to readiness, 0 for no bound
 * @param whenSpawned there is no readiness to wait for
 * @param watchdog    how long a ready daemon may be without a sign of life, 0 for ever
 */
public record ReadySettings(Duration timeout, boolean whenSpawned, Duration watchdog) {
    /** The defaults of the product. */
    static ReadySettings defaults() {
        return new ReadySettings(Duration.ofSeconds(60), true, Duration.ZERO);
    }
}
