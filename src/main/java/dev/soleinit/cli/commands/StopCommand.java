package dev.soleinit.cli.commands;

import dev.soleinit.cli.CliException;
import dev.soleinit.cli.ControlCommand;
import dev.soleinit.cli.ExitCodes;
import dev.soleinit.cli.Progress;
import dev.soleinit.cli.Terminal;
import dev.soleinit.cli.options.RequestOptions;
import dev.soleinit.control.text.Printing;
import dev.soleinit.json.Json;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code daemon stop}: holds the daemon down until {@code daemon start}. */
@Command(name = "stop", description = "Stops the daemon and holds it down until 'daemon start'.")
public final class StopCommand extends ControlCommand {
    @Mixin
    private final RequestOptions options = new RequestOptions();

    public StopCommand(Map<String, String> environment) {
        super(environment);
    }

    @Override
    public int run() throws CliException, IOException {
        Map<String, Object> params = new HashMap<>();
        options.addTo(params);
        Map<String, Object> answer;
        try (Progress _ = Progress.begin(socket(), "stop")) {
            answer = call("stop", params);
        }
        Terminal.out(options.json() ? Json.write(answer)
                : new Printing("stop", false).result(answer).out());
        return ExitCodes.OK;
    }
}
