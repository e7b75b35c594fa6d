package dev.soleinit.config;

import dev.soleinit.machine.Settings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Everything the supervisor was told. Immutable; made by {@link Loader}.
 *
 * @param settings       what decisions hang on
 * @param command        program and arguments of the daemon; may be empty
 * @param runDir         directory of PID file, marker and sockets
 * @param stateDir       directory of what outlives the container
 * @param user           who the daemon runs as
 * @param umask          its file mode mask, 0 to 0777
 * @param chdir          its working directory
 * @param env            what is added to its environment
 * @param readiness      how it is found to be ready
 * @param readyInterval  pause between two probes, at least 10 ms
 * @param terminationLog where giving up is explained
 * @param waitForOwner   how long to wait for another owner of the state directory
 * @param warnings       what does not fit together, one line each
 * @param values         every setting as it was given, with where it came from
 */
public record Configuration(Settings settings, List<String> command, Path runDir, Path stateDir,
        Optional<String> user, OptionalInt umask, Optional<Path> chdir, Map<String, String> env,
        Readiness readiness, Duration readyInterval, Optional<Path> terminationLog,
        Optional<Duration> waitForOwner, List<String> warnings, Map<Setting, Value> values) {

    /**
     * A setting's value.
     *
     * @param texts  as it was written; several where the setting is repeatable
     * @param origin {@code flag}, {@code variable NAME}, {@code FILE line N} or {@code default}
     */
    public record Value(List<String> texts, String origin) {}

    /** How much the supervisor says: error, warn, info or debug. */
    public String logLevel() {
        return values.get(Setting.LOG_LEVEL).texts().getFirst();
    }
}
