package dev.soleinit.cli;

import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The executable {@code daemon}: finds the command and runs it. */
@Command(name = "daemon", synopsisSubcommandLabel = "COMMAND", subcommands = {
    SuperviseCommand.class, StartCommand.class, StopCommand.class, RestartCommand.class,
    StatusCommand.class, WaitCommand.class, EventsCommand.class, SignalCommand.class,
    ConfigCommand.class, VersionCommand.class, CompletionCommand.class},
        description = "The sole owner of one daemon's life, and the way to ask it.")
public final class Daemon implements Runnable {
    @Spec
    private CommandSpec spec;

    @Option(names = {"-h", "--help"}, usageHelp = true, description = "show this help")
    private boolean help;

    /** Runs a command line; returns the exit code. */
    public static int execute(String... args) {
        return commandLine().execute(args);
    }

    static CommandLine commandLine() {
        CommandLine all = new CommandLine(new Daemon());
        SettingOptions.addTo(all.getSubcommands().get("supervise").getCommandSpec());
        SettingOptions.addTo(all.getSubcommands().get("start").getCommandSpec());
        CommandLine config = all.getSubcommands().get("config");
        for (String verb : List.of("show", "check")) {
            CommandLine one = new CommandLine(
                    verb.equals("show") ? new ConfigCommand.Show() : new ConfigCommand.Check());
            SettingOptions.addTo(one.getCommandSpec());
            config.addSubcommand(verb, one);
        }
        return all.setStopAtPositional(true).setUsageHelpAutoWidth(false).setUsageHelpWidth(100)
                .setParameterExceptionHandler((wrong, _) -> complain(wrong))
                .setColorScheme(CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF));
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Missing command");
    }

    /** Says what was wrong, the nearest right word, and where the help is. */
    private static int complain(ParameterException wrong) {
        CommandSpec command = wrong.getCommandLine().getCommandSpec();
        String near = "";
        if (wrong instanceof UnmatchedArgumentException unmatched
                && !unmatched.getSuggestions().isEmpty()) {
            near = "; did you mean '" + unmatched.getSuggestions().getFirst() + "'?";
        }
        System.err.println("Cannot understand the command line: " + wrong.getMessage() + near);
        System.err.println("Try '" + command.qualifiedName() + " --help'");
        return ExitCodes.USAGE;
    }
}
