package dev.soleinit.statemachine.settings;

import java.util.Optional;

/**
 * The numbers and choices that decisions hang on, in groups. Immutable; made by {@code config} from
 * flags, environment and file.
 *
 * @param exits        what an end of the daemon means
 * @param backoff      how long to wait after a failure
 * @param stop         how the daemon, and PID 1, come to an end
 * @param ready        when a daemon counts as ready and as alive
 * @param signals      what becomes of signals on their way to the daemon
 * @param reload       how a daemon is made to reload
 * @param coordination the choices about restarts that lose no work
 * @param leftovers    what becomes of the processes that an ended daemon leaves
 * @param plainInit    it is not to do more than an init has to
 */
public record Policy(ExitSettings exits, BackoffSettings backoff, StopSettings stop,
        ReadySettings ready, SignalSettings signals, ReloadSettings reload,
        RestartSettings coordination, LeftoverSettings leftovers, Optional<PlainInit> plainInit) {
    /** The defaults of the product. */
    public static Policy defaults() {
        return new Policy(ExitSettings.defaults(), BackoffSettings.defaults(), StopSettings.defaults(),
                ReadySettings.defaults(), SignalSettings.defaults(), ReloadSettings.defaults(),
                RestartSettings.defaults(), LeftoverSettings.defaults(), Optional.empty());
    }
}
