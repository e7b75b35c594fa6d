package dev.soleinit.supervisor.requests;

import dev.soleinit.config.Configuration;
import dev.soleinit.config.OverlapRules;
import dev.soleinit.config.Setting;
import dev.soleinit.control.Request.Overlap;
import dev.soleinit.statemachine.model.Phase;
import dev.soleinit.statemachine.state.State;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Whether a restart starts the next generation beside the running one, as the request or else the
 * setting {@code --overlap} has it, or why it must not. Used on the loop's thread.
 */
public final class OverlapGate {
    private static final String CANNOT = "Cannot restart with an overlap: ";

    private final Configuration configuration;
    private final boolean terminal;
    private final Supplier<OptionalLong> room;
    private final LongSupplier used;

    /** What is to be done. */
    sealed interface Verdict {}

    /** One after the other; {@code why} is not empty if an overlap was asked for. */
    record Ordinary(Optional<String> why) implements Verdict {}

    /** Both at once. */
    record Overlapping() implements Verdict {}

    /** Nothing, for this reason. */
    record Refused(String why) implements Verdict {}

    /**
     * The gate of one supervisor.
     *
     * @param terminal the daemon has a terminal
     * @param room     how much memory is left, in bytes; empty where nothing limits it
     * @param used     how much the running generation has
     */
    public OverlapGate(Configuration configuration, boolean terminal, Supplier<OptionalLong> room,
            LongSupplier used) {
        this.configuration = configuration;
        this.terminal = terminal;
        this.room = room;
        this.used = used;
    }

    Verdict judge(Optional<Overlap> asked, State state) {
        Overlap overlap = asked.orElseGet(this::setting);
        if (overlap == Overlap.NO) {
            return new Ordinary(Optional.empty());
        }
        Optional<String> never = never(overlap);
        if (never.isPresent()) {
            return new Refused(CANNOT + never.get());
        }
        if (!(state.phase() instanceof Phase.Ready ready) || ready.stopping()) {
            return new Ordinary(Optional.of("no generation is ready that could serve meanwhile"));
        }
        Optional<String> tooFull = tooFull();
        if (tooFull.isPresent()) {
            return overlap.yieldsToRoom() || setting().yieldsToRoom()
                    ? new Ordinary(tooFull) : new Refused(CANNOT + tooFull.get());
        }
        return new Overlapping();
    }

    private Overlap setting() {
        return switch (configuration.overlap()) {
            case "yes" -> Overlap.YES;
            case "if-room" -> Overlap.IF_ROOM;
            case "shared-port" -> Overlap.SHARED_PORT;
            case "if-room,shared-port" -> Overlap.IF_ROOM_SHARED_PORT;
            default -> Overlap.NO;
        };
    }

    private Optional<String> never(Overlap overlap) {
        if (configuration.compat().isPresent()) {
            return Optional.of("as another init it restarts nothing");
        }
        if (configuration.overlap().equals("never")) {
            return Optional.of("--overlap is never ("
                    + configuration.values().get(Setting.OVERLAP).origin()
                    + "): two of this daemon must not run at once");
        }
        boolean shared = overlap.sharesPort() || setting().sharesPort();
        if (configuration.descriptors().listen().isEmpty() && !shared) {
            return Optional.of(OverlapRules.noSockets());
        }
        if (terminal) {
            return Optional.of("the daemon has a terminal, which only one of two can read");
        }
        return OverlapRules.notTold(configuration.readiness().how());
    }

    private Optional<String> tooFull() {
        OptionalLong left = room.get();
        long needed = left.isPresent() ? used.getAsLong() : 0;
        return left.isEmpty() || left.getAsLong() >= needed ? Optional.empty()
                : Optional.of("the running generation uses " + megabytes(needed)
                        + ", and the memory limit leaves " + megabytes(left.getAsLong())
                        + " for the next one");
    }

    private static String megabytes(long bytes) {
        return bytes / 1_000_000 + " MB";
    }
}
