package dev.soleinit.cli.commands;

import dev.soleinit.cli.ExitCodes;
import dev.soleinit.cli.options.HelpOption;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine;

/** {@code daemon completion}: a script for bash, which is one for zsh, too, or for fish. */
@Command(name = "completion", description = {"Prints a completion script.",
    "bash and zsh: source <(daemon completion); fish: daemon completion fish | source"})
public final class CompletionCommand implements Callable<Integer> {
    /** Whose script it is. */
    enum Shell { bash, zsh, fish }

    @Spec
    private CommandSpec spec;

    @Mixin
    private final HelpOption help = new HelpOption();

    @Parameters(paramLabel = "SHELL", arity = "0..1",
            description = "bash, zsh or fish (default: bash)")
    private Shell shell = Shell.bash;

    @Override
    public Integer call() {
        CommandLine root = spec.parent().commandLine();
        System.out.println(switch (shell) {
            case bash, zsh -> AutoComplete.bash("daemon", root);
            case fish -> fish(root);
        });
        return ExitCodes.OK;
    }

    private static String fish(CommandLine root) {
        StringBuilder script = new StringBuilder("# completions of daemon(1)\ncomplete -c daemon -e\n");
        String noVerb = "not __fish_seen_subcommand_from "
                + String.join(" ", root.getSubcommands().keySet());
        root.getSubcommands().forEach((verb, command) -> {
            script.append("complete -c daemon -f -n ").append(quoted(noVerb)).append(" -a ").append(verb)
                    .append(" -d ").append(quoted(words(command))).append('\n');
            String afterVerb = "__fish_seen_subcommand_from " + verb;
            options(script, afterVerb, command);
            command.getSubcommands().forEach((below, one) -> {
                script.append("complete -c daemon -f -n ").append(quoted(afterVerb)).append(" -a ")
                        .append(below).append(" -d ").append(quoted(words(one))).append('\n');
                options(script, afterVerb + "; and __fish_seen_subcommand_from " + below, one);
            });
        });
        return script.toString().stripTrailing();
    }

    private static void options(StringBuilder script, String condition, CommandLine command) {
        for (OptionSpec option : command.getCommandSpec().options()) {
            script.append("complete -c daemon -n ").append(quoted(condition)).append(" -l ")
                    .append(option.longestName().substring(2))
                    .append(option.arity().max() == 0 ? "" : " -r").append(" -d ")
                    .append(quoted(String.join(" ", option.description()))).append('\n');
        }
    }

    private static String words(CommandLine command) {
        return command.getCommandSpec().usageMessage().description()[0];
    }

    private static String quoted(String text) {
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }
}
