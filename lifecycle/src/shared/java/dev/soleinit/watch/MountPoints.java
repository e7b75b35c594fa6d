package dev.soleinit.watch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Files that are mount points themselves. Source: proc_pid_mountinfo(5). */
final class MountPoints {
    private static final Path MOUNTS = Path.of("/proc/self/mountinfo");
    private static final int POINT = 4;
    /** How a space, a tab, a newline and a backslash are written. */
    private static final Pattern ESCAPED = Pattern.compile("\\\\(0[0-7]{2}|1[0-7]{2})");

    private MountPoints() {}

    static List<Path> files() {
        try {
            return points(Files.readAllLines(MOUNTS)).stream().filter(Files::isRegularFile)
                    .toList();
        } catch (IOException | RuntimeException noProc) {
            return List.of();
        }
    }

    static List<Path> points(List<String> lines) {
        return lines.stream().map(line -> line.split(" ", POINT + 2))
                .filter(fields -> fields.length > POINT)
                .map(fields -> Path.of(decode(fields[POINT]))).distinct().toList();
    }

    private static String decode(String field) {
        return ESCAPED.matcher(field).replaceAll(match -> Matcher.quoteReplacement(
                String.valueOf((char) Integer.parseInt(match.group(1), 8))));
    }
}
