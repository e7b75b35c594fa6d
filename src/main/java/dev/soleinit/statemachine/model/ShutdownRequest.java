package dev.soleinit.statemachine.model;

import dev.soleinit.process.Signal;
import java.util.Set;

/**
 * The supervisor was told to end.
 *
 * @param signal     the first stop signal that came
 * @param since      when
 * @param sigintSeen an INT has come; the next one kills at once
 */
public record ShutdownRequest(Signal signal, long since, boolean sigintSeen) {
    private static final Set<Signal> STOPS = Set.of(Signal.TERM, Signal.INT, Signal.QUIT);

    /** Whether it is a stop signal. */
    public static boolean isMadeBy(Signal signal) {
        return STOPS.contains(signal);
    }
}
