package dev.soleinit.config.settings;

import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * How long is waited for the daemon's work, and what counts as such beside what it reports.
 *
 * @param restartTimeout by a graceful restart, unless it says
 * @param safeWait       by a safe one, unless it says; zero for no bound
 * @param drainTimeout   by a stop: how long the daemon may drain
 * @param countedPorts   the ports whose connections count, beside those of kept sockets; without it no
 *                       connections do
 */
public record WorkSettings(Duration restartTimeout, Duration safeWait, Duration drainTimeout,
        Optional<Set<Integer>> countedPorts) {}
