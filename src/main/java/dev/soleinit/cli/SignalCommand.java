package dev.soleinit.cli;

import java.io.IOException;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code daemon signal}: sends a signal to the daemon itself. */
@Command(name = "signal", description = "Sends a signal to the daemon.")
final class SignalCommand extends ControlCommand {
    @Parameters(paramLabel = "SIGNAL", description = "such as HUP, USR1, RTMIN+3 or 10")
    private String signal;

    SignalCommand(Map<String, String> environment) {
        super(environment);
    }

    @Override
    int run() throws CliException, IOException {
        Map<String, Object> answer = call("signal", Map.of("signal", signal));
        Terminal.out(Terminal.value(object(answer, "outcome").get("message")));
        return ExitCodes.OK;
    }
}
