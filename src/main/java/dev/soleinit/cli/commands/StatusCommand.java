package dev.soleinit.cli.commands;

import dev.soleinit.cli.CliException;
import dev.soleinit.cli.ControlCommand;
import dev.soleinit.cli.ExitCodes;
import dev.soleinit.cli.FastPath;
import dev.soleinit.cli.Progress;
import dev.soleinit.cli.SilentSupervisor;
import dev.soleinit.cli.Terminal;
import dev.soleinit.control.client.ControlClient;
import dev.soleinit.control.client.RpcException;
import dev.soleinit.control.client.SupervisorSilentException;
import dev.soleinit.control.client.SupervisorUnreachableException;
import dev.soleinit.control.text.CommandOutput;
import dev.soleinit.control.text.Printing;
import dev.soleinit.json.Json;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code daemon status}: the state word first; the exit code says the same. */
@Command(name = "status", description = {"Shows the daemon's status.",
    "Exit code 0 ready, 1 not ready, 3 held or ended, 4 no supervisor answers."})
public final class StatusCommand extends ControlCommand {
    /** Home, and clear what is below: printed with what takes its place, so that nothing flickers. */
    private static final String REDRAW = "\033[H\033[J";

    @Option(names = "--json", description = "print one JSON object (schema 1)")
    private boolean json;

    @Option(names = "--ready", description = "exit code 0 if it is ready, else 1: a health check")
    private boolean ready;

    @Option(names = "--watch", description = "redraw every second, until Ctrl-C")
    private boolean watch;

    public StatusCommand(Map<String, String> environment) {
        super(environment);
    }

    /** One that has been read already. */
    public StatusCommand(Map<String, String> environment, FastPath line) {
        super(environment, line.given("run-dir"));
        json = line.given("json").isPresent();
        ready = line.given("ready").isPresent();
    }

    @Override
    public int run() throws CliException, IOException {
        while (watch) {
            once(Progress.onTerminal() ? REDRAW : "");
            pauseASecond();
        }
        return once("");
    }

    private static void pauseASecond() throws InterruptedIOException {
        try {
            Thread.sleep(1_000);
        } catch (InterruptedException stop) {
            throw new InterruptedIOException("interrupted");
        }
    }

    private int once(String before) throws CliException, IOException {
        Map<String, Object> status;
        try (ControlClient client = ControlClient.connect(socket())) {
            status = client.call("status", Map.of(), ControlClient.TIMEOUT);
        } catch (SupervisorSilentException silent) {
            return unknown(before, ExitCodes.NO_ANSWER,
                    silent.getMessage() + SilentSupervisor.hint(socket()));
        } catch (SupervisorUnreachableException nobody) {
            return unknown(before, ExitCodes.NO_ANSWER, nobody.getMessage());
        } catch (RpcException refused) {
            return unknown(before, failure("tell", refused).exitCode(), refused.getMessage());
        }
        CommandOutput output = new Printing("status", json).result(status);
        draw(before, output.out());
        return ready && output.exitCode() == ExitCodes.DOWN ? ExitCodes.FAILED : output.exitCode();
    }

    private static void draw(String before, String text) {
        System.out.print(before);
        Terminal.out(text);
    }

    private int unknown(String before, int code, String why) {
        // in one order: that of Map.of is another in each process
        Map<String, Object> status = new LinkedHashMap<>();
        status.put("schema", 1);
        status.put("state", "unknown");
        status.put("ready", false);
        draw(before, json ? Json.write(status) : "unknown");
        return fail(ready ? ExitCodes.FAILED : code, "Cannot tell: " + why);
    }
}
