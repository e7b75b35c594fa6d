package dev.soleinit.supervisor.requests;

import dev.soleinit.json.Json;
import dev.soleinit.json.JsonException;
import dev.soleinit.statemachine.work.Blocker;
import dev.soleinit.statemachine.work.PreflightVerdict;
import dev.soleinit.statemachine.work.PreflightVerdict.Verdict;
import dev.soleinit.supervisor.children.CommandRunner;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a preflight command has said: by its exit code, and by an object like the one that
 * {@code restart.preflight} is answered with, if that is what it printed. Stateless.
 */
final class PreflightOutput {
    /** So much of what it prints is kept. */
    static final int MAX_BYTES = 1 << 16;
    private static final int BUSY = 75;
    private static final int LISTED = 8;
    private static final int MAX_KINDS = 32;
    private static final int MAX_KIND = 32;
    private static final int MAX_ID = 128;
    private static final int MAX_MESSAGE = 200;
    private static final int MAX_COUNT = 1_000_000;

    private PreflightOutput() {}

    static PreflightVerdict read(CommandRunner.Result result) {
        if (result.code() != 0 && result.code() != BUSY) {
            String words = firstLine(result.output());
            return new PreflightVerdict(Verdict.UNKNOWN, result.code() < 0 ? words
                    : "exited " + result.code() + (words.isEmpty() ? "" : ": " + words));
        }
        String text = object(result.output());
        boolean cut = result.output().startsWith("(") && result.output().endsWith("}")
                && text.isEmpty() && result.output().contains(" bytes left out) ");
        if (!text.isEmpty() || cut && result.code() == 0) {
            return said(text, result.code() == BUSY);
        }
        return new PreflightVerdict(result.code() == 0 ? Verdict.IDLE : Verdict.BUSY,
                firstLine(result.output()));
    }

    static String firstLine(String text) {
        String line = text.lines().findFirst().orElse("");
        return line.length() <= MAX_MESSAGE ? line : line.substring(0, MAX_MESSAGE);
    }

    /** From a line that begins with a brace on: programs print warnings of their own before it. */
    private static String object(String output) {
        int begin = output.startsWith("{") ? 0 : output.indexOf("\n{") + 1;
        int end = output.lastIndexOf('}') + 1;
        boolean found = (begin > 0 || output.startsWith("{")) && end > begin;
        String text = found ? output.substring(begin, end) : "";
        return text.contains("\"safe\"") ? text : "";
    }

    private static PreflightVerdict said(String text, boolean busy) {
        Verdict unread = busy ? Verdict.BUSY : Verdict.UNKNOWN;
        try {
            if (!(Json.parse(text) instanceof Map<?, ?> object)
                    || !(object.get("safe") instanceof Boolean safe)) {
                return new PreflightVerdict(unread,
                        "'safe' of what it printed is neither true nor false");
            }
            boolean idle = safe && !busy;
            return new PreflightVerdict(idle ? Verdict.IDLE : Verdict.BUSY,
                    object.get("summary") instanceof String words ? firstLine(words) : "",
                    counts(object.get("counts")), idle ? List.of() : blockers(object.get("blockers")));
        } catch (JsonException broken) {
            return new PreflightVerdict(unread, "what it printed has \"safe\" in it and is no JSON "
                    + "object, or has more than " + MAX_BYTES + " bytes");
        }
    }

    private static Map<String, Integer> counts(Object given) {
        Map<String, Integer> counts = new LinkedHashMap<>();
        if (given instanceof Map<?, ?> map) {
            for (Map.Entry<?, ?> one : map.entrySet()) {
                String kind = shortened(String.valueOf(one.getKey()), MAX_KIND);
                if (one.getValue() instanceof Long number && number > 0 && counts.size() < MAX_KINDS
                        && !kind.equals("totalActive")) {
                    counts.put(kind, (int) Math.min(number, MAX_COUNT));
                }
            }
        }
        return counts;
    }

    private static List<Blocker> blockers(Object given) {
        List<Blocker> listed = new ArrayList<>();
        Map<String, Integer> rest = new LinkedHashMap<>();
        if (given instanceof List<?> list) {
            for (Object one : list) {
                if (one instanceof Map<?, ?> map) {
                    Blocker blocker = blocker(map);
                    if (listed.size() < LISTED) {
                        listed.add(blocker);
                    } else {
                        rest.merge(rest.size() < MAX_KINDS ? blocker.kind() : "other", blocker.count(),
                                Integer::sum);
                    }
                }
            }
        }
        rest.forEach((kind, count) -> listed.add(new Blocker(kind, Optional.empty(), count,
                "and " + count + " more of kind " + kind)));
        return listed;
    }

    private static Blocker blocker(Map<?, ?> map) {
        String kind = map.get("kind") instanceof String text ? shortened(text, MAX_KIND) : "other";
        Optional<String> id = map.get("id") instanceof String text && !text.isEmpty()
                ? Optional.of(shortened(text, MAX_ID)) : Optional.empty();
        int count = map.get("count") instanceof Long number
                ? (int) Math.clamp(number, 1, MAX_COUNT) : 1;
        String message = map.get("message") instanceof String text ? firstLine(text) : "";
        return new Blocker(kind, id, count, kind + id.map(one -> " " + one).orElse("")
                + (message.isEmpty() ? count == 1 ? "" : " (" + count + ")" : ": " + message));
    }

    private static String shortened(String text, int most) {
        return text.length() <= most ? text : text.substring(0, most);
    }
}
