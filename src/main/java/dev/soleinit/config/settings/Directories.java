package dev.soleinit.config.settings;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Where the supervisor keeps what it writes.
 *
 * @param run            directory of PID file, marker and sockets
 * @param state          directory of what outlives the container
 * @param waitForOwner   how long to wait for another owner of the state directory
 * @param terminationLog the file where giving up is explained
 */
public record Directories(Path run, Path state, Optional<Duration> waitForOwner,
        Optional<Path> terminationLog) {}
