package dev.soleinit.supervisor.startup;

import dev.soleinit.config.settings.BootTasks;
import dev.soleinit.process.text.Bytes;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Variables that the daemon gets from files: those of --env-file, of --secret, and those for which
 * --file-variables has a variable NAME_FILE looked up. The files are read once, before the first start.
 *
 * @param added   by name
 * @param removed names that the daemon does not get: of variables that only named a file
 */
public record DaemonVariables(Map<String, String> added, Set<String> removed) {
    private static final String SUFFIX = "_FILE";
    /** What the kernel takes of one, its name, '=' and the NUL behind it included. Source: execve(2). */
    private static final int MAX_BYTES = 131_072;

    /** None, where no setting asks for any. */
    public static DaemonVariables none() {
        return new DaemonVariables(Map.of(), Set.of());
    }

    /** Reads all, or throws which file cannot be used and why. */
    public static DaemonVariables read(BootTasks tasks, List<String> environment) {
        Map<String, String> added = new LinkedHashMap<>();
        tasks.envFiles().forEach(file -> new EnvironmentFile(file, added).read());
        added.forEach((name, value) -> requireRoom(EnvironmentFile.SETTING, name, name, value));
        Set<String> removed = new HashSet<>();
        if (!tasks.fileVariables().isEmpty()) {
            addFileVariables(tasks.fileVariables(), environment, added, removed);
        }
        tasks.secrets().forEach((name, file) -> added.put(name, content("secret", name, file)));
        return new DaemonVariables(added, removed);
    }

    private static void addFileVariables(List<String> patterns, List<String> environment,
            Map<String, String> added, Set<String> removed) {
        Set<String> names = new HashSet<>();
        environment.forEach(entry -> names.add(entry.split("=", 2)[0]));
        for (String entry : environment) {
            String[] sides = entry.split("=", 2);
            String name = sides[0].endsWith(SUFFIX)
                    ? sides[0].substring(0, sides[0].length() - SUFFIX.length()) : "";
            if (sides.length == 2 && !sides[1].isEmpty() && matches(patterns, name)) {
                Path file = Path.of(sides[1]);
                if (names.contains(name)) {
                    throw GivenFile.unusable(sides[0], file, name + " is set, too: give one of them");
                }
                added.put(name, content(sides[0], name, file));
                removed.add(sides[0]);
            }
        }
    }

    private static boolean matches(List<String> patterns, String name) {
        for (String pattern : patterns) {
            boolean open = pattern.endsWith("*");
            String fixed = open ? pattern.substring(0, pattern.length() - 1) : pattern;
            // not settings of our own, such as DAEMON_PID_FILE
            boolean may = !name.isEmpty() && !name.startsWith("DAEMON_");
            if (may && (open ? name.startsWith(fixed) : name.equals(fixed))) {
                return true;
            }
        }
        return false;
    }

    /** Without the line break that editors leave at the end. */
    private static String content(String setting, String name, Path file) {
        String text = Bytes.decode(GivenFile.read(setting, file, MAX_BYTES));
        if (text.indexOf('\0') >= 0) {
            throw GivenFile.unusable(setting, file, "it has a NUL, which no variable can have");
        }
        String value = text.endsWith("\r\n") ? text.substring(0, text.length() - 2)
                : text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
        requireRoom(setting, file, name, value);
        return value;
    }

    private static void requireRoom(String setting, Object file, String name, String value) {
        if (Bytes.encode(name).length + Bytes.encode(value).length + 2 > MAX_BYTES) {
            throw GivenFile.unusable(setting, file, "the kernel takes no variable of more than "
                    + (MAX_BYTES - 1) + " bytes");
        }
    }
}
