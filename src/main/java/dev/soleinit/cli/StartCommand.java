package dev.soleinit.cli;

import dev.soleinit.config.Configuration;
import dev.soleinit.control.CallException;
import dev.soleinit.control.ControlClient;
import dev.soleinit.control.NoSupervisorException;
import dev.soleinit.json.Json;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code daemon start}: where a supervisor owns the daemon, asks it and spawns nothing; on a host
 * without one, makes a detached supervisor. {@link StartGuard} decides which.
 */
@Command(customSynopsis = "daemon start [OPTIONS] [-- COMMAND [ARG...]]",
        name = "start", sortOptions = false, description = {
    "Has the daemon run. Under a supervisor this asks it and never spawns a second daemon; on a",
    "host without one it starts a detached supervisor with the given settings and command."})
final class StartCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = {"-h", "--help"}, usageHelp = true, description = "show this help")
    private boolean help;

    @Option(names = "--no-block", description = "return once the request is accepted")
    private boolean noBlock;

    @Option(names = "--json", description = "print one JSON object")
    private boolean json;

    @Option(names = "--reason", paramLabel = "TEXT", description = "why, for the journal")
    private String reason = "";

    @Parameters(paramLabel = "-- COMMAND [ARG...]", arity = "0..*",
            description = "what to run, on a host without a supervisor")
    private List<String> command = List.of();

    @Override
    public Integer call() {
        try {
            return start(SettingOptions.load(spec.commandLine().getParseResult(), command));
        } catch (CliException known) {
            return Verb.fail(known.exitCode(), known.getMessage());
        } catch (IOException broken) {
            return Verb.fail(ExitCodes.FAILED, "Cannot start: " + broken.getMessage());
        }
    }

    private int start(Configuration configuration) throws CliException, IOException {
        try {
            return ask(configuration);
        } catch (NoSupervisorException nobody) {
            StartGuard.requireNoOwner(configuration, System.getenv(), nobody.getMessage());
            new HostMode(configuration, spec.commandLine().getParseResult().originalArgs()).start();
            return ask(configuration);
        }
    }

    private int ask(Configuration configuration) throws CliException, IOException {
        try (ControlClient client = ControlClient.connect(
                configuration.runDir().resolve("control.sock"))) {
            Map<String, Object> params = new HashMap<>();
            params.put("door", "cli");
            params.put("reason", reason);
            params.put("block", !noBlock);
            Map<String, Object> answer = client.call("start", params);
            Map<String, Object> status = client.call("status", Map.of());
            System.out.println(json ? Json.write(answer) : words(answer, status));
            return ExitCodes.OK;
        } catch (CallException refused) {
            throw Verb.failure(refused);
        }
    }

    private static String words(Map<String, Object> answer, Map<String, Object> status) {
        boolean already = "already".equals(Verb.object(answer, "outcome").get("restartStatus"));
        String owner = "container".equals(System.getenv("DAEMON_SUPERVISOR"))
                ? "the container supervisor" : "the supervisor";
        return (already ? "already running" : String.valueOf(status.get("state"))) + ": pid "
                + status.get("pid") + ", generation " + status.get("generation") + ", owned by "
                + owner + " (pid " + Verb.object(status, "supervisor").get("pid") + ")";
    }
}
