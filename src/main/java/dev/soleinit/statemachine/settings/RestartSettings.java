package dev.soleinit.statemachine.settings;

import dev.soleinit.process.Signal;
import java.time.Duration;

/**
 * The choices about restarts that lose no work, and about a daemon that hangs.
 *
 * @param cooldown      between two restarts that machines ask for
 * @param lookInterval  between two tries of a safe restart, or two runs of the preflight command
 * @param sayInterval   between two lines that say why a safe restart waits
 * @param fenceTimeout  how long the daemon may take to answer a fence
 * @param looks         there is a preflight command
 * @param reloadSignal  what makes a daemon reload that does not speak the protocol
 * @param reloadCommand there is a command instead of that signal
 * @param reloadProbed  a reloaded daemon has to be found ready by a probe
 * @param reloadTold    a reloaded daemon may say so by RELOADING=1 and READY=1
 * @param stopCommand   there is a command that stops the daemon in place of the stop signal
 * @param checks        there is a command that a reload or restart has to pass first
 * @param watchdog      how long a ready daemon may be without a sign of life, 0 for ever
 */
public record RestartSettings(Duration cooldown, Duration preflightInterval, Duration logInterval,
        Duration fenceTimeout, boolean hasPreflightCommand, Signal reloadSignal, boolean reloadCommand,
        boolean reloadProbed, boolean notifiesReload, boolean stopCommand,
        boolean checks, Duration watchdog) {
    /** The defaults of the product. */
    public static RestartSettings defaults() {
        return new RestartSettings(Duration.ofSeconds(30), Duration.ofMillis(500),
                Duration.ofSeconds(30), Duration.ofSeconds(2), false, Signal.HUP, false, false, false,
                false, false, Duration.ZERO);
    }
}
