package dev.soleinit.os.host;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How much more the container may take. */
class CgroupRoomTest {
    @TempDir
    Path dir;
    private Path membership;

    @BeforeEach
    void member() {
        membership = dir.resolve("cgroup");
    }

    private static void write(Path group, String name, String text) throws IOException {
        Files.createDirectories(group);
        Files.writeString(group.resolve(name), text + "\n");
    }

    private static void second(Path group, String max, long current, long cache) throws IOException {
        write(group, "memory.max", max);
        write(group, "memory.current", Long.toString(current));
        write(group, "memory.stat", "anon 5\ninactive_file " + cache + "\nactive_file 1\nshmem 7");
    }

    @Test
    void inAContainerTheRootIsTheOwnGroup() throws IOException {
        Files.writeString(membership, "0::/\n");
        second(dir.resolve("fs"), "1000", 700, 99);
        assertEquals(OptionalLong.of(400), CgroupMemory.room(membership, dir.resolve("fs")));
    }

    @Test
    void theTightestOfTheGroupsAboveCounts() throws IOException {
        Files.writeString(membership, "0::/pod/app\n");
        Path root = dir.resolve("fs");
        second(root.resolve("pod"), "500", 401, 0);
        second(root.resolve("pod/app"), "max", 401, 0);
        assertEquals(OptionalLong.of(100), CgroupMemory.room(membership, root));
        second(root.resolve("pod/app"), "402", 402, 0);
        assertEquals(OptionalLong.of(1), CgroupMemory.room(membership, root));
    }

    @Test
    void theFirstVersionHasOtherNames() throws IOException {
        Files.writeString(membership, "4:cpu,memory:/a\n1:name=systemd:/\n");
        Path group = dir.resolve("fs/memory/a");
        write(group, "memory.limit_in_bytes", "1000");
        write(group, "memory.usage_in_bytes", "900");
        write(group, "memory.stat", "inactive_file 7\ntotal_inactive_file 50");
        assertEquals(OptionalLong.of(150), CgroupMemory.room(membership, dir.resolve("fs")));
        write(group, "memory.limit_in_bytes", "9223372036854771712");
        assertEquals(OptionalLong.empty(), CgroupMemory.room(membership, dir.resolve("fs")));
    }

    @Test
    void whereNothingLimitsItOrNothingIsSaidThereIsNoFigure() throws IOException {
        assertEquals(OptionalLong.empty(), CgroupMemory.room(membership, dir.resolve("fs")));
        Files.writeString(membership, "nonsense\n0::/\n");
        assertEquals(OptionalLong.empty(), CgroupMemory.room(membership, dir.resolve("fs")));
    }
}
