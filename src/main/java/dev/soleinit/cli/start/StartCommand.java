package dev.soleinit.cli.start;

import dev.soleinit.cli.CliException;
import dev.soleinit.cli.ControlCommand;
import dev.soleinit.cli.ExitCodes;
import dev.soleinit.cli.FastPath;
import dev.soleinit.cli.Progress;
import dev.soleinit.cli.SettingOptions;
import dev.soleinit.cli.SilentSupervisor;
import dev.soleinit.cli.Terminal;
import dev.soleinit.cli.options.HelpOption;
import dev.soleinit.cli.options.RequestOptions;
import dev.soleinit.config.Setting;
import dev.soleinit.config.loading.ConfigurationLoader;
import dev.soleinit.control.client.RpcException;
import dev.soleinit.control.client.SupervisorSilentException;
import dev.soleinit.control.client.SupervisorUnreachableException;
import dev.soleinit.control.text.CommandOutput;
import dev.soleinit.json.Json;
import dev.soleinit.storage.files.RunDirException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/**
 * {@code daemon start}: where a supervisor owns the daemon, asks it and spawns nothing; on a host
 * without one, makes a detached supervisor. {@link StartGuard} decides which.
 */
@Command(customSynopsis = "daemon start [OPTIONS] [-- COMMAND [ARG...]]",
        name = "start", sortOptions = false, description = {
    "Starts the daemon, and waits until it is ready.",
    "Under a supervisor this asks it and never spawns a second daemon; on a host without one it",
    "starts a detached supervisor with the given settings and command."})
