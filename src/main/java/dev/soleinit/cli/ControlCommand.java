package dev.soleinit.cli;

import dev.soleinit.cli.options.HelpOption;
import dev.soleinit.config.loading.ConfigurationLoader;
import dev.soleinit.control.ErrorCodes;
import dev.soleinit.control.client.ControlClient;
import dev.soleinit.control.client.RpcException;
import dev.soleinit.control.client.SupervisorSilentException;
import dev.soleinit.control.client.SupervisorUnreachableException;
import dev.soleinit.control.text.CommandOutput;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What all commands share: where the supervisor is, how to ask it, how to fail. */
@Command
public abstract class ControlCommand implements Callable<Integer> {
    /** How long to come back to a supervisor that has no room. */
    private static final Duration BUSY = Duration.ofSeconds(30);

    @Option(names = "--run-dir", paramLabel = "DIR",
            description = "directory of the supervisor (default: as the supervisor finds it)")
    private Path runDir;

    @Mixin
    private final HelpOption help = new HelpOption();

    private final Map<String, String> environment;

    public ControlCommand(Map<String, String> environment) {
        this.environment = environment;
    }

    public ControlCommand(Map<String, String> environment, Optional<String> runDir) {
        this(environment);
        this.runDir = runDir.map(Path::of).orElse(null);
    }

    /** Does it; returns the exit code. */
    public abstract int run() throws CliException, IOException;

    @Override
    public final Integer call() {
        try {
            return run();
        } catch (CliException known) {
            return fail(known.exitCode(), known.getMessage());
        } catch (InvalidPathException bytes) {
            return fail(ExitCodes.CONFIGURATION, "Cannot use '" + Terminal.value(bytes.getInput())
                    + "': it is no path; check the variables DAEMON_RUN_DIR, XDG_RUNTIME_DIR and HOME");
        } catch (SupervisorSilentException silent) {
            return fail(ExitCodes.TRY_LATER, "Cannot reach the supervisor: " + silent.getMessage()
                    + SilentSupervisor.hint(socket()));
        } catch (SupervisorUnreachableException nobody) {
            return fail(isPermitted() ? ExitCodes.NO_SUPERVISOR : ExitCodes.NOT_PERMITTED,
                    "Cannot reach the supervisor: " + nobody.getMessage() + (isPermitted()
                            ? "; is it running, and is --run-dir right?"
                            : "; only its own user and root may ask it"));
        } catch (IOException broken) {
            return fail(ExitCodes.FAILED, "Cannot talk to the supervisor: " + broken.getMessage());
        }
    }

    public static int fail(int code, String message) {
        Terminal.err(message);
        return code;
    }

    /** From the flag, else as the supervisor would find it. */
    public Path socket() {
        Path directory = runDir == null ? ConfigurationLoader.runDir(environment)
                : runDir.toAbsolutePath();
        return directory.resolve("control.sock");
    }

    private boolean isPermitted() {
        Path socket = socket();
        return Files.isWritable(socket) || !Files.exists(socket);
    }

    /** Asks the supervisor, in the name of the CLI; as often as it takes while it is busy. */
    public Map<String, Object> call(String method, Map<String, Object> params)
            throws CliException, IOException {
        try {
            return call(socket(), method, params);
        } catch (RpcException refused) {
            throw failure(method, refused);
        }
    }

    public static Map<String, Object> call(Path socket, String method, Map<String, Object> params)
            throws IOException, RpcException {
        long deadline = System.nanoTime() + BUSY.toNanos();
        while (true) {
            try {
                return callOnce(socket, method, params);
            } catch (RpcException refused) {
                if (refused.code() != ErrorCodes.BUSY || System.nanoTime() > deadline) {
                    throw refused;
                }
            }
            pause();
        }
    }

    public static Map<String, Object> callOnce(Path socket, String method, Map<String, Object> params)
            throws IOException, RpcException {
        Map<String, Object> all = new HashMap<>(params);
        all.put("door", "cli");
        try (ControlClient client = ControlClient.connect(socket)) {
            return hasOutcome(method, params) ? client.call(method, all)
                    : client.call(method, all, ControlClient.TIMEOUT);
        }
    }

    /** What is answered later than at once, and how much later is not ours to say. */
    private static boolean hasOutcome(String method, Map<String, Object> params) {
        return switch (method) {
            case "start", "stop", "restart.request", "reload" ->
                    !Boolean.FALSE.equals(params.get("block"));
            case "wait", "restart.preflight" -> true;
            default -> false;
        };
    }

    /** Of many callers not all come back at the same moment. */
    public static void pause() throws IOException {
        try {
            Thread.sleep(ThreadLocalRandom.current().nextInt(20, 200));
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
    }

    public static CliException failure(String verb, RpcException refused) {
        CommandOutput output = CommandOutput.refusal(verb, refused.code(), refused.getMessage());
        return new CliException(output.exitCode(), output.err());
    }
}
