package dev.soleinit.cli;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code daemon completion}: a script for bash. */
@Command(name = "completion",
        description = "Prints a completion script: source <(daemon completion)")
final class CompletionCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = {"-h", "--help"}, usageHelp = true, description = "show this help")
    private boolean help;

    @Override
    public Integer call() {
        System.out.println(AutoComplete.bash("daemon", spec.parent().commandLine()));
        return ExitCodes.OK;
    }
}
