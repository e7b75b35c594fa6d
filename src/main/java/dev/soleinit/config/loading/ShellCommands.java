package dev.soleinit.config.loading;

import dev.soleinit.config.Configuration.Value;
import dev.soleinit.config.Setting;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The settings that are commands for a shell, which an image may not have. Stateless. */
final class ShellCommands {
    private static final Path SHELL = Path.of("/bin/sh");
    private static final List<Setting> COMMANDS = List.of(Setting.CHECK, Setting.PREFLIGHT_COMMAND,
            Setting.STOP_COMMAND, Setting.RELOAD_COMMAND, Setting.BEFORE, Setting.ON_EVENT);
    private static final List<Setting> PROBES = List.of(Setting.READY, Setting.LIVE);

    private ShellCommands() {}

    /** One line if something is to be run by a shell and there is none. */
    static List<String> warnings(Map<Setting, Value> values) {
        List<String> given = new ArrayList<>();
        for (Setting setting : COMMANDS) {
            if (!text(values, setting).isEmpty()) {
                given.add("--" + setting.key());
            }
        }
        for (Setting probe : PROBES) {
            if (text(values, probe).startsWith("exec ")) {
                given.add("--" + probe.key() + " exec");
            }
        }
        return given.isEmpty() || Files.isExecutable(SHELL) ? List.of()
                : List.of("Cannot run " + String.join(", ", given) + ": this image has no /bin/sh; add a "
                        + "shell, or ask in another way (http, tcp, notify)");
    }

    private static String text(Map<Setting, Value> values, Setting setting) {
        Value value = values.get(setting);
        return value == null || value.texts().isEmpty() ? "" : value.texts().getFirst();
    }
}
