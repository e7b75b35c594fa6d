package dev.soleinit.os;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/**
 * How much memory this container may still take, and how much processes have. What the page cache
 * holds counts as free: the kernel gives it up before it kills. Stateless, for any thread. Sources:
 * cgroup-v2.rst ({@code memory.max}, {@code memory.current}, {@code memory.stat}),
 * cgroup-v1/memory.rst, proc(5).
 */
public final class CgroupMemory {
    private static final List<String> SECOND = List.of("memory.max", "memory.current");
    private static final List<String> FIRST = List.of("memory.limit_in_bytes", "memory.usage_in_bytes");
    /** What cgroup v1 shows for no limit is near the largest long. */
    private static final long NO_LIMIT = 1L << 60;

    private CgroupMemory() {}

    /** In bytes; empty where nothing limits it. */
    public static OptionalLong room() {
        return room(Path.of("/proc/self/cgroup"), Path.of("/sys/fs/cgroup"));
    }

    static OptionalLong room(Path membership, Path root) {
        try {
            OptionalLong least = OptionalLong.empty();
            for (String line : Files.readAllLines(membership)) {
                String[] parts = line.split(":", 3);
                boolean second = parts[0].equals("0") && parts[1].isEmpty();
                if (second || List.of(parts[1].split(",")).contains("memory")) {
                    OptionalLong found = least(second ? root : root.resolve("memory"), parts[2],
                            second ? SECOND : FIRST);
                    least = found.isPresent() ? found : least;
                }
            }
            return least;
        } catch (IOException | RuntimeException noCgroups) {
            return OptionalLong.empty();
        }
    }

    /** Each group above may have a limit, too; in a container the own one is mostly the root. */
    private static OptionalLong least(Path root, String own, List<String> names) throws IOException {
        long least = Long.MAX_VALUE;
        Path group = root.resolve(own.replaceFirst("^/+", ""));
        for (Path at = group; at != null && at.startsWith(root); at = at.getParent()) {
            least = Math.min(least, roomOf(at, names));
        }
        return least == Long.MAX_VALUE ? OptionalLong.empty() : OptionalLong.of(Math.max(0, least));
    }

    private static long roomOf(Path group, List<String> names) throws IOException {
        Path limit = group.resolve(names.getFirst());
        if (!Files.isReadable(limit)) {
            return Long.MAX_VALUE;
        }
        String text = Files.readString(limit).strip();
        if (text.equals("max") || Long.parseLong(text) >= NO_LIMIT) {
            return Long.MAX_VALUE;
        }
        long used = Long.parseLong(Files.readString(group.resolve(names.getLast())).strip());
        return Long.parseLong(text) - Math.max(0, used - cache(group));
    }

    private static long cache(Path group) throws IOException {
        long cache = 0;
        for (String line : Files.readAllLines(group.resolve("memory.stat"))) {
            if (line.startsWith("inactive_file ") || line.startsWith("active_file ")) {
                cache += Long.parseLong(line.substring(line.indexOf(' ') + 1).strip());
            }
        }
        return cache;
    }

    /** What this process has for itself, in bytes: neither files nor what was never touched. */
    public static long of(int pid) {
        return of(Path.of("/proc/" + pid + "/status"));
    }

    static long of(Path status) {
        long kilobytes = 0;
        try {
            for (String line : Files.readAllLines(status, StandardCharsets.ISO_8859_1)) {
                if (line.startsWith("RssAnon:") || line.startsWith("RssShmem:")) {
                    kilobytes += Long.parseLong(line.substring(line.indexOf(':') + 1)
                            .replace("kB", "").strip());
                }
            }
        } catch (IOException | RuntimeException gone) {
            return 0;
        }
        return kilobytes << 10;
    }
}
