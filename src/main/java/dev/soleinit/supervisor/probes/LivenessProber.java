package dev.soleinit.supervisor.probes;

import dev.soleinit.config.Configuration;
import dev.soleinit.config.settings.LivenessSettings;
import dev.soleinit.config.Readiness;
import dev.soleinit.statemachine.model.Event;
import dev.soleinit.statemachine.model.Phase;
import dev.soleinit.statemachine.state.State;
import dev.soleinit.supervisor.children.CommandRunner;
import dev.soleinit.supervisor.inbox.Inbox;
import dev.soleinit.supervisor.loop.StateObserver;
import dev.soleinit.supervisor.loop.TimedTask;
import dev.soleinit.supervisor.startup.BackgroundThreads;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Finds out whether a ready daemon still answers. So many probes in a row that fail, and it counts
 * as hung. Lives on the loop's thread; a network probe waits on one of its own, and what that waits
 * for (a name server, above all) is not waited for here: an overdue answer is a failure.
 */
public final class LivenessProber implements StateObserver, TimedTask {
    /** A probe bounds itself; this is for what it cannot bound. */
    private static final Duration OVERDUE = Duration.ofMillis(500);

    private final LivenessSettings live;
    private final CommandRunner helpers;
    private final Inbox inbox;
    private final LongSupplier clock;
    private long generation;
    private long nextAt = Phase.NEVER;
    private int failures;
    private long lastProbe;
    private boolean asking;
    private final BackgroundThreads threads;
    private Optional<Thread> network = Optional.empty();

    public LivenessProber(Configuration configuration, CommandRunner helpers, Inbox inbox,
            BackgroundThreads threads, LongSupplier clock) {
        this.threads = threads;
        this.clock = clock;
        this.live = configuration.liveness();
        this.helpers = helpers;
        this.inbox = inbox;
    }

    @Override
    public long deadline(long now) {
        return nextAt;
    }

    /** Follows the daemon: begins when a generation is ready, ends when it is not any more. */
    @Override
    public void follow(State state, long now) {
        long wanted = state.phase() instanceof Phase.Ready ready && !ready.stopping()
                ? ready.run().child().generation() : 0;
        if (wanted == generation || live.how() instanceof Readiness.None) {
            return;
        }
        generation = wanted;
        failures = 0;
        asking = false;
        nextAt = wanted == 0 ? Phase.NEVER
                : now + live.startPeriod().plus(live.interval()).toNanos();
    }

    /** Starts the next probe; the one after it waits for its answer. */
    @Override
    public void tick(long now) {
        if (now < nextAt) {
            return;
        }
        if (asking) {
            answered(lastProbe, Optional.of("no answer within " + live.timeout().toMillis() + " ms"));
            return;
        }
        asking = true;
        long probe = ++lastProbe;
        if (live.how() instanceof Readiness.Exec exec) {
            nextAt = Phase.NEVER;
            helpers.run(exec.command(), generation, live.timeout(), now, result -> answered(probe,
                    result.code() == 0 ? Optional.empty() : Optional.of(result.code() < 0
                            ? result.output() : "exit " + result.code() + (result.output().isEmpty()
                                    ? "" : ": " + result.output()))));
        } else if (network.isPresent() && network.get().isAlive()) {
            answered(probe, Optional.of("the probe before it still waits"));
        } else {
            nextAt = now + live.timeout().plus(OVERDUE).toNanos();
            network = threads.tryToStart("live", () -> {
                Optional<String> failure = NetworkProbe.failure(live.how(), live.timeout());
                inbox.run(() -> answered(probe, failure));
            });
            if (network.isEmpty()) {
                answered(probe, Optional.of("no thread is left to ask with"));
            }
        }
    }

    private void answered(long probe, Optional<String> failure) {
        if (probe != lastProbe || !asking) {
            return;
        }
        asking = false;
        failures = failure.isEmpty() ? 0 : failures + 1;
        nextAt = clock.getAsLong() + live.interval().toNanos();
        if (failures >= live.threshold()) {
            failures = 0;
            inbox.post(new Event.DaemonHung(generation, live.threshold()
                    + " live probes in a row failed, "
                    + "the last one: " + failure.orElse("")));
        }
    }
}
