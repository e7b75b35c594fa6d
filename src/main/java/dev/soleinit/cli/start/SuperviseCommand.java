package dev.soleinit.cli.start;

import dev.soleinit.cli.CliException;
import dev.soleinit.cli.ControlCommand;
import dev.soleinit.cli.ExitCodes;
import dev.soleinit.cli.FastPath;
import dev.soleinit.cli.SettingOptions;
import dev.soleinit.cli.options.HelpOption;
import dev.soleinit.config.ConfigException;
import dev.soleinit.config.Configuration;
import dev.soleinit.config.loading.ConfigurationLoader;
import dev.soleinit.process.Inherited;
import dev.soleinit.supervisor.Supervisor;
import dev.soleinit.supervisor.reporting.StderrLog;
import dev.soleinit.supervisor.startup.StartupPreloader;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/** {@code daemon supervise}: becomes the supervisor, until the daemon has ended for good. */
@Command(customSynopsis = "daemon supervise [OPTIONS] -- COMMAND [ARG...]",
        name = "supervise", aliases = "run", sortOptions = false,
        description = "Supervises one daemon; as PID 1 it is the init of the container.")
public final class SuperviseCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private final HelpOption help = new HelpOption();

    @Parameters(paramLabel = "-- COMMAND [ARG...]", arity = "0..*", description = "what to run")
    private List<String> command = List.of();

    private final Map<String, String> environment;

    public SuperviseCommand(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public Integer call() {
        return supervise(spec.commandLine().getParseResult(), environment, command, Map.of());
    }

    /** Supervises with the flags that were given; {@code otherwise} holds where none was. */
    public static int supervise(ParseResult parsed, Map<String, String> environment,
            List<String> command, Map<String, List<String>> otherwise) {
        StartupPreloader ahead = StartupPreloader.begin();
        try {
            return supervise(SettingOptions.load(parsed, environment, command, otherwise), ahead);
        } catch (CliException bad) {
            return ControlCommand.fail(bad.exitCode(), bad.getMessage());
        }
    }

    /** With a line that has been read already. */
    public static int supervise(FastPath line, Map<String, String> environment) {
        StartupPreloader ahead = StartupPreloader.begin();
        try {
            return supervise(ConfigurationLoader.load(line.options(), environment, line.command()),
                    ahead);
        } catch (ConfigException bad) {
            return ControlCommand.fail(ExitCodes.of(bad), bad.getMessage());
        }
    }

    private static int supervise(Configuration configuration, StartupPreloader ahead) {
        if (configuration.daemon().command().isEmpty()) {
            return ControlCommand
                    .fail(ExitCodes.USAGE, "Cannot supervise: no command; give one after --, "
                    + "such as: daemon supervise -- nginx -g 'daemon off;'");
        }
        StderrLog.begin(configuration.logLevel());
        return Supervisor.run(configuration, Inherited.entries(), ahead);
    }
}
