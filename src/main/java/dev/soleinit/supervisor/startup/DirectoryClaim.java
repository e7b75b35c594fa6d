package dev.soleinit.supervisor.startup;

import dev.soleinit.config.Configuration;
import dev.soleinit.os.Kernel;
import dev.soleinit.storage.StateDir;
import dev.soleinit.storage.SupervisorMarker;
import dev.soleinit.storage.files.RunDirException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** The run and the state directory, which are this supervisor's alone until it is closed. */
public record DirectoryClaim(StateDir stateDir, SupervisorLocks.Locks locks) {
    /** Takes both, or throws what to do about it; adds what is odd to the warnings. */
    public static DirectoryClaim take(Kernel os, Configuration configuration, List<String> warnings) {
        OptionalInt daemon = configuration.daemon().user().map(os::lookup)
                .map(user -> OptionalInt.of(user.uid())).orElse(OptionalInt.empty());
        StateDir stateDir = StateDir.open(configuration.directories().state(), daemon);
        warnings.addAll(SupervisorMarker.prepare(configuration.directories().run(), daemon));
        return new DirectoryClaim(stateDir, new SupervisorLocks(os, configuration).take());
    }

    /**
     * Another init needs no directory, and other than as PID 1 it is not whose status is asked for: where
     * they cannot be had the command runs all the same, and nothing is published.
     */
    public static Optional<DirectoryClaim> tryToTake(Kernel os, Configuration configuration,
            List<String> warnings) {
        try {
            return os.self() == 1 ? Optional.of(take(os, configuration, warnings)) : Optional.empty();
        } catch (RunDirException | StartupException unusable) {
            return Optional.empty();
        }
    }

    public void close() {
        locks.owner().close();
        locks.supervisor().close();
    }
}
