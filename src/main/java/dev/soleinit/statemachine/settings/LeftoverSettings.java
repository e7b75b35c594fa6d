package dev.soleinit.statemachine.settings;

import java.time.Duration;

/**
 * What becomes of the processes that an ended daemon leaves. Immutable.
 *
 * @param killMode which of them are ended before the next generation starts
 * @param grace    stop signal to SIGKILL for them; 0 for SIGKILL at once
 */
public record LeftoverSettings(KillMode killMode, Duration grace) {
    /** Which processes are ended with a generation. Source: KillMode= in systemd.kill(5). */
    public enum KillMode {
        /** Its process group, and all that descends from it as far as that can be known. */
        ALL,
        /** Its process group alone. */
        GROUP,
        /** The main process alone. */
        PROCESS
    }

    /** The defaults of the product. */
    public static LeftoverSettings defaults() {
        return new LeftoverSettings(KillMode.ALL, Duration.ofSeconds(2));
    }
}
