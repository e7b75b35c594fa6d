package dev.soleinit.lifecycle;

import dev.soleinit.watch.Change;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** What one life of the daemon has; a reload gets a new one. For any thread. */
public interface Context {
    /** The generation; 0 without a supervisor, 1 more after each reload there. */
    long generation();

    /** Whether a supervisor is there. */
    boolean isSupervised();

    /** The door for all work; the same in every life. */
    WorkGate gate();

    /**
     * What is to be stopped when this life ends, in reverse order; what {@link Service#start}
     * returned is the last to be added and the first to be closed.
     */
    ShutdownSequence shutdown();

    /** Called between two lives, so that what was interrupted does not block the next one. */
    void onReset(Runnable hook);

    /**
     * State that survives restarts and reloads: returns what the last life left, and asks for the
     * next snapshot when this life ends, after its work has. Confirmed once this life is ready.
     *
     * @param name     1 to 64 of {@code a-z 0-9 . _ -}
     * @param snapshot the state as JSON values: maps, lists, strings, numbers, booleans, nulls
     */
    Restored state(String name, Supplier<Map<String, Object>> snapshot);

    /**
     * Interrupted work of earlier lives is handed to {@code handler} once this life is ready, one
     * piece at a time, 10 s each. A handler that returns has taken it over; one that throws or takes
     * too long will be asked again in the next life.
     */
    void resume(Resumer handler);

    /** Watches files while this life lasts. */
    void watch(List<Path> paths, List<String> ignore, Duration quiet, Consumer<Change> taker);

    /** Has the daemon rebuilt in this process; through the supervisor, where there is one. */
    void reload();

    /** Takes over one piece of interrupted work. */
    @FunctionalInterface
    interface Resumer {
        void resume(Candidate candidate) throws Exception;
    }
}
