package dev.soleinit.cli;

import dev.soleinit.config.Loader;
import dev.soleinit.control.CallException;
import dev.soleinit.json.Json;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code daemon restart}: a new process, and its readiness. */
@Command(customSynopsis = "daemon restart [OPTIONS] [-- ARG...]",
        name = "restart", description = "Restarts the daemon and waits until the new one is ready.")
final class RestartCommand extends Verb {
    @Spec
    private CommandSpec spec;

    @Option(names = "--force", description = "kill it after a short grace (--force-grace)")
    private boolean force;

    @Option(names = "--graceful", negatable = true, fallbackValue = "true",
            description = "drain the work it reports first, or not (default: --graceful)")
    private Boolean graceful;

    @Option(names = "--timeout", paramLabel = "DURATION",
            description = "how long that drain may take (default: 10s)")
    private String timeout = "10s";

    @Option(names = "--reason", paramLabel = "TEXT", description = "why, for the journal")
    private String reason = "";

    @Option(names = "--no-block", description = "return once the request is accepted")
    private boolean noBlock;

    @Option(names = "--json", description = "print the request and the outcome, one object a line")
    private boolean json;

    @Parameters(paramLabel = "-- ARG...", arity = "0..*",
            description = "replaces the daemon's arguments from now on")
    private List<String> arguments;

    RestartCommand(Map<String, String> environment) {
        super(environment);
    }

    @Override
    int run() throws CliException, IOException {
        checkUsage();
        try {
            Map<String, Object> answer = ask(socket(), "restart.request", params());
            print(answer, number(object(answer, "outcome"), "generation"));
            return ExitCodes.OK;
        } catch (CallException refused) {
            if (json) {
                print(refused.data(), 0);
            }
            throw failure("restart", refused);
        }
    }

    /** A stray word must not become the daemon's arguments. */
    private void checkUsage() throws CliException {
        List<String> line = spec.commandLine().getParseResult().originalArgs();
        int words = arguments == null ? 0 : arguments.size();
        if (words > 0 && !line.get(line.size() - words - 1).equals("--")) {
            throw new CliException(ExitCodes.USAGE, "Cannot restart with '" + arguments.getFirst()
                    + "': give the daemon's new arguments after --");
        }
        if (force && Boolean.TRUE.equals(graceful)) {
            throw new CliException(ExitCodes.USAGE, "Cannot restart with both --force and "
                    + "--graceful: drop one of them");
        }
    }

    private Map<String, Object> params() throws CliException {
        Map<String, Object> params = new HashMap<>();
        params.put("force", force);
        params.put("graceful", !Boolean.FALSE.equals(graceful) && !force);
        params.put("timeout", seconds().toMillis() / 1000.0);
        params.put("reason", reason);
        params.put("block", !noBlock);
        if (arguments != null) {
            params.put("arguments", arguments);
        }
        return params;
    }

    private Duration seconds() throws CliException {
        try {
            return Loader.duration(timeout);
        } catch (IllegalArgumentException bad) {
            throw new CliException(ExitCodes.USAGE, "Cannot use --timeout: " + bad.getMessage());
        }
    }

    private void print(Map<String, Object> answer, long generation) {
        if (!json) {
            System.out.println(noBlock ? "restart accepted"
                    : "restarted: generation " + generation + " is ready");
            return;
        }
        Map<String, Object> request = new LinkedHashMap<>(answer);
        Object outcome = request.remove("outcome");
        System.out.println(Json.write(request));
        if (outcome != null) {
            System.out.println(Json.write(outcome));
        }
    }
}
