package dev.soleinit.config.settings;

import dev.soleinit.config.Readiness;
import java.time.Duration;

/**
 * How a ready daemon is found to hang.
 *
 * @param how         the probe; {@link Readiness.None} for none
 * @param interval    pause between two probes
 * @param timeout     how long one may take
 * @param threshold   consecutive failures before a restart
 * @param startPeriod how long after readiness nothing is asked
 */
public record LivenessSettings(Readiness how, Duration interval, Duration timeout, int threshold,
        Duration startPeriod) {}
