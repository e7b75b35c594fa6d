package dev.soleinit.cli.commands;

import dev.soleinit.cli.ControlCommand;
import dev.soleinit.cli.ExitCodes;
import dev.soleinit.cli.SettingOptions;
import dev.soleinit.cli.options.HelpOption;
import dev.soleinit.cli.start.SuperviseCommand;
import dev.soleinit.config.Setting;
import dev.soleinit.storage.files.RunDirException;
import dev.soleinit.storage.files.WritableDirectory;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code daemon dev}: supervises in the foreground and restarts on every change of the sources. */
@Command(customSynopsis = "daemon dev --watch SRC [--ignore GLOB] [OPTIONS] -- COMMAND [ARG...]",
        name = "dev", sortOptions = false,
        description = {"Restarts the daemon on every change of its sources; Ctrl-C ends it.",
            "Takes the options of 'daemon supervise'; here --watch is . by default, --ignore the "
            + "usual build folders, --restart-cooldown 0, and the directories are of this folder."})
public final class DevCommand implements Callable<Integer> {
    private static final List<String> IGNORED = List.of(".git/*", "target/*", "build/*",
            "node_modules/*", "__pycache__/*", "*.log", "*.swp", "*~");

    @Spec
    private CommandSpec spec;

    @Mixin
    private final HelpOption help = new HelpOption();

    @Parameters(paramLabel = "-- COMMAND [ARG...]", arity = "0..*", description = "what to run")
    private List<String> command = List.of();

    private final Map<String, String> environment;

    public DevCommand(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public Integer call() {
        Path own = Path.of(System.getProperty("java.io.tmpdir"), "daemon-dev-"
                + Integer.toHexString(Path.of("").toAbsolutePath().hashCode()));
        try {
            if (!isGiven(Setting.RUN_DIR) || !isGiven(Setting.STATE_DIR)) {
                // anybody could have made a folder of this name
                WritableDirectory.preparePrivate(own, "--run-dir and --state-dir");
            }
        } catch (RunDirException unusable) {
            return ControlCommand.fail(ExitCodes.CONFIGURATION, unusable.getMessage());
        }
        Map<String, List<String>> defaults = new HashMap<>();
        defaults.put(Setting.WATCH.key(), List.of("."));
        defaults.put(Setting.IGNORE.key(), IGNORED);
        defaults.put(Setting.RESTART_COOLDOWN.key(), List.of("0"));
        defaults.put(Setting.WATCH_QUIET.key(), List.of("200ms"));
        defaults.put(Setting.RUN_DIR.key(), List.of(own.resolve("run").toString()));
        defaults.put(Setting.STATE_DIR.key(), List.of(own.resolve("state").toString()));
        return SuperviseCommand.supervise(spec.commandLine().getParseResult(), environment, command,
                defaults);
    }

    private boolean isGiven(Setting setting) {
        return environment.containsKey(setting.variable())
                || SettingOptions.given(spec.commandLine().getParseResult(), setting).isPresent();
    }
}
