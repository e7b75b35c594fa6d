package dev.soleinit.watch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Files that are mount points themselves. Source: proc_pid_mountinfo(5). */
final class MountPoints {
    private static final Path MOUNTS = Path.of("/proc/self/mountinfo");
    private static final int POINT = 4;

    private MountPoints() {}

    static List<Path> files(List<Path> paths) {
        Set<String> points;
        try {
            points = Files.readAllLines(MOUNTS).stream().map(line -> line.split(" ", POINT + 2))
                    .filter(fields -> fields.length > POINT)
                    .map(fields -> fields[POINT].replace("\\040", " ")).collect(Collectors.toSet());
        } catch (IOException | RuntimeException noProc) {
            return List.of();
        }
        return paths.stream().filter(path -> Files.isRegularFile(path)
                && points.contains(path.toString())).toList();
    }
}
