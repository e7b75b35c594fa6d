package dev.soleinit.cli.commands;

import dev.soleinit.cli.CliException;
import dev.soleinit.cli.ControlCommand;
import dev.soleinit.cli.Terminal;
import dev.soleinit.cli.options.BlockerOptions;
import dev.soleinit.control.text.CommandOutput;
import dev.soleinit.control.text.Printing;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code daemon preflight}: whether a restart would cut anything, and what. */
@Command(name = "preflight", description = {"Shows whether a restart now would cut any work.",
    "Exit code 0 if it would not, 75 if it would."})
public final class PreflightCommand extends ControlCommand {
    @Mixin
    private BlockerOptions ignored = new BlockerOptions();

    @Option(names = "--json", description = "print one JSON object")
    private boolean json;

    public PreflightCommand(Map<String, String> environment) {
        super(environment);
    }

    @Override
    public int run() throws CliException, IOException {
        Map<String, Object> params = new HashMap<>();
        ignored.addTo(params);
        Map<String, Object> answer = call("restart.preflight", params);
        CommandOutput output = new Printing("restart.preflight", json).result(answer);
        Terminal.out(output.out());
        return output.exitCode();
    }
}
