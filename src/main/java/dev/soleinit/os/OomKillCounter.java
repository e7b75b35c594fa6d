package dev.soleinit.os;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/**
 * How often the kernel has killed a process of this container for want of memory. Source:
 * cgroup-v2.rst ({@code memory.events}), cgroup-v1/memory.rst ({@code memory.oom_control}).
 */
final class OomKillCounter {
    private static final String FIELD = "oom_kill ";

    private OomKillCounter() {}

    /** Empty where nobody counts. */
    static OptionalLong kills() {
        return kills(Path.of("/proc/self/cgroup"), Path.of("/sys/fs/cgroup"));
    }

    static OptionalLong kills(Path membership, Path root) {
        try {
            for (String line : Files.readAllLines(membership)) {
                String[] parts = line.split(":", 3);
                boolean second = parts[0].equals("0") && parts[1].isEmpty();
                boolean first = List.of(parts[1].split(",")).contains("memory");
                if (second || first) {
                    OptionalLong found = count(second ? root : root.resolve("memory"),
                            parts[2].replaceFirst("^/+", ""),
                            second ? "memory.events" : "memory.oom_control");
                    if (found.isPresent()) {
                        return found;
                    }
                }
            }
        } catch (IOException | RuntimeException noCgroups) {
            return OptionalLong.empty();
        }
        return OptionalLong.empty();
    }

    /** In a container the own group is mostly the root of what can be seen. */
    private static OptionalLong count(Path root, String own, String name) throws IOException {
        for (Path file : List.of(root.resolve(own).resolve(name), root.resolve(name))) {
            if (Files.isReadable(file)) {
                return Files.readAllLines(file).stream().filter(line -> line.startsWith(FIELD))
                        .mapToLong(line -> Long.parseLong(line.substring(FIELD.length()).strip()))
                        .findFirst();
            }
        }
        return OptionalLong.empty();
    }
}
