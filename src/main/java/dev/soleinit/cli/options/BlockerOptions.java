package dev.soleinit.cli.options;

import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;

/** Work that a restart does not wait for, by id. */
public final class BlockerOptions {
    @Option(names = "--own-work", paramLabel = "ID",
            description = "the caller's own piece of work, which would block its own restart")
    private String ownWork;

    @Option(names = "--ignore-blocker", paramLabel = "ID",
            description = "a piece of work that is stuck; repeatable")
    private List<String> ignored = List.of();

    public void addTo(Map<String, Object> params) {
        if (ownWork != null) {
            params.put("ownWork", ownWork);
        }
        params.put("ignoreBlockers", ignored);
    }
}
