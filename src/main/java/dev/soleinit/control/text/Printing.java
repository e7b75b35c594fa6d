package dev.soleinit.control.text;

import dev.soleinit.json.Json;
import java.util.Map;
import java.util.Optional;

/**
 * That an answer is to be put into the words of a command: of the one that asks this method.
 *
 * @param method one that a command asks without anything that would need a JVM
 * @param json   as the command's {@code --json}
 */
public record Printing(String method, boolean json) {
    /** Before the method's name, in a request for what is to be printed. */
    private static final String PREFIX = "print.";

    /** The method that is meant by a name with the prefix; empty for any other. */
    public static Optional<String> method(String name) {
        String method = name.startsWith(PREFIX) ? name.substring(PREFIX.length()) : "";
        return switch (method) {
            case "status", "restart.preflight", "signal", "wait", "restart.request", "reload", "stop" ->
                    Optional.of(method);
            default -> Optional.empty();
        };
    }

    /** In words, with the exit code. */
    public CommandOutput result(Map<String, Object> answer) {
        return switch (method) {
            case "status" -> CommandOutput.of(StatusText.exitCode(answer),
                    json ? Json.write(answer) : StatusText.of(answer));
            case "restart.preflight" -> preflight(answer);
            case "wait" -> CommandOutput.of(CommandOutput.OK, json ? Json.write(answer)
                    : answer.get("state") + ", generation " + answer.get("generation"));
            case "restart.request" -> ChangeText.restart(answer);
            case "reload" -> ChangeText.reload(answer);
            case "stop" -> ChangeText.stop(answer);
            default -> CommandOutput.of(CommandOutput.OK,
                    CommandOutput.value(CommandOutput.object(answer, "outcome").get("message")));
        };
    }

    private CommandOutput preflight(Map<String, Object> answer) {
        int code = Boolean.TRUE.equals(answer.get("safe")) ? CommandOutput.OK : CommandOutput.TRY_LATER;
        if (json) {
            return CommandOutput.of(code, Json.write(answer));
        }
        StringBuilder text = new StringBuilder(CommandOutput.value(answer.get("summary")));
        for (String line : StatusText.blockers(answer)) {
            text.append("\n  ").append(line);
        }
        return CommandOutput.of(code, text.toString());
    }

    /** An error in words. */
    public CommandOutput refusal(int code, String message) {
        String verb = method.equals("restart.request") ? "restart" : method;
        return CommandOutput.refusal(verb, code, message);
    }
}
