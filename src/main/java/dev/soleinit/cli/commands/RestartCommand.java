package dev.soleinit.cli.commands;

import dev.soleinit.cli.CliException;
import dev.soleinit.cli.ControlCommand;
import dev.soleinit.cli.ExitCodes;
import dev.soleinit.cli.Progress;
import dev.soleinit.cli.Terminal;
import dev.soleinit.cli.options.BlockerOptions;
import dev.soleinit.cli.options.ChangeOptions;
import dev.soleinit.config.loading.ConfigurationLoader;
import dev.soleinit.control.client.RpcException;
import dev.soleinit.control.text.Printing;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code daemon restart}: a new process, and its readiness. */
@Command(customSynopsis = "daemon restart [OPTIONS] [-- ARG...]",
        name = "restart", description = "Restarts the daemon and waits until the new one is ready.")
public final class RestartCommand extends ControlCommand {
    @Spec
    private CommandSpec spec;

    @Option(names = "--safe", description = "wait, serving, until no work blocks; give up rather "
            + "than cut any")
    private boolean safe;

    @Option(names = "--wait", paramLabel = "DURATION",
            description = "how long --safe waits (default: the setting --safe-wait, 5m); 0: no bound")
    private String wait;

    @Mixin
    private BlockerOptions ignored = new BlockerOptions();

    @Option(names = "--force", description = "kill it after a short grace (--force-grace)")
    private boolean force;

    @Option(names = "--graceful", negatable = true, fallbackValue = "true",
            description = "drain the work it reports first, or not (default: --graceful)")
    private Boolean graceful;

    @Option(names = "--assume-idle", description = "with --safe: a daemon of whose work nothing is "
            + "known counts as idle")
    private boolean assumeIdle;

    @Option(names = "--timeout", paramLabel = "DURATION",
            description = "how long that drain may take (default: the setting --restart-timeout, 10s)")
    private String timeout;

    @Option(names = "--overlap", arity = "0..1", paramLabel = "HOW", fallbackValue = "yes",
            description = "start the next generation beside this one, and stop this one once that is "
                    + "ready: yes, if-room, shared-port, if-room,shared-port, no (default: the "
                    + "setting --overlap)")
    private String overlap;

    @Mixin
    private ChangeOptions options = new ChangeOptions();

    @Parameters(paramLabel = "-- ARG...", arity = "0..*",
            description = "replaces the daemon's arguments from now on")
    private List<String> arguments;

    public RestartCommand(Map<String, String> environment) {
        super(environment);
    }

    @Override
    public int run() throws CliException, IOException {
        checkUsage();
        try (Progress _ = Progress.begin(socket(), "restart")) {
            Map<String, Object> answer = call(socket(), "restart.request", params());
            print(answer);
            return ExitCodes.OK;
        } catch (RpcException refused) {
            if (options.json() && !refused.data().isEmpty()) {
                print(refused.data());
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
        if (safe && force) {
            throw new CliException(ExitCodes.USAGE, "Cannot restart with both --safe and --force: "
                    + "drop --force to wait for work, or --safe to cut it");
        }
        if (safe && Boolean.FALSE.equals(graceful)) {
            throw new CliException(ExitCodes.USAGE, "Cannot restart with both --safe and "
                    + "--no-graceful: drop one of them");
        }
        if (wait != null && !safe) {
            throw new CliException(ExitCodes.USAGE, "Cannot use --wait without --safe; --timeout "
                    + "bounds the drain of a graceful restart");
        }
        if (assumeIdle && !safe) {
            throw new CliException(ExitCodes.USAGE, "Cannot use --assume-idle without --safe: only a "
                    + "safe restart asks what is known");
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
        params.put("safe", safe);
        params.put("assumeIdle", assumeIdle);
        options.addTo(params);
        ignored.addTo(params);
        if (overlap != null) {
            params.put("overlap", overlap);
        }
        seconds(params, "timeout", timeout);
        seconds(params, "wait", wait);
        if (arguments != null) {
            params.put("arguments", arguments);
        }
        return params;
    }

    private static void seconds(Map<String, Object> params, String name, String text)
            throws CliException {
        if (text == null) {
            return;
        }
        try {
            params.put(name, ConfigurationLoader.duration(text).toMillis() / 1000.0);
        } catch (IllegalArgumentException bad) {
            throw new CliException(ExitCodes.USAGE, "Cannot use --" + name + ": " + bad.getMessage());
        }
    }

    private void print(Map<String, Object> answer) {
        if (options.json()) {
            ChangeOptions.printJson(answer);
        } else {
            Terminal.out(new Printing("restart.request", false).result(answer).out());
        }
    }
}
