package dev.soleinit.machine;

import dev.soleinit.process.ExitStatus;
import java.time.Duration;

/**
 * One end of the daemon.
 *
 * @param generation which life
 * @param pid        its process id
 * @param status     how the kernel says it ended
 * @param uptime     from spawn to end
 * @param asked      somebody had asked for it
 * @param cause      why, in words
 * @param at         when, in nanoseconds of the supervisor's monotonic clock
 */
public record End(long generation, int pid, ExitStatus status, Duration uptime, boolean asked,
        String cause, long at) {}
