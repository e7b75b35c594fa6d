package dev.soleinit.cli.start;

import dev.soleinit.cli.CliException;
import dev.soleinit.cli.ExitCodes;
import dev.soleinit.config.Configuration;
import dev.soleinit.storage.ProcessLock;
import dev.soleinit.storage.StateDir;
import dev.soleinit.storage.SupervisorMarker;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * The guard against a second daemon, asked when no supervisor answers. The variable is
 * authoritative: where it is set nothing is ever spawned, whatever else seems true. Stateless.
 */
final class StartGuard {
    private StartGuard() {}

    /** Returns only where no variable says that a supervisor owns the daemon. */
    static void requireNoMarker(Map<String, String> environment, String nobody)
            throws CliException {
        String marker = environment.getOrDefault("DAEMON_SUPERVISOR", "");
        if (!marker.isEmpty()) {
            throw new CliException(ExitCodes.NO_SUPERVISOR, "Cannot start: DAEMON_SUPERVISOR=" + marker
                    + " says that a supervisor owns the daemon, but " + nobody + "; nothing was "
                    + "spawned. Look at the container's log (docker logs) and restart the container");
        }
    }

    /** Returns only where nobody owns the daemon, so that a supervisor may be started. */
    static void requireNoOwner(Configuration configuration, String nobody) throws CliException {
        Path runDir = configuration.directories().run();
        if (isOwned(runDir)) {
            throw new CliException(ExitCodes.TRY_LATER, "Cannot start: a supervisor owns " + runDir
                    + SupervisorMarker.read(runDir).map(known -> " (pid " + known.pid() + ", instance "
                            + known.instance() + ")").orElse("")
                    + ", but " + nobody + "; try again shortly");
        }
        Path ownerLock = configuration.directories().state().resolve("owner.lock");
        if (Files.exists(ownerLock) && ProcessLock.isHeld(ownerLock)) {
            throw new CliException(ExitCodes.TRY_LATER, "Cannot start: the state directory "
                    + configuration.directories().state() + " is owned by "
                    + StateDir.describeOwner(configuration.directories().state())
                    + "; stop that one, or give --state-dir");
        }
    }

    /** Whether a supervisor lives that uses the run directory. The kernel's lock alone decides. */
    static boolean isOwned(Path runDir) {
        return ProcessLock.isHeld(runDir.resolve("supervisor.lock"));
    }
}
