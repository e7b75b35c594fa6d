package dev.soleinit.lifecycle;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** What the last life left: nothing, a state, or something that could not be restored. */
public sealed interface Restored {
    /** There was nothing to restore. */
    record None() implements Restored {}

    /**
     * A state.
     *
     * @param value      as it was saved
     * @param age        since then, by the wall clock; zero if that was set back
     * @param attempt    1 for the first life that gets it
     * @param generation whose state it was
     */
    record State(Map<String, Object> value, Duration age, int attempt, long generation)
            implements Restored {}

    /**
     * There was something, and it could not be restored.
     *
     * @param quarantinedTo where it lies now, for somebody to look at
     */
    record Failed(String reason, Optional<Path> quarantinedTo) implements Restored {}

    /** The state, if there is one. */
    default Optional<Map<String, Object>> found() {
        return this instanceof State state ? Optional.of(state.value()) : Optional.empty();
    }
}
