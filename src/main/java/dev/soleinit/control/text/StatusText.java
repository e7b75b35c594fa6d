package dev.soleinit.control.text;

import dev.soleinit.process.text.TimeSpan;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The answer to {@code status} in words: the state first, then a line for each thing there is to say. */
public final class StatusText {
    private static final int COLUMN = 12;

    private StatusText() {}

    static int exitCode(Map<String, Object> status) {
        if (Boolean.TRUE.equals(status.get("ready"))) {
            return CommandOutput.OK;
        }
        boolean down = List.of("held", "ending", "ended").contains(status.get("state"));
        return down ? CommandOutput.DOWN : CommandOutput.FAILED;
    }

    static String of(Map<String, Object> status) {
        StringBuilder out = new StringBuilder(CommandOutput.value(status.get("state")));
        if (Boolean.TRUE.equals(status.get("crashLoop"))) {
            out.append(" (crash-loop)");
        }
        line(out, "generation", status.get("generation")
                + (Boolean.FALSE.equals(status.get("reloadConfirmed")) ? " (unconfirmed)" : ""));
        line(out, "pid", status.get("pid"));
        line(out, "command", String.join(" ", strings(status.get("command"))));
        line(out, "uptime", TimeSpan.ofMillis(status.get("uptimeMs")));
        line(out, "says", status.get("statusText"));
        line(out, "held", CommandOutput.object(status, "hold").get("reason"));
        Map<?, ?> awaited = CommandOutput.object(status, "awaited");
        if (!awaited.isEmpty()) {
            line(out, "waits for", awaited.get("what") + left(awaited));
        }
        Map<?, ?> overlap = CommandOutput.object(status, "overlap");
        if (!overlap.isEmpty()) {
            line(out, String.valueOf(overlap.get("role")), "generation " + overlap.get("generation")
                    + ", pid " + overlap.get("pid") + ", " + overlap.get("stage") + left(overlap));
        }
        if (status.get("nextAttemptInMs") != null) {
            line(out, "failed", status.get("failures") + " in a row: " + status.get("backoffReason"));
            line(out, "next try", "in " + TimeSpan.ofMillis(status.get("nextAttemptInMs")));
        }
        work(out, status);
        listening(out, status.get("listening"));
        line(out, "orphans", status.get("orphansReaped"));
        Map<?, ?> supervisor = CommandOutput.object(status, "supervisor");
        line(out, "supervisor", "pid " + supervisor.get("pid") + ", instance " + status.get("instance")
                + ", soleinit " + status.get("version"));
        ends(out, status.get("exits"));
        for (String warning : strings(status.get("warnings"))) {
            line(out, "warning", warning);
        }
        return out.toString();
    }

    /** How much of its time is left, of something with a deadline. */
    public static String left(Map<?, ?> waiting) {
        return waiting.get("deadlineMs") instanceof Number left
                ? ", " + TimeSpan.ofMillis(left) + " left" : "";
    }

    private static void work(StringBuilder out, Map<String, Object> status) {
        Map<?, ?> work = CommandOutput.object(status, "work");
        if (CommandOutput.object(work, "counts").get("totalActive") instanceof Number active
                && active.longValue() > 0) {
            line(out, "work", work.get("summary"));
            for (String one : blockers(work)) {
                line(out, "", one);
            }
        }
        if (status.get("restarts") instanceof List<?> waiting) {
            for (Object one : waiting) {
                Map<?, ?> wish = (Map<?, ?>) one;
                line(out, "restart", wish.get("mode") + " " + wish.get("id") + " waits, asked for by "
                        + wish.get("caller") + deadline(wish));
            }
        }
        line(out, "busy", status.get("busy"));
        Map<?, ?> refused = CommandOutput.object(status, "refused");
        if (!refused.isEmpty()) {
            line(out, "refused", refused.get("action") + " of " + refused.get("at") + ", asked for by "
                    + refused.get("caller") + ": " + refused.get("message"));
        }
        Map<?, ?> rejected = CommandOutput.object(status, "configRejected");
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
                    .append(CommandOutput.value(value));
        }
    }

    private static List<String> strings(Object value) {
        List<String> all = new ArrayList<>();
        if (value instanceof List<?> list) {
            for (Object one : list) {
                all.add(String.valueOf(one));
            }
        }
        return all;
    }

    /** The blockers of a preflight, a line each. */
    public static List<String> blockers(Map<?, ?> preflight) {
        List<String> lines = new ArrayList<>();
        if (preflight.get("blockers") instanceof List<?> list) {
            for (Object one : list) {
                lines.add(CommandOutput.value(((Map<?, ?>) one).get("message")));
            }
        }
        return lines;
    }
}
