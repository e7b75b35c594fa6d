package dev.soleinit.statemachine.settings;

import java.time.Duration;

/** How long to wait after a failure. Plain functions. */
public final class Backoff {
    private Backoff() {}

    /** The delay after the {@code failures}-th quick failure in a row, with jitter. */
    public static Duration delay(Policy settings, int failures, double random) {
        return jittered(doubled(settings, failures), settings, random);
    }

    /** The longest delay, with jitter: for a failure that waiting alone will not mend. */
    public static Duration longest(Policy settings, double random) {
        return jittered(settings.backoff().max().toNanos(), settings, random);
    }

    private static double doubled(Policy settings, int failures) {
        double nanos = settings.backoff().initial().toNanos() * Math.pow(2, Math.max(0, failures - 1));
        return Math.min(nanos, settings.backoff().max().toNanos());
    }

    private static Duration jittered(double nanos, Policy settings, double random) {
        return Duration.ofNanos((long) (nanos * (1 + settings.backoff().jitter() * (2 * random - 1))));
    }
}
