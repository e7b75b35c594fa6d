package dev.soleinit.cli.commands;

import dev.soleinit.cli.ExitCodes;
import dev.soleinit.cli.Terminal;
import dev.soleinit.cli.options.HelpOption;
import dev.soleinit.process.Version;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code daemon version}. */
@Command(name = "version", description = "Prints the version.")
public final class VersionCommand implements Callable<Integer> {
    @Mixin
    private final HelpOption help = new HelpOption();

    @Override
    public Integer call() {
        Terminal.out("soleinit " + Version.TEXT);
        return ExitCodes.OK;
    }
}
