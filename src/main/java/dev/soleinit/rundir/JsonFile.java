package dev.soleinit.rundir;

import dev.soleinit.json.Json;
import dev.soleinit.json.JsonException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** A JSON object in a file of its own. Stateless. */
final class JsonFile {
    private JsonFile() {}

    static void write(Path file, Map<String, Object> fields) throws IOException {
        AtomicFile.write(file, (Json.write(fields) + "\n").getBytes(StandardCharsets.UTF_8));
    }

    /** Empty if it is missing, unreadable or broken. */
    @SuppressWarnings("unchecked")
    static Optional<Map<String, Object>> read(Path file) {
        try {
            return Json.parse(Files.readString(file)) instanceof Map<?, ?> map
                    ? Optional.of((Map<String, Object>) map) : Optional.empty();
        } catch (IOException | JsonException unreadable) {
            return Optional.empty();
        }
    }

    static long number(Map<String, Object> fields, String name) {
        return fields.get(name) instanceof Long number ? number : 0;
    }

    static String text(Map<String, Object> fields, String name) {
        return fields.get(name) instanceof String text ? text : "";
    }
}
