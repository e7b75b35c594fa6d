package dev.soleinit.supervise;

import dev.soleinit.config.Configuration;
import dev.soleinit.config.Live;
import dev.soleinit.config.Readiness;
import dev.soleinit.machine.Event;
import dev.soleinit.machine.Phase;
import dev.soleinit.machine.State;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Finds out whether a ready daemon still answers. So many probes in a row that fail, and it counts
 * as hung. Lives on the loop's thread; a network probe waits on one of its own.
 */
final class Liveness {
    private final Live live;
    private final Helpers helpers;
    private final Inbox inbox;
    private final LongSupplier clock;
    private long generation;
    private long nextAt = Phase.NEVER;
    private int failures;

    Liveness(Configuration configuration, Helpers helpers, Inbox inbox, LongSupplier clock) {
        this.clock = clock;
        this.live = configuration.live();
        this.helpers = helpers;
        this.inbox = inbox;
    }

    /** When {@link #turn} wants to be called. */
    long deadline() {
        return nextAt;
    }

    /** Follows the daemon: begins when a generation is ready, ends when it is not any more. */
    void follow(State state, long now) {
        long wanted = state.phase() instanceof Phase.Ready ready && !ready.leaving()
                ? ready.run().child().generation() : 0;
        if (wanted == generation || live.how() instanceof Readiness.None) {
            return;
        }
        generation = wanted;
        failures = 0;
        nextAt = wanted == 0 ? Phase.NEVER
                : now + live.startPeriod().plus(live.interval()).toNanos();
    }

    /** Starts the next probe; the one after it waits for its answer. */
    void turn(long now) {
        if (now < nextAt) {
            return;
        }
        nextAt = Phase.NEVER;
        long asked = generation;
        if (live.how() instanceof Readiness.Exec exec) {
            helpers.run(exec.command(), asked, live.timeout(), now, result -> answered(asked,
                    result.code() == 0 ? Optional.empty() : Optional.of(result.code() < 0
                            ? result.output() : "exit " + result.code() + (result.output().isEmpty()
                                    ? "" : ": " + result.output()))));
        } else {
            Thread.ofPlatform().daemon().name("live").start(() -> {
                Optional<String> failure = NetworkProbe.failure(live.how(), live.timeout());
                inbox.run(() -> answered(asked, failure));
            });
        }
    }

    private void answered(long asked, Optional<String> failure) {
        if (asked != generation) {
            return;
        }
        failures = failure.isEmpty() ? 0 : failures + 1;
        nextAt = clock.getAsLong() + live.interval().toNanos();
        if (failures >= live.threshold()) {
            failures = 0;
            inbox.tell(new Event.HungTold(asked, live.threshold() + " live probes in a row failed, "
                    + "the last one: " + failure.orElse("")));
        }
    }
}
