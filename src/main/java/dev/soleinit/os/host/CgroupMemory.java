package dev.soleinit.os.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How much memory this container uses, and how much it may. For any thread. Sources: cgroup-v2.rst
 * ({@code memory.current}, {@code memory.max}, {@code memory.stat}), cgroup-v1/memory.rst.
 *
 * @param used  bytes, of the group whose limit that is, without what the kernel can take back at once:
 *              file content that has not been used for long; a daemon that reads files would always
 *              seem to be at its limit
 * @param limit the lowest of the own group's and those above it, as far as they can be seen
 */
public record CgroupMemory(long used, OptionalLong limit) {
    /** The first version writes the greatest multiple of a page where there is none. */
    private static final long NO_LIMIT = 1L << 60;
    private static final Names SECOND = new Names("memory.current", "memory.max", "");
    private static final Names FIRST =
            new Names("memory.usage_in_bytes", "memory.limit_in_bytes", "total_");

    /** Where a version of cgroups has its numbers, those of a group with all below it. */
    private record Names(String usage, String limit, String whole) {}

    /** What one group has, its children with it. */
    private record Group(long usage, long limit, long inactiveFiles, long activeFiles) {}

    /** Of the group with the lowest limit; empty where nobody counts. */
    public static Optional<CgroupMemory> read() {
        return read(Path.of("/proc/self/cgroup"), Path.of("/sys/fs/cgroup"));
    }

    static Optional<CgroupMemory> read(Path membership, Path root) {
        List<Group> groups = groups(membership, root);
        if (groups.isEmpty()) {
            return Optional.empty();
        }
        Group tightest = groups.getFirst();
        for (Group each : groups) {
            tightest = each.limit() < tightest.limit() ? each : tightest;
        }
        return Optional.of(new CgroupMemory(Math.max(0, tightest.usage() - tightest.inactiveFiles()),
                tightest.limit() == NO_LIMIT ? OptionalLong.empty() : OptionalLong.of(tightest.limit())));
    }

    /**
     * How many more bytes it may take before the kernel kills; empty where nothing limits it. All file
     * content counts as free here: the kernel gives it up before.
     */
    public static OptionalLong room() {
        return room(Path.of("/proc/self/cgroup"), Path.of("/sys/fs/cgroup"));
    }

    static OptionalLong room(Path membership, Path root) {
        long least = Long.MAX_VALUE;
        for (Group each : groups(membership, root)) {
            if (each.limit() != NO_LIMIT) {
                long used = Math.max(0, each.usage() - each.inactiveFiles() - each.activeFiles());
                least = Math.min(least, Math.max(0, each.limit() - used));
            }
        }
        return least == Long.MAX_VALUE ? OptionalLong.empty() : OptionalLong.of(least);
    }

    /** The own group and those above it, as far as they can be seen; none if something is nonsense. */
    private static List<Group> groups(Path membership, Path root) {
        try {
            for (String line : Files.readAllLines(membership)) {
                String[] parts = line.split(":", 3);
                boolean second = parts[0].equals("0") && parts[1].isEmpty();
                if (second || List.of(parts[1].split(",")).contains("memory")) {
                    List<Group> found = groups(second ? root : root.resolve("memory"),
                            parts[2].replaceFirst("^/+", ""), second ? SECOND : FIRST);
                    if (!found.isEmpty()) {
                        return found;
                    }
                }
            }
        } catch (IOException | RuntimeException noCgroups) {
            return List.of();
        }
        return List.of();
    }

    /** In a container the own group is mostly the root of what can be seen. */
    private static List<Group> groups(Path root, String own, Names names) throws IOException {
        Path group = root.resolve(own).normalize();
        if (!group.startsWith(root) || !Files.isReadable(group.resolve(names.usage()))) {
            group = root;
        }
        List<Group> groups = new ArrayList<>();
        for (Path each = group; each.startsWith(root); each = each.getParent()) {
            if (Files.isReadable(each.resolve(names.usage()))) {
                groups.add(group(each, names));
            }
        }
        return groups;
    }

    private static Group group(Path folder, Names names) throws IOException {
        String inactive = names.whole() + "inactive_file ";
        String active = names.whole() + "active_file ";
        long inactiveFiles = 0;
        long activeFiles = 0;
        for (String line : Files.readAllLines(folder.resolve("memory.stat"))) {
            if (line.startsWith(inactive)) {
                inactiveFiles = Long.parseLong(line.substring(inactive.length()).strip());
            } else if (line.startsWith(active)) {
                activeFiles = Long.parseLong(line.substring(active.length()).strip());
            }
        }
        long usage = Long.parseLong(Files.readString(folder.resolve(names.usage())).strip());
        return new Group(usage, limit(folder.resolve(names.limit())), inactiveFiles, activeFiles);
    }

    private static long limit(Path file) throws IOException {
        String text = Files.isReadable(file) ? Files.readString(file).strip() : "max";
        return text.equals("max") ? NO_LIMIT : Math.min(NO_LIMIT, Long.parseLong(text));
    }
}
