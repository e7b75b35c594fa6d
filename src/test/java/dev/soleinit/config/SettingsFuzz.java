package dev.soleinit.config;

import static dev.soleinit.fuzz.Fuzzing.folder;
import static dev.soleinit.fuzz.Fuzzing.halves;
import static dev.soleinit.fuzz.Fuzzing.require;
import static dev.soleinit.fuzz.Fuzzing.text;

import dev.soleinit.config.loading.ConfigurationLoader;
import dev.soleinit.process.text.Bytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Settings from a file, from flags and from variables: loaded, or explained in one exception. */
public final class SettingsFuzz {
    private static final Path FILE = folder("settings").resolve("daemon.json");
    private static final List<String> COMMAND = List.of("daemon");

    private SettingsFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) throws IOException {
        Files.write(FILE, input);
        load(Map.of("config", List.of(FILE.toString())), Map.of());
        // the same as lines of "key=value"
        Map<String, List<String>> flags = new HashMap<>(Map.of("config", List.of("/dev/null")));
        Map<String, String> variables = new HashMap<>();
        text(input).lines().map(line -> line.split("=", 2)).filter(sides -> sides.length == 2)
                .forEach(sides -> {
                    Setting.of(sides[0]).ifPresent(setting ->
                            flags.put(setting.key(), List.of(sides[1])));
                    variables.put(sides[0], sides[1]);
                });
        Files.writeString(FILE, "{}");
        flags.put("config", List.of(FILE.toString()));
        load(flags, Map.of());
        load(Map.of("config", List.of(FILE.toString())), variables);
        load(Map.of("config", List.of("/none/" + Bytes.decode(halves(input)[0]))), Map.of());
        Map<String, String> home = new HashMap<>();
        for (String name : List.of("HOME", "XDG_RUNTIME_DIR", "XDG_STATE_HOME", "USER")) {
            home.put(name, Bytes.decode(halves(input)[0]));
        }
        load(Map.of("config", List.of(FILE.toString())), home);
    }

    private static void load(Map<String, List<String>> flags, Map<String, String> variables) {
        try {
            Configuration first = ConfigurationLoader.load(flags, variables, COMMAND);
            Map<String, List<String>> given = new HashMap<>();
            first.values().forEach((setting, value) -> given.put(setting.key(), value.texts()));
            Configuration second = ConfigurationLoader.load(given, Map.of(), COMMAND);
            require(first.policy().equals(second.policy())
                    && first.descriptors().listen().equals(second.descriptors().listen())
                    && first.daemon().env().equals(second.daemon().env())
                    && first.readiness().how().equals(second.readiness().how()),
                    "what was loaded, given as flags, is loaded again: " + given);
        } catch (ConfigException expected) {
            require(expected.getMessage().startsWith("Cannot "), "a refusal says what");
        }
    }
}