public final class StartCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private final HelpOption help = new HelpOption();

    @Mixin
    private final RequestOptions options = new RequestOptions();

    @Parameters(paramLabel = "-- COMMAND [ARG...]", arity = "0..*",
            description = "what to run, on a host without a supervisor")
    private List<String> command = List.of();

    private final Map<String, String> environment;
    private Optional<String> runDir = Optional.empty();

    public StartCommand(Map<String, String> environment) {
        this.environment = environment;
    }

    /** One that has been read already. */
    public StartCommand(Map<String, String> environment, FastPath line) {
        this(environment);
        runDir = line.given("run-dir");
        options.read(line);
    }

    @Override
    public Integer call() {
        runDir = SettingOptions.given(spec.commandLine().getParseResult(), Setting.RUN_DIR);
        try {
            return start();
        } catch (CliException known) {
            return ControlCommand.fail(known.exitCode(), known.getMessage());
        } catch (RunDirException unusable) {
            return ControlCommand.fail(ExitCodes.NOT_PERMITTED, unusable.getMessage());
        } catch (IOException broken) {
            return broken(broken);
        }
    }

    /** Asks the supervisor and returns the exit code; empty if none answers. */
    public Optional<Integer> ask() {
        try {
            return Optional.of(askPatiently());
        } catch (SupervisorSilentException silent) {
            CliException known = silent(socket(), silent);
            return Optional.of(ControlCommand.fail(known.exitCode(), known.getMessage()));
        } catch (SupervisorUnreachableException nobody) {
            return Optional.empty();
        } catch (RpcException refused) {
            CliException known = ControlCommand.failure("start", refused);
            return Optional.of(ControlCommand.fail(known.exitCode(), known.getMessage()));
        } catch (IOException broken) {
            return Optional.of(broken(broken));
        }
    }

    /** It owns the daemon all the same: nothing may be spawned beside it. */
    private CliException silent(Path socket, SupervisorSilentException silent) {
        String words = silent.getMessage() + SilentSupervisor.hint(socket);
        try {
            StartGuard.requireNoMarker(environment, words);
            return new CliException(ExitCodes.TRY_LATER, "Cannot start: " + words);
        } catch (CliException marked) {
            return marked;
        }
    }

    private static int broken(IOException reason) {
        return ControlCommand.fail(ExitCodes.FAILED, "Cannot start: " + reason.getMessage());
    }

    private int start() throws CliException, IOException {
        try {
            return askPatiently();
        } catch (SupervisorSilentException silent) {
            throw silent(socket(), silent);
        } catch (SupervisorUnreachableException nobody) {
            return startHere(nobody.getMessage());
        } catch (RpcException refused) {
            throw ControlCommand.failure("start", refused);
        }
    }

    /** Without reading all settings: a broken one keeps nobody from asking a supervisor. */
    private Path socket() {
        return runDir.map(named -> Path.of(named).toAbsolutePath())
                .orElseGet(() -> ConfigurationLoader.runDir(environment)).resolve("control.sock");
    }

    private int startHere(String nobody) throws CliException, IOException {
        ParseResult parsed = spec.commandLine().getParseResult();
        StartGuard.requireNoMarker(environment, nobody);
        DetachedSupervisor host =
                new DetachedSupervisor(SettingOptions.load(parsed, environment, command),
                parsed.originalArgs());
        host.start(nobody);
        try {
            if (host.startedHere()) {
                requireNoFailure(firstStart(host.socket()), host);
            }
            return ask(host.socket(), host.startedHere());
        } catch (SupervisorSilentException silent) {
            throw silent(host.socket(), silent);
        } catch (SupervisorUnreachableException ended) {
            throw new CliException(ExitCodes.FAILED, "Cannot start: the supervisor has ended"
                    + host.lastLines());
        } catch (RpcException refused) {
            CliException failure = ControlCommand.failure("start", refused);
            throw new CliException(failure.exitCode(), failure.getMessage() + host.lastLines());
        }
    }

    /**
     * How the start ends that our own supervisor makes by itself: a request would end its backoff, so
     * it has to come after that.
     */
    private Map<String, Object> firstStart(Path socket) throws RpcException, IOException {
        if (options.noBlock()) {
            return ControlCommand.call(socket, "status", Map.of());
        }
        try (Progress _ = Progress.begin(socket, "start")) {
            return ControlCommand.call(socket, "wait", Map.of("condition", "settled"));
        }
    }

    /** To ask for a start now would only make it fail once more. */
    private static void requireNoFailure(Map<String, Object> status, DetachedSupervisor host)
            throws CliException, IOException {
        if (status.get("nextAttemptInMs") != null) {
            throw new CliException(ExitCodes.FAILED, "Cannot start: the daemon failed: "
                    + Terminal.value(status.get("backoffReason")) + "; the supervisor tries again in "
                    + status.get("nextAttemptInMs") + " ms" + host.lastLines());
        }
    }

    /** A supervisor that somebody makes at this moment may be long in accepting: it is asked again. */
    private int askPatiently() throws RpcException, IOException {
        Path runDir = socket().getParent();
        long deadline = System.nanoTime() + DetachedSupervisor.TIMEOUT.toNanos();
        while (true) {
            boolean starting = DetachedSupervisor.isBeingStarted(runDir);
            try {
                return ask(socket(), false);
            } catch (SupervisorSilentException silent) {
                if (!starting && !DetachedSupervisor.isBeingStarted(runDir)
                        || System.nanoTime() - deadline > 0) {
                    throw silent;
                }
            }
        }
    }

    private int ask(Path socket, boolean ours) throws RpcException, IOException {
        Map<String, Object> params = new HashMap<>();
        options.addTo(params);
        Map<String, Object> answer;
        try (Progress _ = Progress.begin(socket, "start")) {
            answer = ControlCommand.call(socket, "start", params);
        }
        Terminal.out(options.json() ? Json.write(answer)
                : words(answer, ControlCommand.call(socket, "status", Map.of()), ours));
        return ExitCodes.OK;
    }

    private String words(Map<String, Object> answer, Map<String, Object> status,
            boolean ours) {
        boolean already = !ours
                && "already".equals(CommandOutput.object(answer, "outcome").get("restartStatus"));
        String owner = "container".equals(environment.get("DAEMON_SUPERVISOR"))
                ? "the container supervisor" : "the supervisor";
        return (already ? "already running" : String.valueOf(status.get("state"))) + ": pid "
                + status.get("pid") + ", generation " + status.get("generation") + ", owned by "
                + owner + " (pid " + CommandOutput.object(status, "supervisor").get("pid") + ")";
    }
}
