package dev.soleinit.cli;

import dev.soleinit.control.CallException;
import dev.soleinit.control.ControlClient;
import dev.soleinit.control.ErrorCodes;
import dev.soleinit.control.NoSupervisorException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What all commands share: where the supervisor is, how to ask it, how to fail. */
@Command
abstract class Verb implements Callable<Integer> {
    @Option(names = "--run-dir", paramLabel = "DIR",
            description = "directory of the supervisor (default: as the supervisor finds it)")
    private Path runDir;

    @Option(names = {"-h", "--help"}, usageHelp = true, description = "show this help")
    private boolean help;

    /** Does it; returns the exit code. */
    abstract int run() throws CliException, IOException;

    @Override
    public final Integer call() {
        try {
            return run();
        } catch (CliException known) {
            return fail(known.exitCode(), known.getMessage());
        } catch (NoSupervisorException nobody) {
            return fail(ExitCodes.NO_SUPERVISOR, "Cannot reach the supervisor: "
                    + nobody.getMessage() + "; is it running, and is --run-dir right?");
        } catch (IOException broken) {
            return fail(ExitCodes.FAILED, "Cannot talk to the supervisor: " + broken.getMessage());
        }
    }

    static int fail(int code, String message) {
        System.err.println(message);
        return code;
    }

    /** From the flag, else as the supervisor would find it. */
    Path runDir() throws CliException {
        if (runDir == null) {
            runDir = SettingOptions.load(Map.of(), List.of()).runDir();
        }
        return runDir.toAbsolutePath();
    }

    Path socket() throws CliException {
        return runDir().resolve("control.sock");
    }

    /** Asks the supervisor, in the name of the CLI. */
    Map<String, Object> ask(String method, Map<String, Object> params)
            throws CliException, IOException {
        try (ControlClient client = ControlClient.connect(socket())) {
            Map<String, Object> all = new HashMap<>(params);
            all.put("door", "cli");
            return client.call(method, all);
        } catch (CallException refused) {
            throw failure(refused);
        }
    }

    static CliException failure(CallException refused) {
        int code = switch (refused.code()) {
            case ErrorCodes.BUSY, ErrorCodes.TIMEOUT -> ExitCodes.TRY_LATER;
            case ErrorCodes.INVALID_PARAMS, ErrorCodes.NO_METHOD -> ExitCodes.USAGE;
            default -> ExitCodes.FAILED;
        };
        return new CliException(code, refused.getMessage().startsWith("Cannot")
                ? refused.getMessage() : "Cannot do that: " + refused.getMessage());
    }

    static Map<?, ?> object(Map<?, ?> from, String name) {
        return from.get(name) instanceof Map<?, ?> map ? map : Map.of();
    }

    static long number(Map<?, ?> from, String name) {
        return from.get(name) instanceof Number number ? number.longValue() : 0;
    }
}
