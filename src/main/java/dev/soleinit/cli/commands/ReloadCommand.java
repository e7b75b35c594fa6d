package dev.soleinit.cli.commands;

import dev.soleinit.cli.CliException;
import dev.soleinit.cli.ControlCommand;
import dev.soleinit.cli.ExitCodes;
import dev.soleinit.cli.Progress;
import dev.soleinit.cli.Terminal;
import dev.soleinit.cli.options.ChangeOptions;
import dev.soleinit.control.client.RpcException;
import dev.soleinit.control.text.CommandOutput;
import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
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
            Map<String, Object> answer = call(socket(), "reload", params);
            print(answer);
            return isConfirmed(answer) ? ExitCodes.OK : ExitCodes.UNCONFIRMED;
        } catch (RpcException refused) {
            if (options.json() && !refused.data().isEmpty()) {
                print(refused.data());
            }
            throw failure("reload", refused);
        }
    }

    private static boolean isConfirmed(Map<String, Object> answer) {
        return !"unconfirmed".equals(CommandOutput.object(answer, "outcome").get("restartStatus"));
    }

    private void print(Map<String, Object> answer) {
        Map<String, Object> request = new LinkedHashMap<>(answer);
        Map<?, ?> outcome = CommandOutput.object(request, "outcome");
        request.remove("outcome");
        if (options.json()) {
            ChangeOptions.printJson(request, outcome);
        } else if (!isConfirmed(answer)) {
            System.out.println("unconfirmed: " + outcome.get("message") + ", pid "
                    + number(outcome, "pid"));
        } else {
            Terminal.out(options.noBlock() ? "reload accepted" : "reloaded: generation "
                    + number(outcome, "generation") + " is ready, pid " + number(outcome, "pid"));
        }
    }
}
