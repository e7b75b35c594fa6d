package dev.soleinit.config.settings;

import dev.soleinit.config.Readiness;
import java.time.Duration;

/**
 * How the daemon is found to be ready.
 *
 * @param how      who says so, or the probe
 * @param interval pause between two probes, at least 10 ms
 */
public record ReadinessSettings(Readiness how, Duration interval) {}
