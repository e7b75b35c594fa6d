package dev.soleinit.config;

import dev.soleinit.config.loading.ConfigurationLoader;
import dev.soleinit.config.loading.ListenParser;
import dev.soleinit.config.settings.BootTasks;
import dev.soleinit.config.settings.ChangeSettings;
import dev.soleinit.config.settings.CommandSettings;
import dev.soleinit.config.settings.DaemonProgram;
import dev.soleinit.config.settings.DescriptorSettings;
import dev.soleinit.config.settings.Directories;
import dev.soleinit.config.settings.LivenessSettings;
import dev.soleinit.config.settings.MemoryThreshold;
import dev.soleinit.config.settings.ReadinessSettings;
import dev.soleinit.config.settings.WorkSettings;
import dev.soleinit.process.ListenAddress;
import dev.soleinit.statemachine.settings.Policy;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Everything the supervisor was told, in groups. Immutable; made by {@link ConfigurationLoader}.
 *
 * @param policy      what decisions hang on
 * @param daemon      what is run, and as whom
 * @param directories where the supervisor keeps what it writes
 * @param descriptors what is kept for the daemon from one generation to the next
 * @param readiness   how it is found to be ready
 * @param liveness    how a ready one is found to hang
 * @param changes     what counts as a change of its configuration, and what it leads to
 * @param commands    what is run in place of a signal or a message
 * @param work        how long is waited for its work
 * @param bootTasks   what is done once, before the first start
 * @param compat      stands in for another init, whose name it was called by
 * @param warnings    what does not fit together, one line each
 * @param values      every setting as it was given, with where it came from
 */
public record Configuration(Policy policy, DaemonProgram daemon, Directories directories,
        DescriptorSettings descriptors, ReadinessSettings readiness, LivenessSettings liveness,
        ChangeSettings changes, CommandSettings commands, WorkSettings work, BootTasks bootTasks,
        Optional<CompatMode> compat, List<String> warnings, Map<Setting, Value> values) {

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

    /** Whether restarts overlap: no, yes, if-room, shared-port or never. */
    public String overlap() {
        return values.get(Setting.OVERLAP).texts().getFirst();
    }

    /** From which use of memory on the daemon is restarted, if any. */
    public Optional<MemoryThreshold> memoryRestart() {
        List<String> texts = values.get(Setting.MEMORY_RESTART).texts();
        return texts.isEmpty() ? Optional.empty() : Optional.of(MemoryThreshold.parse(texts.getFirst()));
    }

    /** How much the supervisor says: error, warn, info or debug. */
    public String logLevel() {
        return values.get(Setting.LOG_LEVEL).texts().getFirst();
    }
}
