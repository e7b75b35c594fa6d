package dev.soleinit.cli.commands;

import dev.soleinit.cli.CliException;
import dev.soleinit.cli.ControlCommand;
import dev.soleinit.cli.Progress;
import dev.soleinit.cli.Terminal;
import dev.soleinit.cli.options.ChangeOptions;
import dev.soleinit.control.client.RpcException;
import dev.soleinit.control.text.CommandOutput;
import dev.soleinit.control.text.Printing;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code daemon reload}: the same process reads its configuration anew. */
@Command(name = "reload", description = {"Has the daemon read its configuration anew, in the same "
    + "process, and waits until it is ready as the next generation.",
    "A daemon that does not speak the protocol gets --reload-signal or --reload-command.",
    "Exit code 5: it was told to, and nothing has shown that it did."})
public final class ReloadCommand extends ControlCommand {
    @Mixin
    private ChangeOptions options = new ChangeOptions();

    public ReloadCommand(Map<String, String> environment) {
        super(environment);
    }

    @Override
    public int run() throws CliException, IOException {
        Map<String, Object> params = new HashMap<>();
        options.addTo(params);
        try (Progress _ = Progress.begin(socket(), "reload")) {
            return print(call(socket(), "reload", params));
        } catch (RpcException refused) {
            if (options.json() && !refused.data().isEmpty()) {
                print(refused.data());
            }
            throw failure("reload", refused);
        }
    }

    private int print(Map<String, Object> answer) {
        CommandOutput output = new Printing("reload", false).result(answer);
        if (options.json()) {
            ChangeOptions.printJson(answer);
        } else {
            Terminal.out(output.out());
        }
        return output.exitCode();
    }
}
