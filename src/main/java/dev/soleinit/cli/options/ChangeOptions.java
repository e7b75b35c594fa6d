package dev.soleinit.cli.options;

import dev.soleinit.cli.Terminal;
import dev.soleinit.json.Json;
import java.util.Map;
import picocli.CommandLine.Option;

/** What {@code restart} and {@code reload} have in common. */
public final class ChangeOptions {
    @Option(names = "--reason", paramLabel = "TEXT", description = "why, for the journal")
    private String reason = "";

    @Option(names = "--no-check", description = "do not run the check command (--check) first")
    private boolean unchecked;

    @Option(names = "--no-block", description = "return once the request is accepted")
    private boolean noBlock;

    @Option(names = "--json", description = "print the request and the outcome, one object a line")
    private boolean json;

    public boolean noBlock() {
        return noBlock;
    }

    public boolean json() {
        return json;
    }

    /** An object a line: the request, and what has become of it if that is known. */
    public static void printJson(Map<String, Object> request, Map<?, ?> outcome) {
        Terminal.out(Json.write(request));
        if (!outcome.isEmpty()) {
            Terminal.out(Json.write(outcome));
        }
    }

    public void addTo(Map<String, Object> params) {
        params.put("reason", reason);
        params.put("check", !unchecked);
        params.put("block", !noBlock);
    }
}
