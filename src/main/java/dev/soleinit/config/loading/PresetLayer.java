package dev.soleinit.config.loading;

import dev.soleinit.config.ConfigException;
import dev.soleinit.config.Configuration.Value;
import dev.soleinit.config.Setting;
import dev.soleinit.config.loading.Preset.Part;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Puts a preset under what was given: it replaces nothing but defaults. What is repeatable adds up, and
 * there what was given wins over an entry of the preset with the same key: signal, variable or path.
 * Used once, on one thread; made only where there is a preset.
 */
final class PresetLayer {
    private final Map<Setting, Value> values;
    private final Map<String, String> environment;
    private final Preset preset;

    private PresetLayer(Preset preset, Map<Setting, Value> values, Map<String, String> environment) {
        this.preset = preset;
        this.values = values;
        this.environment = environment;
    }

    /** Adds the preset that the values name. */
    static void addTo(Map<Setting, Value> values, Map<String, String> environment)
            throws ConfigException {
        Value named = values.get(Setting.PRESET);
        String name = named.texts().getFirst();
        PresetLayer layer = new PresetLayer(Presets.named(name).orElseThrow(() ->
                ConfigException.unusable("preset", name, named.origin(), Presets.unknown(name))),
                values, environment);
        for (Part part : layer.preset.parts()) {
            if (layer.applies(part)) {
                layer.put(part);
            }
        }
    }

    /** Who is not root can be nobody else, and can give nothing to anybody. */
    private boolean applies(Part part) {
        boolean needsRoot = part.setting() == Setting.USER || part.setting() == Setting.MKDIR;
        return (!part.ifListening() || !values.get(Setting.LISTEN).texts().isEmpty())
                && (!needsRoot || isRoot());
    }

    private static boolean isRoot() {
        try {
            return (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid") == 0;
        } catch (IOException noProc) {
            return false;
        }
    }

    private void put(Part part) {
        Setting setting = part.setting();
        Value given = values.get(setting);
        boolean byDefault = given.origin().equals("default");
        if (!byDefault && (!setting.repeatable() || given.texts().isEmpty())) {
            return;
        }
        List<String> texts = new ArrayList<>();
        for (String text : part.texts()) {
            if (!isOverridden(setting, text, byDefault ? List.of() : given.texts())) {
                texts.add(expanded(text));
            }
        }
        String origin = "preset " + preset.name();
        if (!byDefault) {
            texts.addAll(given.texts());
            origin = given.origin() + ", " + origin;
        }
        if (!texts.isEmpty()) {
            values.put(setting, new Value(texts, origin));
        }
    }

    /** A variable that the daemon has anyway was given, too. */
    private boolean isOverridden(Setting setting, String text, List<String> given) {
        String key = key(setting, text);
        boolean inherited = setting == Setting.ENV && environment.containsKey(key);
        return inherited || given.stream().anyMatch(one -> key(setting, one).equals(key));
    }

    private static String key(Setting setting, String text) {
        return switch (setting) {
            case REWRITE -> DaemonPrograms.signal(text.split("=", 2)[0]);
            case ENV, SECRET -> text.split("=", 2)[0];
            case MKDIR -> text.split(":", 2)[0];
            default -> text;
        };
    }

    private String expanded(String text) {
        return text.replace("{command}", DaemonPrograms.isOneOf(values, preset.programs())
                ? quoted(values.get(Setting.COMMAND).texts()) : preset.command())
                .replace("{descriptors}", descriptors(values.get(Setting.LISTEN).texts().size()));
    }

    /** For a shell. */
    private static String quoted(List<String> words) {
        List<String> quoted = new ArrayList<>();
        for (String word : words) {
            quoted.add("'" + word.replace("'", "'\\''") + "'");
        }
        return String.join(" ", quoted);
    }

    private static String descriptors(int count) {
        StringBuilder all = new StringBuilder();
        for (int i = 0; i < count; i++) {
            all.append(3 + i).append(';');
        }
        return all.toString();
    }
}
