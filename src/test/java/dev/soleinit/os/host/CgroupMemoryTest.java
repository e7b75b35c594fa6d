package dev.soleinit.os.host;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Both versions of cgroups, as a container and as a host show them. */
class CgroupMemoryTest {
    @TempDir
    Path root;

    private void group(String path, String... filesAndContents) throws IOException {
        Path group = Files.createDirectories(root.resolve(path));
        for (int i = 0; i < filesAndContents.length; i += 2) {
            Files.writeString(group.resolve(filesAndContents[i]), filesAndContents[i + 1] + "\n");
        }
    }

    private Optional<CgroupMemory> read(String membership) throws IOException {
        return CgroupMemory.read(Files.writeString(root.resolve("membership"), membership), root);
    }

    private static Optional<CgroupMemory> is(long used, long limit) {
        return Optional.of(new CgroupMemory(used, OptionalLong.of(limit)));
    }

    @Test
    void theSecondVersionInAContainer() throws IOException {
        group("", "memory.current", "900", "memory.max", "1000", "memory.stat", "anon 5\ninactive_file 300");
        assertEquals(is(600, 1000), read("0::/\n"));
        group("", "memory.max", "max");
        assertEquals(Optional.of(new CgroupMemory(600, OptionalLong.empty())), read("0::/\n"));
    }

    @Test
    void theLowestLimitOfThoseAboveCountsWithTheUseThatItBounds() throws IOException {
        group("a", "memory.current", "700", "memory.max", "800", "memory.stat", "inactive_file 0");
        group("a/b", "memory.current", "200", "memory.max", "max", "memory.stat", "inactive_file 10");
        assertEquals(is(700, 800), read("0::/a/b\n"));
        group("a/b", "memory.max", "300");
        assertEquals(is(190, 300), read("0::/a/b\n"));
    }

    @Test
    void theFirstVersionBesideAnEmptySecondOne() throws IOException {
        group("memory", "memory.usage_in_bytes", "5000", "memory.limit_in_bytes", "9223372036854771712",
                "memory.stat", "inactive_file 1\ntotal_inactive_file 1000");
        String membership = "4:memory:/docker/x\n0::/\n";
        assertEquals(Optional.of(new CgroupMemory(4000, OptionalLong.empty())), read(membership));
        group("memory/docker/x", "memory.usage_in_bytes", "50", "memory.limit_in_bytes", "100", "memory.stat", "");
        assertEquals(is(50, 100), read(membership));
    }

    @Test
    void whereNobodyCountsOrTheFilesAreNonsenseThereIsNothing() throws IOException {
        assertEquals(Optional.empty(), read("0::/\n"));
        assertEquals(Optional.empty(), read("nonsense\n"));
        assertEquals(Optional.empty(), read("0::/../../..\n"));
        group("", "memory.current", "many", "memory.max", "1000", "memory.stat", "");
        assertEquals(Optional.empty(), read("0::/\n"));
    }
}
