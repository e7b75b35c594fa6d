package dev.soleinit.cli.commands;

import dev.soleinit.cli.CliException;
import dev.soleinit.cli.ControlCommand;
import dev.soleinit.cli.ExitCodes;
import dev.soleinit.cli.FastPath;
import dev.soleinit.cli.Progress;
import dev.soleinit.cli.Terminal;
import dev.soleinit.config.loading.ConfigurationLoader;
import dev.soleinit.control.ErrorCodes;
import dev.soleinit.control.client.RpcException;
import dev.soleinit.control.client.SupervisorUnreachableException;
import dev.soleinit.control.text.CommandOutput;
import dev.soleinit.control.text.Printing;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code daemon wait}: until the daemon is as wanted. */
@Command(name = "wait", description = {"Waits until the daemon is as wanted.",
    "Exit code 75 if the time is over before."})
public final class WaitCommand extends ControlCommand {
    static final class WaitCondition {
        @Option(names = "--ready", description = "until it is ready (the default)")
        private boolean ready;

        @Option(names = "--stopped", description = "until no daemon runs")
        private boolean stopped;

        @Option(names = "--generation", paramLabel = "N",
                description = "until generation N or a newer one is ready")
        private Long generation;
    }

    @ArgGroup(exclusive = true)
    private WaitCondition wish = new WaitCondition();

    @Option(names = "--json", description = "print the status as one JSON object (schema 1)")
    private boolean json;

    @Option(names = "--timeout", paramLabel = "DURATION", description = "default: 60s")
    private String timeout = "60s";

    public WaitCommand(Map<String, String> environment) {
        super(environment);
    }

    /** One that has been read already. */
    public WaitCommand(Map<String, String> environment, FastPath line) {
        super(environment, line.given("run-dir"));
        wish.stopped = line.given("stopped").isPresent();
        json = line.given("json").isPresent();
        timeout = line.given("timeout").orElse(timeout);
    }

    @Override
    public int run() throws CliException, IOException {
        Duration time = patience();
        // the launcher may have waited for some of it
        long now = System.nanoTime();
        long deadline = Long.getLong("soleinit.begun", now) + time.toNanos();
        Map<String, Object> status;
        try (Progress _ = Progress.begin(socket(), "wait")) {
            status = answer(deadline - now, deadline);
        }
        CommandOutput output = new Printing("wait", json).result(status);
        Terminal.out(output.out());
        return output.exitCode();
    }

    private Duration patience() throws CliException {
        try {
            return ConfigurationLoader.duration(timeout);
        } catch (IllegalArgumentException bad) {
            throw new CliException(ExitCodes.USAGE, "Cannot use --timeout: " + bad.getMessage());
        }
    }

    private Map<String, Object> params(long nanos) {
        Map<String, Object> params = new HashMap<>();
        params.put("condition", wish.stopped ? "stopped"
                : wish.generation != null ? "generation" : "ready");
        if (wish.generation != null) {
            params.put("generation", wish.generation);
        }
        params.put("timeout", Math.max(0, nanos) / 1_000_000 / 1000.0);
        return params;
    }

    /**
     * A supervisor that is still starting is waited for as well, and one that is busy or does not
     * answer for a while.
     */
    private Map<String, Object> answer(long time, long deadline) throws CliException, IOException {
        for (long left = time; ; left = deadline - System.nanoTime()) {
            try {
                return callOnce(socket(), "wait", params(left));
            } catch (SupervisorUnreachableException notYet) {
                if (System.nanoTime() > deadline) {
                    throw notYet;
                }
            } catch (RpcException refused) {
                if (System.nanoTime() > deadline || refused.code() != ErrorCodes.BUSY) {
                    throw failure("wait", refused);
                }
            }
            pause();
        }
    }
}
