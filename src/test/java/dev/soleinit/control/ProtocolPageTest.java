package dev.soleinit.control;

import static dev.soleinit.docs.Generated.cell;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.soleinit.docs.Generated;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * {@code docs/protocol.md} lists the methods and errors that there are. Names, types and defaults of
 * parameters are found by asking what reads them.
 */
class ProtocolPageTest {
    private static final Path PAGE = Path.of("docs/protocol.md");
    private static final Pattern KNOWN = Pattern.compile(".*known are \\[(.*)]");
    private static final Pattern TYPE = Pattern.compile("parameter '.*' must be (.*)");
    /** Each takes these, too; they are described once. */
    private static final List<String> COMMON = List.of("door", "reason");
    /** Without these a method is an error. */
    private static final Map<String, Map<String, Object>> NEEDED = Map.of(
            "signal", Map.of("signal", "HUP"), "work.begin", Map.of("id", "a"),
            "work.end", Map.of("id", "a"), "resume.confirm", Map.of("id", "a"),
            "restart.request assumeIdle", Map.of("safe", true));
    private static final Map<String, String> CALLERS = Map.of(
            "status", "The object of `daemon status --json`.",
            "start", "Release a hold, end a backoff; the outcome comes once the daemon is ready.",
            "stop", "Hold the daemon down; the outcome comes once it is.",
            "restart.request", "A new process. `graceful`: drain; `safe`: wait until nothing blocks; `force`: "
                    + "cut. `timeout` bounds the drain, `wait` a safe restart's patience. "
                    + "`arguments` replace the command's own.",
            "restart.preflight", "Answers `safe`, `counts`, `blockers`, `summary`.",
            "reload", "The same process, the next generation.",
            "signal", "Send a signal, by name or number, to the daemon.",
            "wait", "Answers with the status once `condition` (`ready`, `stopped`, `generation`, "
                    + "`settled`: ready, or no start is under way any longer) holds, or "
                    + "with error -32003 after `timeout`.",
            "events.subscribe", "Answers with a count; then come notices `event` with a `line` of the "
                    + "journal each: the last ones, or those after `since`, and with `follow` what happens "
                    + "from now on, else `end`.");
    private static final Map<String, String> DAEMONS = Map.of(
            "attach", "Comes first. `protocol` is the highest version that the daemon speaks, 1 if it "
                    + "says none. A wrong token or an older generation is refused; a newer connection "
                    + "takes the place of an older one.",
            "work.begin", "A piece of work, or more about one that has begun. With an `id` of the request a "
                    + "new piece asks: while fenced it is refused (-32001, \"restarting, try again shortly\"). "
                    + "Without, it has begun, and counts.",
            "work.end", "A piece of work has ended.",
            "work.report", "The `items`, each as in `work.begin`, are all its work.",
            "ready", "It serves. This counts with `--ready attach`, and after a reload, then with the "
                    + "`generation` that came with it.",
            "drained", "It was asked to drain, and its last piece of work has ended.",
            "failed", "It could not start, or it could not reload and goes on as before; the "
                    + "`reason` says why.",
            "resume.claim", "The next piece of interrupted work, please. While fenced there is none, and "
                    + "`resume` comes once the fence is lifted.",
            "resume.confirm", "That piece goes on, and need not be kept any longer.");
    private static final Map<String, String> ERRORS = Map.of(
            "PARSE", "The line is not JSON.", "INVALID_REQUEST", "It is JSON, but no request.",
            "NO_METHOD", "There is no such method.", "INVALID_PARAMS", "A parameter is unknown or wrong.",
            "BUSY", "Too much at once, or room was needed for somebody else; try again.",
            "REFUSED", "It was not tried; the message says why.",
            "FAILED", "It was tried, and did not work.", "TIMEOUT", "The time to wait is over.",
            "GAVE_UP", "A safe restart has waited long enough; the daemon goes on serving.");

    @Test
    void thePageListsWhatCallersCanAsk() throws IOException, ReflectiveOperationException {
        Generated.check(PAGE, "methods", table(RequestParser.METHODS, CALLERS));
    }

    @Test
    void thePageListsWhatADaemonSays() throws IOException {
        Generated.check(PAGE, "the daemon's methods", table(DaemonMessageParser.METHODS, DAEMONS));
    }

    private static String table(List<String> methods, Map<String, String> meanings) {
        assertEquals(new TreeSet<>(methods), new TreeSet<>(meanings.keySet()), "each has a meaning");
        StringBuilder table = new StringBuilder("| method | params | |\n|---|---|---|\n");
        for (String method : methods) {
            table.append("| `").append(method).append("` | ")
                    .append(String.join(", ", params(method))).append(" | ")
                    .append(cell(meanings.get(method))).append(" |\n");
        }
        return table.toString();
    }

    // ---- asking what reads them

    private static List<String> params(String method) {
        List<String> params = new ArrayList<>();
        String message = complaint(method, "nobody knows this", 0L);
        Matcher known = KNOWN.matcher(message);
        if (!known.matches()) {
            throw new AssertionError(method + ": " + message);
        }
        for (String name : known.group(1).split(", ")) {
            if (!COMMON.contains(name)) {
                params.add("`" + name + "` (" + type(method, name) + ")");
            }
        }
        return params;
    }

    private static String type(String method, String name) {
        Matcher type = TYPE.matcher(complaint(method, name, Map.of()));
        String words = type.matches() ? type.group(1) : "any";
        if (!words.equals("true or false")) {
            return words.replaceFirst("^an? ", "");
        }
        boolean isDefault = read(method, name, true).equals(read(method, name, null));
        return isDefault ? "true" : "false";
    }

    private static String complaint(String method, String name, Object value) {
        return assertThrows(BadRequest.class, () -> request(method, name, value)).getMessage();
    }

    private static Request read(String method, String name, Object value) {
        try {
            return request(method, name, value);
        } catch (BadRequest wrong) {
            throw new AssertionError(method + " " + name, wrong);
        }
    }

    private static Request request(String method, String name, Object value) throws BadRequest {
        Map<String, Object> params = new HashMap<>(NEEDED.getOrDefault(method, Map.of()));
        params.putAll(NEEDED.getOrDefault(method + " " + name, Map.of()));
        if (value != null) {
            params.put(name, value);
        }
        return RequestParser.read(Map.of("jsonrpc", "2.0", "method", method, "params", params))
                .request();
    }

    // ---- the rest

    @Test
    void thePageListsEveryError() throws IOException, ReflectiveOperationException {
        Map<Integer, String> codes = new TreeMap<>();
        for (Field field : ErrorCodes.class.getFields()) {
            codes.put(-field.getInt(null), field.getName());
        }
        assertEquals(ERRORS.size(), codes.size(), "each has a meaning: " + codes);
        StringBuilder table = new StringBuilder("| code | name | |\n|---:|---|---|\n");
        codes.forEach((code, name) -> table.append("| -").append(code).append(" | ")
                .append(name.toLowerCase(Locale.ROOT).replace('_', ' ')).append(" | ")
                .append(ERRORS.get(name)).append(" |\n"));
        Generated.check(PAGE, "errors", table.toString());
    }
}
