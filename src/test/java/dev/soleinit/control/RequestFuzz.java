package dev.soleinit.control;

import static dev.soleinit.fuzz.Fuzzing.require;
import static dev.soleinit.fuzz.Fuzzing.requireRoundTrip;
import static dev.soleinit.fuzz.Fuzzing.text;

import dev.soleinit.json.Json;
import dev.soleinit.json.JsonException;
import java.util.Map;

/** A line on the control socket: a request or a bad one, and nothing else. */
public final class RequestFuzz {
    private RequestFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) {
        try {
            Map<?, ?> object = RequestParser.object(text(input));
            requireRoundTrip(object, RequestFuzz::throughJson);
            RequestParser.id(object);
            RequestParser.Line line = RequestParser.read(object);
            require(line.reason().length() <= 500, "a reason has at most 500 characters");
            if (line.request() instanceof DaemonMessage word) {
                requireBounded(word);
            }
        } catch (BadRequest expected) {
            require(expected.getMessage() != null, "a refusal says why");
        }
    }

    private static Map<?, ?> throughJson(Map<?, ?> object) {
        try {
            return (Map<?, ?>) Json.parse(Json.write(object));
        } catch (JsonException broken) {
            throw new AssertionError("what was written cannot be read: " + object, broken);
        }
    }

    private static void requireBounded(DaemonMessage word) {
        if (word instanceof DaemonMessage.WorkReport report) {
            report.items().forEach(RequestFuzz::requireBounded);
        } else if (word instanceof DaemonMessage.WorkBegin begin) {
            requireBounded(begin.item());
        }
        require(word.memoryWeight() > 0, "a word has a weight");
    }

    private static void requireBounded(ReportedWork item) {
        require(!item.id().isBlank() && item.id().length() <= 128 && item.kind().length() <= 32
                && item.description().length() <= 80
                && item.checkpoint().map(String::length).orElse(0) <= 4096
                && item.startedAt().map(String::length).orElse(0) <= 64, "an item is small");
    }
}
