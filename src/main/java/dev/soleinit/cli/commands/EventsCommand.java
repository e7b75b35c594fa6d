package dev.soleinit.cli.commands;

import dev.soleinit.cli.CliException;
import dev.soleinit.cli.ControlCommand;
import dev.soleinit.cli.ExitCodes;
import dev.soleinit.cli.Terminal;
import dev.soleinit.control.client.ControlClient;
import dev.soleinit.control.client.RpcException;
import dev.soleinit.control.text.CommandOutput;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code daemon events}: the journal's lines, one JSON object each. */
@Command(name = "events", description = "Prints the event journal, one JSON object a line.")
public final class EventsCommand extends ControlCommand {
    @Option(names = "--follow", description = "go on with what happens from now on")
    private boolean follow;

    @Option(names = "--since", paramLabel = "SEQ", description = "only lines with a greater seq")
    private Long since;

    public EventsCommand(Map<String, String> environment) {
        super(environment);
    }

    @Override
    public int run() throws CliException, IOException {
        Map<String, Object> params = new HashMap<>();
        params.put("follow", follow);
        if (since != null) {
            params.put("since", since);
        }
        try (ControlClient client = ControlClient.connect(socket())) {
            client.call("events.subscribe", params, ControlClient.TIMEOUT);
            if (follow) {
                client.listen(EventsCommand::print);
            } else {
                client.listen(EventsCommand::print, ControlClient.TIMEOUT);
            }
        } catch (RpcException refused) {
            throw failure("read the events", refused);
        }
        return ExitCodes.OK;
    }

    private static boolean print(Map<String, Object> notice) {
        if ("end".equals(notice.get("method"))) {
            return false;
        }
        Terminal.out(Terminal.value(CommandOutput.object(notice, "params").get("line")));
        return !System.out.checkError();
    }
}
