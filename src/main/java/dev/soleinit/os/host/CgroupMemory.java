package dev.soleinit.os.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How much memory this container uses, and how much it may. What the kernel can take back at once, file
 * content that has not been used for long, does not count: a daemon that reads files would always seem
 * to be at its limit. For any thread. Sources: cgroup-v2.rst ({@code memory.current}, {@code memory.max},
 * {@code memory.stat}), cgroup-v1/memory.rst.
 *
 * @param used  bytes, of the group whose limit that is
 * @param limit the lowest of the own group's and those above it, as far as they can be seen
 */
public record CgroupMemory(long used, OptionalLong limit) {
    /** The first version writes the greatest multiple of a page where there is none. */
    private static final long NO_LIMIT = 1L << 62;
    private static final FileNames SECOND =
            new FileNames("memory.current", "memory.max", "inactive_file ");
    private static final FileNames FIRST =
            new FileNames("memory.usage_in_bytes", "memory.limit_in_bytes", "total_inactive_file ");

    /** Where a version of cgroups has its numbers. */
    private record FileNames(String usage, String limit, String reclaimable) {}

    /** Empty where nobody counts. */
    public static Optional<CgroupMemory> read() {
        return read(Path.of("/proc/self/cgroup"), Path.of("/sys/fs/cgroup"));
    }

    static Optional<CgroupMemory> read(Path membership, Path root) {
        try {
            for (String line : Files.readAllLines(membership)) {
                String[] parts = line.split(":", 3);
                boolean second = parts[0].equals("0") && parts[1].isEmpty();
                if (second || List.of(parts[1].split(",")).contains("memory")) {
                    Optional<CgroupMemory> found = read(second ? root : root.resolve("memory"),
                            parts[2].replaceFirst("^/+", ""), second ? SECOND : FIRST);
                    if (found.isPresent()) {
                        return found;
                    }
                }
            }
        } catch (IOException | RuntimeException noCgroups) {
            return Optional.empty();
        }
        return Optional.empty();
    }

    /** In a container the own group is mostly the root of what can be seen. */
    private static Optional<CgroupMemory> read(Path root, String own, FileNames names)
            throws IOException {
        Path group = root.resolve(own).normalize();
        if (!group.startsWith(root) || !Files.isReadable(group.resolve(names.usage()))) {
            group = root;
        }
        if (!Files.isReadable(group.resolve(names.usage()))) {
            return Optional.empty();
        }
        Path tightest = group;
        OptionalLong limit = OptionalLong.empty();
        for (Path each = group; each.startsWith(root); each = each.getParent()) {
            OptionalLong next = limit(each.resolve(names.limit()));
            if (next.isPresent() && next.getAsLong() < limit.orElse(Long.MAX_VALUE)
                    && Files.isReadable(each.resolve(names.usage()))) {
                limit = next;
                tightest = each;
            }
        }
        long reclaimable = Files.readAllLines(tightest.resolve("memory.stat")).stream()
                .filter(line -> line.startsWith(names.reclaimable()))
                .mapToLong(line -> Long.parseLong(line.substring(names.reclaimable().length()).strip()))
                .findFirst().orElse(0);
        long used = Long.parseLong(Files.readString(tightest.resolve(names.usage())).strip());
        return Optional.of(new CgroupMemory(Math.max(0, used - reclaimable), limit));
    }

    private static OptionalLong limit(Path file) throws IOException {
        String text = Files.isReadable(file) ? Files.readString(file).strip() : "max";
        long bytes = text.equals("max") ? NO_LIMIT : Long.parseLong(text);
        return bytes >= NO_LIMIT ? OptionalLong.empty() : OptionalLong.of(bytes);
    }
}
