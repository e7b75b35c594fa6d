package dev.soleinit.storage.files;

import dev.soleinit.json.Json;
import dev.soleinit.json.JsonException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** A JSON object in a file of its own. Stateless. */
public final class JsonFile {
    private static final int MAX_BYTES = 1 << 20;

    private JsonFile() {}

    /** Refuses to write what could not be read back. */
    public static void write(Path file, Map<String, Object> fields) throws IOException {
        byte[] content = (Json.write(fields) + "\n").getBytes(StandardCharsets.UTF_8);
        if (content.length > MAX_BYTES) {
            throw new IOException(file + ": it would have " + content.length + " bytes, " + MAX_BYTES
                    + " at the most are kept");
        }
        AtomicFile.write(file, content);
    }

    /** Empty if it is missing, unreadable, broken, no regular file, or larger than 1 MiB. */
    @SuppressWarnings("unchecked")
    public static Optional<Map<String, Object>> read(Path file) {
        try {
            return Json.parse(text(file, MAX_BYTES)) instanceof Map<?, ?> map
                    ? Optional.of((Map<String, Object>) map) : Optional.empty();
        } catch (IOException | JsonException unreadable) {
            return Optional.empty();
        }
    }

    /** The content of a file; what is no UTF-8 in it becomes a replacement character. */
    public static String text(Path file, int most) throws IOException {
        return new String(RegularFile.read(file, most), StandardCharsets.UTF_8);
    }

    public static long number(Map<String, Object> fields, String name) {
        return fields.get(name) instanceof Long number ? number : 0;
    }

    public static String text(Map<String, Object> fields, String name) {
        return fields.get(name) instanceof String text ? printable(text) : "";
    }

    /** Who may write the file shall not write on the terminal of those who read it. */
    private static String printable(String text) {
        StringBuilder clean = new StringBuilder(text);
        for (int i = 0; i < clean.length(); i++) {
            if (Character.isISOControl(clean.charAt(i))) {
                clean.setCharAt(i, '?');
            }
        }
        return clean.toString();
    }
}
