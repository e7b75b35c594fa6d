package dev.soleinit.statemachine.settings;

import java.time.Duration;

/**
 * The choices about restarts that lose no work. Immutable.
 *
 * @param cooldown            between two restarts that machines ask for
 * @param preflightInterval   between two tries of a safe restart, or two runs of the preflight command
 * @param logInterval         between two lines that say why a safe restart waits
 * @param fenceTimeout        how long the daemon may take to answer a fence
 * @param hasPreflightCommand there is a preflight command, or connections are counted: somebody to ask
 * @param checks              there is a command that a reload or restart has to pass first
 */
public record RestartSettings(Duration cooldown, Duration preflightInterval, Duration logInterval,
        Duration fenceTimeout, boolean hasPreflightCommand, boolean checks) {
    /** The defaults of the product. */
    public static RestartSettings defaults() {
        return new RestartSettings(Duration.ofSeconds(30), Duration.ofMillis(500),
                Duration.ofSeconds(30), Duration.ofSeconds(2), false, false);
    }
}
