package dev.soleinit.cli.history;

import dev.soleinit.cli.ControlCommand;
import dev.soleinit.cli.ExitCodes;
import dev.soleinit.cli.Terminal;
import dev.soleinit.cli.options.HelpOption;
import dev.soleinit.config.loading.ConfigurationLoader;
import dev.soleinit.json.Json;
import dev.soleinit.storage.history.Generation;
import dev.soleinit.storage.history.GenerationHistory;
import dev.soleinit.process.text.TimeSpan;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * {@code daemon history}: the generations so far, newest first. It reads the journal, so that it answers
 * without a supervisor, too, and to everybody who may read the file.
 */
@Command(name = "history", description = "Shows the generations so far, newest first: how long each "
        + "lived, how it ended and why, and how long nobody was ready before it.")
public final class HistoryCommand implements Callable<Integer> {
    private static final String ROW = "%-11s%-22s%-10s%-10s%-10s%s";

    private final Map<String, String> environment;

    @Mixin
    private final HelpOption help = new HelpOption();

    @Option(names = "--json", description = "print one JSON object a generation")
    private boolean json;

    @Option(names = "--state-dir", paramLabel = "DIR", description = "where the journal is, if not in "
            + "DAEMON_STATE_DIR or the default")
    private Path stateDir;

    public HistoryCommand(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public Integer call() {
        Path directory = stateDir == null ? ConfigurationLoader.stateDir(environment)
                : stateDir.toAbsolutePath();
        List<Generation> all = GenerationHistory.load(directory).newestFirst();
        if (all.isEmpty()) {
            return ControlCommand.fail(ExitCodes.FAILED, "Cannot show the history: "
                    + Terminal.value(directory.resolve("events.jsonl"))
                    + " tells of no generation; is it the state directory (--state-dir)?");
        }
        if (json) {
            all.forEach(one -> Terminal.out(Json.write(one.fields())));
        } else {
            print(all, Instant.now());
        }
        return ExitCodes.OK;
    }

    private static void print(List<Generation> all, Instant now) {
        Terminal.out(ROW.formatted("GENERATION", "STARTED", "READY IN", "LIVED", "DOWN", "END"));
        for (Generation one : all) {
            Terminal.out(ROW.formatted(one.number(), one.seenAt().truncatedTo(ChronoUnit.SECONDS),
                    one.readyAt().map(at -> TimeSpan.words(Duration.between(one.seenAt(), at)))
                            .orElse("-"),
                    TimeSpan.words(one.lifetime(now)), one.downtime().map(TimeSpan::words).orElse("-"),
                    Terminal.value(end(one))));
        }
    }

    private static String end(Generation one) {
        String begun = one.requested().isEmpty() ? "" : "; began by " + one.requested();
        return (one.endedAt().isEmpty() ? "running" : one.how() + ": " + one.cause()) + begun;
    }
}
