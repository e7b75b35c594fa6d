package dev.soleinit.statemachine.settings;

import dev.soleinit.process.Signal;

/**
 * How a daemon is made to reload, and how it is seen that it did. Immutable.
 *
 * @param signal   what makes a daemon reload that does not speak the protocol
 * @param command  there is a command instead of that signal
 * @param probed   a reloaded daemon has to be found ready by a probe
 * @param notifies a reloaded daemon may say so by RELOADING=1 and READY=1
 */
public record ReloadSettings(Signal signal, boolean command, boolean probed, boolean notifies) {
    /** The defaults of the product. */
    static ReloadSettings defaults() {
        return new ReloadSettings(Signal.HUP, false, false, false);
    }
}
