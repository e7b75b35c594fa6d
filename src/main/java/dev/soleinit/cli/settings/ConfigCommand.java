package dev.soleinit.cli.settings;

import dev.soleinit.cli.CliException;
import dev.soleinit.cli.ControlCommand;
import dev.soleinit.cli.ExitCodes;
import dev.soleinit.cli.SettingOptions;
import dev.soleinit.cli.Terminal;
import dev.soleinit.cli.UsageErrors;
import dev.soleinit.cli.options.HelpOption;
import dev.soleinit.config.Configuration;
import dev.soleinit.json.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code daemon config show|check}: the settings as a supervisor would see them here. */
@Command(name = "config", description = "Shows or checks the settings.")
public final class ConfigCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private final HelpOption help = new HelpOption();

    @Override
    public Integer call() {
        return UsageErrors.command(spec, "Missing command: show or check");
    }

    /** {@code config show}: each value and where it comes from. */
    @Command(name = "show", description = "Prints each setting, its value and where it comes from.")
    public static final class Show implements Callable<Integer> {
        @Spec
        private CommandSpec spec;

        @Mixin
        private final HelpOption help = new HelpOption();

        @Option(names = "--json", description = "print one JSON object")
        private boolean json;

        private final Map<String, String> environment;

        public Show(Map<String, String> environment) {
            this.environment = environment;
        }

        @Override
        public Integer call() {
            return withSettings(spec, environment, this::print);
        }

        private void print(Configuration configuration) {
            if (json) {
                Map<String, Object> all = new LinkedHashMap<>();
                configuration.values().forEach((setting, value) -> all.put(setting.key(),
                        Map.of("value", value.texts(), "origin", value.origin())));
                Terminal.out(Json.write(all));
            } else {
                configuration.values().forEach((setting, value) -> Terminal.out("%-24s%-28s%s".formatted(
                        setting.key(), Terminal.value(String.join(" ", value.texts())),
                        value.origin())));
            }
            configuration.warnings().forEach(line -> Terminal.err("warning: " + Terminal.value(line)));
        }
    }

    /** {@code config check}: exit code 78 if something is wrong. */
    @Command(name = "check", description = "Says whether the settings can be used.")
    public static final class Check implements Callable<Integer> {
        @Spec
        private CommandSpec spec;

        @Mixin
        private final HelpOption help = new HelpOption();

        private final Map<String, String> environment;

        public Check(Map<String, String> environment) {
            this.environment = environment;
        }

        @Override
        public Integer call() {
            return withSettings(spec, environment, configuration -> {
                configuration.warnings().forEach(line ->
                        Terminal.err("warning: " + Terminal.value(line)));
                Terminal.out("ok");
            });
        }
    }

    private static int withSettings(CommandSpec spec, Map<String, String> environment,
            Consumer<Configuration> use) {
        try {
            use.accept(SettingOptions.load(spec.commandLine().getParseResult(), environment,
                    List.of()));
            return ExitCodes.OK;
        } catch (CliException bad) {
            return ControlCommand.fail(bad.exitCode(), bad.getMessage());
        }
    }
}
