package dev.soleinit.statemachine.settings;

import java.time.Duration;

/**
 * How long to wait after a failure. Immutable.
 *
 * @param initial first delay after a quick failure
 * @param max     longest delay
 * @param jitter  share by which a delay varies either way, 0 to 1
 */
public record BackoffSettings(Duration initial, Duration max, double jitter) {
    /** The defaults of the product. */
    static BackoffSettings defaults() {
        return new BackoffSettings(Duration.ofSeconds(2), Duration.ofSeconds(60), 0.1);
    }
}
