package dev.soleinit.config.loading;

import dev.soleinit.config.Setting;
import dev.soleinit.config.loading.Preset.Part;
import dev.soleinit.json.Json;
import dev.soleinit.json.JsonException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The presets that there are, from a file in the jar that is read only when one is asked for. */
public final class Presets {
    private static final String FILE = "presets.json";

    private Presets() {}

    /** Returns all, in the file's order. */
    public static List<Preset> all() {
        List<Preset> presets = new ArrayList<>();
        object(content()).forEach((name, fields) -> presets.add(preset(name, object(fields))));
        return presets;
    }

    public static Optional<Preset> named(String name) {
        return all().stream().filter(one -> one.name().equals(name)).findFirst();
    }

    /** Says that there is none of this name, and the nearest that there is. */
    public static String unknown(String name) {
        return "there is none of this name"
                + SpellingSuggestion.hint(name, all().stream().map(Preset::name).toList())
                + "; 'daemon presets' lists them";
    }

    private static Object content() {
        try (InputStream in = Presets.class.getResourceAsStream(FILE)) {
            return Json.parse(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException | JsonException broken) {
            throw new IllegalStateException("Cannot read " + FILE + " of the jar", broken);
        }
    }

    private static Preset preset(String name, Map<String, Object> fields) {
        List<Part> parts = new ArrayList<>();
        object(fields.get("settings")).forEach((key, value) -> parts.add(part(key, value, false)));
        object(fields.getOrDefault("listening", Map.of()))
                .forEach((key, value) -> parts.add(part(key, value, true)));
        return new Preset(name, (String) fields.get("is"), texts(fields.get("programs")),
                (String) fields.get("command"), parts,
                texts(fields.getOrDefault("notes", List.of())));
    }

    private static Part part(String key, Object value, boolean ifListening) {
        List<?> pair = (List<?>) value;
        return new Part(Setting.of(key).orElseThrow(() -> new IllegalStateException(key)),
                texts(pair.getFirst()), (String) pair.getLast(), ifListening);
    }

    private static List<String> texts(Object value) {
        return value instanceof List<?> list ? list.stream().map(String::valueOf).toList()
                : List.of(String.valueOf(value));
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> object(Object value) {
        return (Map<String, Object>) value;
    }
}
