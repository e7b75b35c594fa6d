package dev.soleinit.supervisor.daemon;

import dev.soleinit.control.ReplyTo;
import dev.soleinit.process.Child;
import dev.soleinit.statemachine.model.DaemonCommand;
import dev.soleinit.statemachine.model.DaemonProcess;
import dev.soleinit.statemachine.model.Event;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * One daemon as far as it speaks for itself: what it proves itself with, its connection while it has
 * one, and what it was told over that and has not answered. Used on the loop's thread.
 */
final class DaemonLink {
    private final String token;
    private final long spawnGeneration;
    /** Of its process as it was last seen: a reload changes the one, MAINPID the other, never both. */
    private long generation;
    private Optional<Child> process = Optional.empty();
    private Optional<ReplyTo> connection = Optional.empty();
    private final Map<Long, DaemonCommand> asked = new HashMap<>();
    private long lastId;
    private boolean fenced;
    private boolean withheld;

    DaemonLink(long spawnGeneration, String token) {
        this.spawnGeneration = spawnGeneration;
        this.generation = spawnGeneration;
        this.token = token;
    }

    long spawnGeneration() {
        return spawnGeneration;
    }

    /** What it is called now. */
    long generation() {
        return generation;
    }

    /** Takes note of the process if it is this daemon's; whether it is. */
    boolean follows(DaemonProcess run) {
        Child child = run.child();
        boolean same = child.generation() == generation || process.isPresent()
                && process.get().pid() == child.pid() && process.get().startTicks() == child.startTicks();
        if (same) {
            process = Optional.of(child);
            generation = child.generation();
        }
        return same;
    }

    boolean isProvedBy(String given, long named) {
        return given.equals(token) && named >= spawnGeneration;
    }

    // ---- its connection

    boolean isOn(ReplyTo reply) {
        return connection.isPresent() && connection.get().connection() == reply.connection();
    }

    void attach(ReplyTo reply) {
        connection = Optional.of(reply);
        reply.keepOpen();
        asked.clear();
        // on a new connection it asks anew
        withheld = false;
    }

    void detach() {
        connection = Optional.empty();
        asked.clear();
    }

    /** It was told to take no new work, and nothing else since. */
    boolean isFenced() {
        return fenced;
    }

    /** Whether it is given no interrupted work, for which it has just asked, as it is fenced. */
    boolean withholdsWork() {
        withheld |= fenced;
        return fenced;
    }

    /** Whether it asked while it was fenced, which it no longer is; true once. */
    boolean owesOffer() {
        boolean owes = withheld && !fenced;
        withheld &= fenced;
        return owes;
    }

    Optional<Event> answered(long id, Optional<String> error) {
        return switch (asked.remove(id)) {
            case DaemonCommand.Fence _ when error.isEmpty() ->
                    Optional.of(new Event.DaemonFenced(generation));
            case DaemonCommand.Reload _ when error.isPresent() ->
                    Optional.of(new Event.DaemonFailed(generation, error.get()));
            case null, default -> Optional.empty();
        };
    }

    void send(DaemonCommand notice) {
        if (connection.isEmpty()) {
            return;
        }
        long id = ++lastId;
        fenced = switch (notice) {
            case DaemonCommand.Fence _, DaemonCommand.Drain _, DaemonCommand.Stopping _ -> true;
            case DaemonCommand.Unfence _ -> false;
            case DaemonCommand.Reload _ -> fenced;
        };
        if (notice instanceof DaemonCommand.Unfence) {
            // a late answer to what was lifted must not be taken for one to the next fence
            asked.values().removeIf(DaemonCommand.Fence.class::isInstance);
        }
        asked.put(id, notice);
        asked.keySet().removeIf(old -> old < id - 100);
        switch (notice) {
            case DaemonCommand.Fence(String reason) ->
                    write(id, "fence", reason.isEmpty() ? Map.of() : Map.of("reason", reason));
            case DaemonCommand.Unfence _ -> write(id, "unfence", Map.of());
            case DaemonCommand.Drain(Duration within) ->
                    write(id, "drain", Map.of("timeoutMs", within.toMillis()));
            case DaemonCommand.Reload(long next) -> write(id, "reload", Map.of("generation", next));
            case DaemonCommand.Stopping(String reason, Duration expected) -> write(id, "stopping",
                    Map.of("reason", reason, "expectedMs", expected.toMillis()));
        }
    }

    /** There is interrupted work that was not there when it began. */
    void offerInterrupted(long candidates) {
        if (connection.isPresent()) {
            write(++lastId, "resume", Map.of("candidates", candidates));
        }
    }

    private void write(long id, String method, Map<String, Object> params) {
        connection.orElseThrow().request(id, method, params);
    }
}
