package dev.soleinit.cli.options;

import dev.soleinit.cli.Terminal;
import dev.soleinit.control.text.CommandOutput;
import dev.soleinit.json.Json;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Option;

/** What {@code restart} and {@code reload} have in common beside that. */
public final class ChangeOptions extends RequestOptions {
    @Option(names = "--no-check", description = "do not run the check command (--check) first")
    private boolean unchecked;

    /** An object a line: the request, and what has become of it if that is known. */
    public static void printJson(Map<String, Object> answer) {
        Map<String, Object> request = new LinkedHashMap<>(answer);
        request.remove("outcome");
        Map<?, ?> outcome = CommandOutput.object(answer, "outcome");
        Terminal.out(Json.write(request));
        if (!outcome.isEmpty()) {
            Terminal.out(Json.write(outcome));
        }
    }

    @Override
    public void addTo(Map<String, Object> params) {
        super.addTo(params);
        params.put("check", !unchecked);
    }
}
