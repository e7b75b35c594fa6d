package dev.soleinit.statemachine.settings;

import java.time.Duration;
import java.util.Set;

/**
 * What an end of the daemon means. Immutable.
 *
 * @param restart        what an exit that nobody asked for leads to
 * @param healthyAfter   time of continuous readiness that makes a run healthy
 * @param crashLoopAfter quick failures in a row that count as a crash loop
 * @param giveUpAfter    quick failures in a row after which PID 1 exits, 0 for never
 * @param success        codes that count as 0 after an asked-for stop
 * @param restartMe      codes by which the daemon asks for its restart
 * @param lastGoodAfter  starts in a row that do not get ready with a changed configuration, after which
 *                       the last good one is put back; 0 if none is kept
 */
public record ExitSettings(RestartPolicy restart, Duration healthyAfter, int crashLoopAfter,
        int giveUpAfter, Set<Integer> success, Set<Integer> restartMe, int lastGoodAfter) {
    /** "Restart me" without any setting: EX_TEMPFAIL. Source: sysexits(3). */
    public static final int EXIT_RESTART = 75;
    /** Configuration error: EX_CONFIG. Source: sysexits(3). */
    public static final int EXIT_CONFIGURATION = 78;

    /** What an exit that nobody asked for leads to. */
    public enum RestartPolicy { ALWAYS, ON_FAILURE, NEVER }

    /** The defaults of the product. */
    static ExitSettings defaults() {
        return new ExitSettings(RestartPolicy.ALWAYS, Duration.ofSeconds(30), 5, 0, Set.of(),
                Set.of(EXIT_RESTART), 0);
    }
}
