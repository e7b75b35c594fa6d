package dev.soleinit.cli.options;

import dev.soleinit.cli.FastPath;
import java.util.Map;
import picocli.CommandLine.Option;

/** What every request has that the supervisor ends some time later. */
public sealed class RequestOptions permits ChangeOptions {
    @Option(names = "--reason", paramLabel = "TEXT", description = "why, for the journal")
    private String reason = "";

    @Option(names = "--no-block", description = "return once the request is accepted")
    private boolean noBlock;

    @Option(names = "--json", description = "print the outcome as one JSON object; for restart and "
            + "reload, the request before it")
    private boolean json;

    public final boolean noBlock() {
        return noBlock;
    }

    public final boolean json() {
        return json;
    }

    public void addTo(Map<String, Object> params) {
        params.put("reason", reason);
        params.put("block", !noBlock);
    }

    /** Those of a line that has been read already. */
    public final void read(FastPath line) {
        noBlock = line.given("no-block").isPresent();
        json = line.given("json").isPresent();
        reason = line.given("reason").orElse(reason);
    }
}
