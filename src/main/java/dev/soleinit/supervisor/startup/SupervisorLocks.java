package dev.soleinit.supervisor.startup;

import dev.soleinit.config.Configuration;
import dev.soleinit.os.Kernel;
import dev.soleinit.process.Signal;
import dev.soleinit.process.SupervisorExit;
import dev.soleinit.storage.ProcessLock;
import dev.soleinit.storage.StateDir;
import dev.soleinit.storage.SupervisorMarker;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Takes the two kernel locks that make this supervisor the only owner. The locks alone decide;
 * files only explain. Runs once, before the loop.
 */
public final class SupervisorLocks {
    private static final Duration POLL_INTERVAL = Duration.ofMillis(200);

    /** The locks, held until the process ends; or the reason for which it has to. */
    public record Locks(ProcessLock supervisor, ProcessLock owner) {}

    private final Kernel os;
    private final Configuration configuration;

    public SupervisorLocks(Kernel os, Configuration configuration) {
        this.os = os;
        this.configuration = configuration;
    }

    public Locks take() {
        ProcessLock supervisor = ProcessLock
                .acquire(configuration.directories().run().resolve("supervisor.lock"))
                .orElseThrow(() -> new StartupException(SupervisorExit.TAKEN,
                        "Cannot supervise: another supervisor owns " + configuration.directories().run()
                        + explained(SupervisorMarker.read(configuration.directories().run()))
                        + "; stop it first, or give this one its own --run-dir"));
        return new Locks(supervisor, owner());
    }

    private ProcessLock owner() {
        Path path = configuration.directories().state().resolve("owner.lock");
        long deadline = os.nanoTime()
                + configuration.directories().waitForOwner().map(Duration::toNanos).orElse(0L);
        while (true) {
            Optional<ProcessLock> lock = ProcessLock.acquire(path);
            if (lock.isPresent()) {
                return lock.get();
            }
            if (os.nanoTime() >= deadline) {
                throw new StartupException(SupervisorExit.TAKEN,
                        "Cannot supervise: the state directory " + configuration.directories().state()
                        + " is owned by "
                        + StateDir.describeOwner(configuration.directories().state())
                        + "; stop that one, wait with --wait-for-owner, or give --state-dir");
            }
            sleepHandlingSignals();
        }
    }

    /** A stop wins over waiting, too. */
    private void sleepHandlingSignals() {
        os.await(POLL_INTERVAL);
        List<Signal> signals = os.pollSignals();
        for (Signal signal : signals) {
            if (signal.equals(Signal.TERM) || signal.equals(Signal.INT)
                    || signal.equals(Signal.QUIT)) {
                throw new StartupException(SupervisorExit.SIGNALED + signal.number(),
                        "Stopped by " + signal + " while waiting for the owner of the state");
            }
        }
        while (os.reap().isPresent()) {
            // orphans die here as well
        }
    }

    private static String explained(Optional<SupervisorMarker> marker) {
        return marker.map(known -> " (pid " + known.pid() + ", instance " + known.instance() + ")")
                .orElse("");
    }
}
