package dev.soleinit.config;

import dev.soleinit.config.loading.ConfigurationLoader;
import dev.soleinit.config.loading.ListenParser;
import dev.soleinit.process.ListenAddress;
import dev.soleinit.statemachine.settings.Policy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Everything the supervisor was told. Immutable; made by {@link ConfigurationLoader}.
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
 * @param watch          files and directories whose change of content counts
 * @param ignore         patterns of watched files that do not count
 * @param onChange       what such a change leads to
 * @param check          command that a change has to pass, or empty
 * @param watchQuiet     how long watched files must be quiet
 * @param watchPoll      how often they are read although nothing was seen
 * @param onHup          what a SIGHUP leads to instead of being forwarded
 * @param preflight      command that says whether the daemon is idle, or empty
 * @param stop           command that stops it, or empty
 * @param reload         command that makes it reload, or empty
 * @param restartTimeout how long a graceful restart waits for work, unless it says
 * @param safeWait       how long a safe one waits, unless it says; zero for no bound
 * @param drainTimeout   how long a daemon that is stopped may drain
 * @param listen         the sockets that are kept for it
 * @param fdStoreMax     how many descriptors it may leave for its next generation
 * @param live           how a ready daemon is found to hang
 * @param pidFiles       pid files of the daemon's own, removed before each start
 * @param bootTasks      what is done once, before the first start
 * @param compat         stands in for another init, whose name it was called by
 * @param warnings       what does not fit together, one line each
 * @param values         every setting as it was given, with where it came from
 */
public record Configuration(Policy settings, List<String> command, Path runDir, Path stateDir,
        Optional<String> user, OptionalInt umask, Optional<Path> chdir, Map<String, String> env,
        Readiness readiness, Duration readyInterval, Optional<Path> terminationLog,
        Optional<Duration> waitForOwner, List<Path> watch, List<String> ignore, ChangeAction onChange,
        List<String> check, Duration watchQuiet, Duration watchPoll, Optional<ChangeAction> onHup,
        List<String> preflight, List<String> stop, List<String> reload, Duration restartTimeout,
        Duration safeWait, Duration drainTimeout, List<ListenAddress> listen, int fdStoreMax,
        LivenessConfig live, List<Path> pidFiles, BootTasks bootTasks, Optional<CompatMode> compat,
        List<String> warnings, Map<Setting, Value> values) {

    /**
     * A setting's value.
     *
     * @param texts  as it was written; several where the setting is repeatable
     * @param origin {@code flag}, {@code variable NAME}, {@code FILE line N}, {@code preset NAME} or
     *               {@code default}; two of them where a preset was added to
     */
    public record Value(List<String> texts, String origin) {
        public static final String FLAG = "flag";
    }

    /** Where it can be looked at over HTTP, if anywhere. */
    public Optional<ListenAddress> http() {
        List<String> texts = values.get(Setting.HTTP).texts();
        return texts.isEmpty() ? Optional.empty() : Optional.of(ListenParser.readPlain(texts.getFirst()));
    }

    /** How much the supervisor says: error, warn, info or debug. */
    public String logLevel() {
        return values.get(Setting.LOG_LEVEL).texts().getFirst();
    }
}
