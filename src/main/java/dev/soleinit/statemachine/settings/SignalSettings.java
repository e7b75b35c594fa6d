package dev.soleinit.statemachine.settings;

import dev.soleinit.process.Signal;
import java.util.Map;
import java.util.Optional;

/**
 * What becomes of signals on their way to the daemon. Immutable.
 *
 * @param forwardTo where they go
 * @param rewrite   signals to translate; an empty value drops the signal
 */
public record SignalSettings(ForwardTo forwardTo, Map<Signal, Optional<Signal>> rewrite) {
    /** Which processes a forwarded signal reaches. */
    public enum ForwardTo { MAIN, GROUP }

    /** The defaults of the product. */
    static SignalSettings defaults() {
        return new SignalSettings(ForwardTo.MAIN, Map.of());
    }
}
