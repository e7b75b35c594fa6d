package dev.soleinit.control;

import java.util.Optional;

/**
 * A piece of work as a daemon tells it.
 *
 * @param id          1 to 128 characters, unique within the daemon
 * @param kind        {@code session}, {@code task}, {@code queue}, {@code reply}, or its own word
 * @param description for people, cut at 80 characters
 * @param running     it runs, and blocks a safe restart; false for what is only queued
 * @param checkpoint  at most 4,096 characters that come back with the work after an interruption
 * @param startedAt   ISO 8601, as the daemon says
 */
public record ReportedWork(String id, String kind, String description, boolean running,
        Optional<String> checkpoint, Optional<String> startedAt) {
    private static final int CHARACTERS = 200;

    int memoryWeight() {
        return 1 + checkpoint.map(String::length).orElse(0) / CHARACTERS;
    }
}
