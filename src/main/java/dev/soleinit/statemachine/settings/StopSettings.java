package dev.soleinit.statemachine.settings;

import java.time.Duration;

/**
 * How the daemon, and PID 1, come to an end. Immutable.
 *
 * @param timeout          stop signal to SIGKILL
 * @param containerTimeout the budget of whoever stops the container
 * @param forceGrace       stop signal to SIGKILL in a forced restart, never 0
 * @param sweepGrace       TERM to KILL for what is left when PID 1 ends
 * @param delay            how long a ready daemon serves on when PID 1 is to end, zero for not at all
 * @param command          there is a command that stops the daemon in place of the stop signal
 */
public record StopSettings(Duration timeout, Duration containerTimeout, Duration forceGrace,
        Duration sweepGrace, Duration delay, boolean command) {
    /** The defaults of the product. */
    static StopSettings defaults() {
        return new StopSettings(Duration.ofSeconds(8), Duration.ofSeconds(10), Duration.ofSeconds(1),
                Duration.ofSeconds(1), Duration.ZERO, false);
    }
}
