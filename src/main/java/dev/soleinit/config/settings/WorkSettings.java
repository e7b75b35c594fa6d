package dev.soleinit.config.settings;

import java.time.Duration;

/**
 * How long is waited for the daemon's work.
 *
 * @param restartTimeout by a graceful restart, unless it says
 * @param safeWait       by a safe one, unless it says; zero for no bound
 * @param drainTimeout   by a stop: how long the daemon may drain
 */
public record WorkSettings(Duration restartTimeout, Duration safeWait, Duration drainTimeout) {}
