package dev.soleinit.lifecycle;

import java.time.Instant;
import java.util.Optional;

/**
 * Work that an earlier life of the daemon had taken on and not ended.
 *
 * @param id          as it was given to {@link WorkGate#begin}
 * @param kind        likewise
 * @param description likewise
 * @param running     it ran; false if it was only queued
 * @param checkpoint  what was last given to {@link Work#checkpoint}
 * @param generation  whose work it was
 * @param deadline    until when it may be resumed
 * @param attempt     1 for the first time it is handed over
 */
public record InterruptedWork(String id, String kind, String description, boolean running,
        Optional<String> checkpoint, long generation, Instant deadline, int attempt) {}
