package dev.soleinit.cli;

import dev.soleinit.config.Configuration;
import dev.soleinit.rundir.Lock;
import dev.soleinit.rundir.Marker;
import dev.soleinit.rundir.StateDir;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * The guard against a second daemon, asked when no supervisor answers. The variable is
 * authoritative: where it is set nothing is ever spawned, whatever else seems true. Stateless.
 */
final class StartGuard {
    private StartGuard() {}

    /** Returns only where nobody owns the daemon, so that a supervisor may be started. */
    static void requireNoOwner(Configuration configuration, Map<String, String> environment,
            String nobody) throws CliException {
        String marker = environment.get("DAEMON_SUPERVISOR");
        if (marker != null && !marker.isEmpty()) {
            throw new CliException(ExitCodes.NO_SUPERVISOR, "Cannot start: DAEMON_SUPERVISOR=" + marker
                    + " says that a supervisor owns the daemon, but " + nobody + "; nothing was "
                    + "spawned. Look at the container's log (docker logs) and restart the container");
        }
        Path runDir = configuration.runDir();
        if (Lock.isHeld(runDir.resolve("supervisor.lock"))) {
            throw new CliException(ExitCodes.TRY_LATER, "Cannot start: a supervisor owns " + runDir
                    + Marker.read(runDir).map(known -> " (pid " + known.pid() + ", instance "
                            + known.instance() + ")").orElse("")
                    + " but does not answer; try again shortly");
        }
        Path ownerLock = configuration.stateDir().resolve("owner.lock");
        if (Files.exists(ownerLock) && Lock.isHeld(ownerLock)) {
            throw new CliException(ExitCodes.TRY_LATER, "Cannot start: the state directory "
                    + configuration.stateDir() + " is owned by "
                    + StateDir.describeOwner(configuration.stateDir()));
        }
    }
}
