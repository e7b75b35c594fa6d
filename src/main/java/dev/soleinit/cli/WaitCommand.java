package dev.soleinit.cli;

import dev.soleinit.config.Loader;
import dev.soleinit.json.Json;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code daemon wait}: until the daemon is as wanted. */
@Command(name = "wait", description = {"Waits until the daemon is as wanted.",
    "Exit code 75 if the time is over before."})
final class WaitCommand extends Verb {
    static final class Wish {
        @Option(names = "--ready", description = "until it is ready (the default)")
        private boolean ready;

        @Option(names = "--stopped", description = "until no daemon runs")
        private boolean stopped;

        @Option(names = "--generation", paramLabel = "N",
                description = "until generation N or a newer one is ready")
        private Long generation;
    }

    @ArgGroup(exclusive = true)
    private Wish wish = new Wish();

    @Option(names = "--json", description = "print the status as one JSON object (schema 1)")
    private boolean json;

    @Option(names = "--timeout", paramLabel = "DURATION", description = "default: 60s")
    private String timeout = "60s";

    WaitCommand(Map<String, String> environment) {
        super(environment);
    }

    @Override
    int run() throws CliException, IOException {
        Map<String, Object> params = new HashMap<>();
        params.put("condition", wish.stopped ? "stopped"
                : wish.generation != null ? "generation" : "ready");
        if (wish.generation != null) {
            params.put("generation", wish.generation);
        }
        try {
            params.put("timeout", Loader.duration(timeout).toMillis() / 1000.0);
        } catch (IllegalArgumentException bad) {
            throw new CliException(ExitCodes.USAGE, "Cannot use --timeout: " + bad.getMessage());
        }
        Map<String, Object> status = ask("wait", params);
        System.out.println(json ? Json.write(status) : status.get("state") + ", generation " + status.get("generation"));
        return ExitCodes.OK;
    }
}
