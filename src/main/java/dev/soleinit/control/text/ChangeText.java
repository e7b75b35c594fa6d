package dev.soleinit.control.text;

import java.util.List;
import java.util.Map;

/**
 * The answers to what changes something, in words. One without an outcome was not waited for.
 * Stateless.
 */
final class ChangeText {
    private ChangeText() {}

    static CommandOutput restart(Map<String, Object> answer) {
        Map<?, ?> outcome = CommandOutput.object(answer, "outcome");
        if (outcome.isEmpty()) {
            return CommandOutput.of(CommandOutput.OK, "restart accepted: "
                    + CommandOutput.value(answer.get("result")));
        }
        StringBuilder text = new StringBuilder("restarted: generation " + number(outcome, "generation")
                + " is ready");
        if (outcome.get("cut") instanceof List<?> cut) {
            for (Object one : cut) {
                Map<?, ?> work = (Map<?, ?>) one;
                text.append("\n  cut: ").append(CommandOutput.value(work.get("kind") + " "
                        + work.get("id") + " " + work.get("description")));
            }
        }
        if (number(outcome, "cutMore") > 0) {
            text.append("\n  cut: ").append(number(outcome, "cutMore")).append(" more");
        }
        return CommandOutput.of(CommandOutput.OK, text.toString());
    }

    static CommandOutput reload(Map<String, Object> answer) {
        Map<?, ?> outcome = CommandOutput.object(answer, "outcome");
        if (outcome.isEmpty()) {
            return CommandOutput.of(CommandOutput.OK, "reload accepted");
        }
        if ("unconfirmed".equals(outcome.get("restartStatus"))) {
            return CommandOutput.of(CommandOutput.UNCONFIRMED, "unconfirmed: "
                    + CommandOutput.value(outcome.get("message")) + ", pid " + number(outcome, "pid"));
        }
        return CommandOutput.of(CommandOutput.OK, "reloaded: generation " + number(outcome, "generation")
                + " is ready, pid " + number(outcome, "pid"));
    }

    static CommandOutput stop(Map<String, Object> answer) {
        return CommandOutput.of(CommandOutput.OK, CommandOutput.object(answer, "outcome").isEmpty()
                ? "stopping; it will be held down until 'daemon start'"
                : "stopped: the daemon is held down until 'daemon start'");
    }

    private static long number(Map<?, ?> from, String name) {
        return from.get(name) instanceof Number number ? number.longValue() : 0;
    }
}
