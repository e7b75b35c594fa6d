package dev.soleinit.cli;

import dev.soleinit.cli.commands.CompletionCommand;
import dev.soleinit.cli.commands.DevCommand;
import dev.soleinit.cli.commands.EventsCommand;
import dev.soleinit.cli.commands.PreflightCommand;
import dev.soleinit.cli.commands.ReloadCommand;
import dev.soleinit.cli.commands.RestartCommand;
import dev.soleinit.cli.commands.SignalCommand;
import dev.soleinit.cli.commands.StatusCommand;
import dev.soleinit.cli.commands.StopCommand;
import dev.soleinit.cli.commands.VersionCommand;
import dev.soleinit.cli.commands.WaitCommand;
import dev.soleinit.cli.history.HistoryCommand;
import dev.soleinit.cli.options.HelpOption;
import dev.soleinit.cli.settings.ConfigCommand;
import dev.soleinit.cli.settings.PresetsCommand;
import dev.soleinit.cli.start.StartCommand;
import dev.soleinit.cli.start.SuperviseCommand;
import dev.soleinit.config.loading.SpellingSuggestion;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;
import picocli.CommandLine;

/** The executable {@code daemon}: finds the command and runs it. */
@Command(name = "daemon", synopsisSubcommandLabel = "COMMAND",
        description = "The sole owner of one daemon's life, and the way to ask it.")
public final class RootCommand implements Runnable {
    static final List<String> VERBS = List.of("supervise", "start", "stop", "restart",
            "reload", "preflight", "dev", "status", "wait", "history", "events", "signal",
            "config", "presets", "version", "completion");

    @Spec
    private CommandSpec spec;

    @Mixin
    private final HelpOption help = new HelpOption();

    /**
     * Runs a command line; returns the exit code. Only the command that is asked for is made,
     * since each costs time at the start.
     */
    public static int execute(Map<String, String> environment, String... args) {
        String first = args.length == 0 ? "" : args[0].equals("run") ? "supervise" : args[0];
        boolean alone = VERBS.contains(first) && !first.equals("completion");
        return commandLine(environment, alone ? List.of(first) : VERBS).execute(args);
    }

    static CommandLine commandLine(Map<String, String> environment, List<String> verbs) {
        CommandLine all = new CommandLine(new RootCommand());
        for (String verb : verbs) {
            all.addSubcommand(verb, command(verb, environment));
        }
        return all.setStopAtPositional(true).setUsageHelpAutoWidth(false).setUsageHelpWidth(100)
                .setParameterExceptionHandler((wrong, _) -> handleUsageError(wrong))
                .setColorScheme(CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF));
    }

    private static Object command(String verb, Map<String, String> environment) {
        return switch (verb) {
            case "supervise" -> SettingOptions.addTo(new SuperviseCommand(environment));
            case "start" -> SettingOptions.addTo(new StartCommand(environment));
            case "stop" -> new StopCommand(environment);
            case "restart" -> new RestartCommand(environment);
            case "reload" -> new ReloadCommand(environment);
            case "preflight" -> new PreflightCommand(environment);
            case "dev" -> SettingOptions.addTo(new DevCommand(environment));
            case "status" -> new StatusCommand(environment);
            case "wait" -> new WaitCommand(environment);
            case "history" -> new HistoryCommand(environment);
            case "events" -> new EventsCommand(environment);
            case "signal" -> new SignalCommand(environment);
            case "config" -> new CommandLine(new ConfigCommand())
                    .addSubcommand(SettingOptions.addTo(new ConfigCommand.Show(environment)))
                    .addSubcommand(SettingOptions.addTo(new ConfigCommand.Check(environment)));
            case "presets" -> new PresetsCommand();
            case "version" -> new VersionCommand();
            case "completion" -> new CompletionCommand();
            default -> throw new IllegalArgumentException(verb);
        };
    }

    @Override
    public void run() {
        UsageErrors.command(spec, "Missing command");
    }

    /** Says what was wrong, the nearest right word, and where the help is. */
    private static int handleUsageError(ParameterException wrong) {
        CommandSpec command = wrong.getCommandLine().getCommandSpec();
        String near = wrong instanceof UnmatchedArgumentException unmatched
                ? near(unmatched.getUnmatched().getFirst(), command) : "";
        Terminal.err("Cannot understand the command line: " + wrong.getMessage() + near);
        Terminal.err("Try '" + command.qualifiedName() + " --help'");
        return ExitCodes.USAGE;
    }

    private static String near(String word, CommandSpec command) {
        return word.startsWith("-")
                ? SpellingSuggestion.hint(word.split("=")[0], command.optionsMap().keySet())
                : SpellingSuggestion.hint(word, command.subcommands().keySet());
    }
}
