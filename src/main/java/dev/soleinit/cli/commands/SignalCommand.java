package dev.soleinit.cli.commands;

import dev.soleinit.cli.CliException;
import dev.soleinit.cli.ControlCommand;
import dev.soleinit.cli.Terminal;
import dev.soleinit.control.text.CommandOutput;
import dev.soleinit.control.text.Printing;
import java.io.IOException;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code daemon signal}: sends a signal to the daemon itself. */
@Command(name = "signal", description = "Sends a signal to the daemon.")
public final class SignalCommand extends ControlCommand {
    @Parameters(paramLabel = "SIGNAL", description = "such as HUP, USR1, RTMIN+3 or 10")
    private String signal;

    public SignalCommand(Map<String, String> environment) {
        super(environment);
    }

    @Override
    public int run() throws CliException, IOException {
        Map<String, Object> answer = call("signal", Map.of("signal", signal));
        CommandOutput output = new Printing("signal", false).result(answer);
        Terminal.out(output.out());
        return output.exitCode();
    }
}
