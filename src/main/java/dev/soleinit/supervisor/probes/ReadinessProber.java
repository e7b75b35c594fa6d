package dev.soleinit.supervisor.probes;

import dev.soleinit.config.Configuration;
import dev.soleinit.config.Readiness;
import dev.soleinit.os.Kernel;
import dev.soleinit.os.Kernel.SpawnResult;
import dev.soleinit.process.ExitStatus;
import dev.soleinit.process.Signal;
import dev.soleinit.statemachine.model.Event;
import dev.soleinit.statemachine.model.Phase;
import dev.soleinit.statemachine.settings.ReadySettings.Source;
import dev.soleinit.supervisor.children.Spawner;
import dev.soleinit.supervisor.inbox.Inbox;
import dev.soleinit.supervisor.startup.BackgroundThreads;
import java.time.Duration;
import java.util.Optional;

/**
 * Finds out whether a starting or reloading daemon is ready, where it does not say so itself. Lives
 * on the loop's thread; only the network probes run on a thread of their own ({@link NetworkProbe}).
 * What it finds goes into the {@link Inbox} as the generation's own word.
 */
final class ReadinessProber {
    private static final Duration PROBE_TIMEOUT = Duration.ofSeconds(5);

    private final Kernel os;
    private final Spawner spawner;
    private final Configuration configuration;
    private final Inbox inbox;
    private long generation;
    /** It was ready: probes that fail say so, and go on when they succeed. */
    private boolean reloading;
    private int probe;
    private long wakeAt = Phase.NEVER;
    private final BackgroundThreads threads;
    private Optional<Thread> network = Optional.empty();

    ReadinessProber(Kernel os, Spawner spawner, Configuration configuration, Inbox inbox,
            BackgroundThreads threads) {
        this.threads = threads;
        this.os = os;
        this.spawner = spawner;
        this.configuration = configuration;
        this.inbox = inbox;
    }

    /** When {@link #tick} wants to be called again. */
    long deadline() {
        return wakeAt;
    }

    /** Follows a daemon: begins with a starting generation, ends with it. */
    void follow(Phase phase, boolean attached, long now) {
        long wanted = switch (phase) {
            case Phase.Starting starting -> starting.run().child().generation();
            case Phase.Reloading reloading when !attached -> reloading.next();
            case Phase.Idle _, Phase.Spawning _, Phase.Ready _, Phase.Draining _, Phase.Reloading _,
                    Phase.StopDelayed _, Phase.Terminating _, Phase.Killing _, Phase.ClearingLeftovers _,
                    Phase.BackingOff _, Phase.Sweeping _, Phase.Done _ -> 0;
        };
        if (wanted == generation) {
            return;
        }
        cancel();
        generation = wanted;
        reloading = phase instanceof Phase.Reloading;
        if (wanted != 0) {
            begin(now);
        }
    }

    private void begin(long now) {
        switch (configuration.readiness().how()) {
            case Readiness.None _, Readiness.Notify _, Readiness.Attach _ -> { }
            case Readiness.Exec _ -> wakeAt = now;
            case Readiness.Tcp _, Readiness.Http _ -> askOverNetwork(now);
        }
    }

    /** Without a thread it is not asked yet: that is tried again as often as it would be asked. */
    private void askOverNetwork(long now) {
        network = threads.tryToStart("probe", new NetworkProbe(configuration.readiness().how(),
                configuration.readiness().interval(), generation, reloading, inbox));
        wakeAt = network.isPresent() ? Phase.NEVER : now + configuration.readiness().interval().toNanos();
    }

    private void cancel() {
        network.ifPresent(Thread::interrupt);
        network = Optional.empty();
        if (probe != 0) {
            os.killGroup(probe, Signal.KILL);
        }
        probe = 0;
        wakeAt = Phase.NEVER;
    }

    /** Starts the next probe, or ends one that hangs. */
    void tick(long now) {
        if (now < wakeAt) {
            return;
        }
        if (probe != 0) {
            os.killGroup(probe, Signal.KILL);
            wakeAt = Phase.NEVER;
            return;
        }
        if (configuration.readiness().how() instanceof Readiness.Exec exec) {
            switch (spawner.probe(exec.command(), generation)) {
                case SpawnResult.Started started -> {
                    probe = started.pid();
                    wakeAt = now + PROBE_TIMEOUT.toNanos();
                }
                case SpawnResult.Failed _ ->
                        wakeAt = now + configuration.readiness().interval().toNanos();
            }
        } else {
            askOverNetwork(now);
        }
    }

    /** Whether this is a probe that runs. */
    boolean has(int pid) {
        return probe != 0 && probe == pid;
    }

    /** Whether the dead child was a probe of ours. */
    boolean reaped(int pid, ExitStatus status, long now) {
        if (probe == 0 || pid != probe) {
            return false;
        }
        probe = 0;
        boolean ready = status.code() == 0;
        wakeAt = ready && !reloading ? Phase.NEVER : now + configuration.readiness().interval().toNanos();
        if (ready) {
            inbox.post(new Event.DaemonReady(generation, Source.PROBE));
        } else if (reloading) {
            inbox.post(new Event.DaemonNotReady(generation));
        }
        return true;
    }
}
