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
import dev.soleinit.json.Json;
import dev.soleinit.storage.history.TimeSpan;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code daemon status}: the state word first; the exit code says the same. */
@Command(name = "status", description = {"Shows the daemon's status.",
    "Exit code 0 ready, 1 not ready, 3 held or ended, 4 no supervisor answers."})
public final class StatusCommand extends ControlCommand {
    private static final int COLUMN = 12;

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
            // home, and clear what is below, so that nothing flickers
            System.out.print(Progress.onTerminal() ? "\033[H\033[J" : "");
            once();
            pauseASecond();
        }
        return once();
    }

    private static void pauseASecond() throws InterruptedIOException {
        try {
            Thread.sleep(1_000);
        } catch (InterruptedException stop) {
            throw new InterruptedIOException("interrupted");
        }
    }

    private int once() throws CliException, IOException {
        Map<String, Object> status;
        try (ControlClient client = ControlClient.connect(socket())) {
            status = client.call("status", Map.of(), ControlClient.TIMEOUT);
        } catch (SupervisorSilentException silent) {
            return unknown(ExitCodes.NOBODY, silent.getMessage() + SilentSupervisor.hint(socket()));
        } catch (SupervisorUnreachableException nobody) {
            return unknown(ExitCodes.NOBODY, nobody.getMessage());
        } catch (RpcException refused) {
            return unknown(failure("tell", refused).exitCode(), refused.getMessage());
        }
        Terminal.out(json ? Json.write(status) : text(status));
        return exitCode(status);
    }

    private int unknown(int code, String why) {
        Terminal.out(json ? Json.write(Map.of("schema", 1, "state", "unknown", "ready", false))
                : "unknown");
        return fail(ready ? ExitCodes.FAILED : code, "Cannot tell: " + why);
    }

    private int exitCode(Map<String, Object> status) {
        if (Boolean.TRUE.equals(status.get("ready"))) {
            return ExitCodes.OK;
        }
        boolean down = List.of("held", "ending", "ended").contains(status.get("state"));
        return down && !ready ? ExitCodes.DOWN : ExitCodes.FAILED;
    }

    static String text(Map<String, Object> status) {
        StringBuilder out = new StringBuilder(Terminal.value(status.get("state")));
        if (Boolean.TRUE.equals(status.get("crashLoop"))) {
            out.append(" (crash-loop)");
        }
        line(out, "generation", status.get("generation")
                + (Boolean.FALSE.equals(status.get("reloadConfirmed")) ? " (unconfirmed)" : ""));
        line(out, "pid", status.get("pid"));
        line(out, "command", String.join(" ", strings(status.get("command"))));
        line(out, "uptime", TimeSpan.ofMillis(status.get("uptimeMs")));
        line(out, "says", status.get("statusText"));
        line(out, "held", object(status, "hold").get("reason"));
        Map<?, ?> overlap = object(status, "overlap");
        if (!overlap.isEmpty()) {
            line(out, String.valueOf(overlap.get("role")), "generation " + overlap.get("generation")
                    + ", pid " + overlap.get("pid") + ", " + overlap.get("stage"));
        }
        if (status.get("nextAttemptInMs") != null) {
            line(out, "failed", status.get("failures") + " in a row: " + status.get("backoffReason"));
            line(out, "next try", "in " + TimeSpan.ofMillis(status.get("nextAttemptInMs")));
        }
        work(out, status);
        listening(out, status.get("listening"));
        line(out, "orphans", status.get("orphansReaped"));
        line(out, "supervisor", "pid " + object(status, "supervisor").get("pid") + ", instance "
                + status.get("instance") + ", soleinit " + status.get("version"));
        ends(out, status.get("exits"));
        strings(status.get("warnings")).forEach(warning -> line(out, "warning", warning));
        return out.toString();
    }

    private static void work(StringBuilder out, Map<String, Object> status) {
        Map<?, ?> work = object(status, "work");
        if (number(object(work, "counts"), "totalActive") > 0) {
            line(out, "work", work.get("summary"));
            PreflightCommand.lines(work).forEach(one -> line(out, "", one));
        }
        if (status.get("restarts") instanceof List<?> waiting) {
            for (Object one : waiting) {
                Map<?, ?> wish = (Map<?, ?>) one;
                line(out, "restart", wish.get("mode") + " " + wish.get("id") + " waits, asked for by "
                        + wish.get("caller") + deadline(wish));
            }
        }
        line(out, "busy", status.get("busy"));
        Map<?, ?> refused = object(status, "refused");
        if (!refused.isEmpty()) {
            line(out, "refused", refused.get("action") + " of " + refused.get("at") + ", asked for by "
                    + refused.get("caller") + ": " + refused.get("message"));
        }
        Map<?, ?> rejected = object(status, "configRejected");
        if (!rejected.isEmpty()) {
            line(out, "rejected", "configuration of " + rejected.get("at") + ": "
                    + rejected.get("reason"));
        }
    }

    /** When it begins, or gives up. */
    private static String deadline(Map<?, ?> wish) {
        return wish.get("givesUpInMs") instanceof Number left ? "; gives up in " + TimeSpan.ofMillis(left)
                : wish.get("dueInMs") instanceof Number due && due.longValue() > 0
                ? "; begins in " + TimeSpan.ofMillis(due) : "";
    }

    private static void listening(StringBuilder out, Object sockets) {
        if (sockets instanceof List<?> list) {
            for (Object one : list) {
                Map<?, ?> socket = (Map<?, ?>) one;
                line(out, "listening", socket.get("address") + ", '" + socket.get("name")
                        + "', descriptor " + socket.get("fd"));
            }
        }
    }

    private static void ends(StringBuilder out, Object exits) {
        if (exits instanceof List<?> list) {
            for (Object one : list) {
                Map<?, ?> end = (Map<?, ?>) one;
                Object role = end.get("role");
                line(out, "ended", "generation " + end.get("generation")
                        + (role == null ? "" : " (" + role + ")") + " after "
                        + TimeSpan.ofMillis(end.get("uptimeMs")) + ": " + end.get("words") + ", "
                        + end.get("cause"));
            }
        }
    }

    private static void line(StringBuilder out, String name, Object value) {
        if (value != null && !value.toString().isEmpty()) {
            out.append("\n  ").append(name).repeat(' ', COLUMN - name.length())
                    .append(Terminal.value(value));
        }
    }

    private static List<String> strings(Object value) {
        return value instanceof List<?> list ? list.stream().map(String::valueOf).toList()
                : List.of();
    }
}
