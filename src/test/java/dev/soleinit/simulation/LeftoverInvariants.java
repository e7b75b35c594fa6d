package dev.soleinit.simulation;

import dev.soleinit.process.RestartMode;
import dev.soleinit.process.Signal;
import dev.soleinit.statemachine.model.Effect;
import dev.soleinit.statemachine.model.Event;
import dev.soleinit.statemachine.settings.LeftoverSettings.KillMode;
import dev.soleinit.statemachine.settings.Policy;
import java.util.List;

/** What must hold between two generations, seen from outside. */
final class LeftoverInvariants extends Monitor {
    private static final long NEVER = Long.MAX_VALUE;

    private final Policy settings;
    private long now;
    private long stoppedAt = NEVER;
    private long hurriedAt = NEVER;

    LeftoverInvariants(Policy settings) {
        this.settings = settings;
    }

    void before(Event event, long at) {
        now = at;
        if (event instanceof Event.Spawned) {
            stoppedAt = NEVER;
            hurriedAt = NEVER;
        } else if (event instanceof Event.RestartRequested asked && asked.mode() == RestartMode.FORCE) {
            hurriedAt = Math.min(hurriedAt, now);
        }
    }

    /** After an event; {@code living} is how many there really are. */
    void after(List<Effect> effects, int living) {
        for (Effect effect : effects) {
            if (effect instanceof Effect.Spawn) {
                require(settings.leftovers().killMode() == KillMode.PROCESS
                        || living == 0, "neverOverlaps",
                        "spawned beside " + living + " of the generation before");
            } else if (effect instanceof Effect.StopLeftovers(var _, Signal signal)) {
                require(!signal.equals(Signal.KILL), "leftoversGetTime", "their stop signal is KILL");
                stoppedAt = now;
            } else if (effect instanceof Effect.KillLeftovers) {
                require(stoppedAt != NEVER && now >= earliest(),
                        "leftoversGetTime",
                        stoppedAt == NEVER ? "killed without a stop signal"
                                : "killed after " + (now - stoppedAt) / 1_000_000 + " ms");
                require(now <= stoppedAt + settings.leftovers().grace().toNanos(),
                        "leftoversAreKilled", "killed as late as "
                                + (now - stoppedAt) / 1_000_000 + " ms after the stop signal");
            }
        }
    }

    private long earliest() {
        long hurried = hurriedAt == NEVER ? NEVER : hurriedAt + settings.stop().forceGrace().toNanos();
        return Math.min(stoppedAt + least(), Math.max(stoppedAt, hurried));
    }

    /**
     * The whole grace, but for what would not fit inside the container's budget: the end of a
     * connection that outlives the daemon is waited for out of that, too.
     */
    private long least() {
        long spare = settings.stop().containerTimeout().minus(settings.stop().timeout()).toNanos()
                - 600_000_000L;
        return Math.min(settings.leftovers().grace().toNanos(), spare);
    }

    @Override
    void print(Canonical out) {
        out.since(stoppedAt, 3);
        out.since(hurriedAt, 3);
    }
}
