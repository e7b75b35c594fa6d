package dev.soleinit.statemachine.settings;

import java.time.Duration;

/**
 * When a daemon counts as ready and as alive. Immutable.
 *
 * @param timeout  spawn to readiness, 0 for no bound
 * @param source   by what readiness is known
 * @param watchdog how long a ready daemon may be without a sign of life, 0 for ever
 */
public record ReadySettings(Duration timeout, Source source, Duration watchdog) {
    /** Who says that a daemon is ready. */
    public enum Source {
        /** Nobody: it is when it has been spawned. */
        SPAWN,
        /** It says so on its NOTIFY_SOCKET. */
        NOTIFY,
        /** It says so on the control socket. */
        ATTACH,
        /** The supervisor finds it out by asking. */
        PROBE
    }

    /** The defaults of the product. */
    static ReadySettings defaults() {
        return new ReadySettings(Duration.ofSeconds(60), Source.SPAWN, Duration.ZERO);
    }

    /** There is no readiness to wait for. */
    public boolean whenSpawned() {
        return source == Source.SPAWN;
    }
}
