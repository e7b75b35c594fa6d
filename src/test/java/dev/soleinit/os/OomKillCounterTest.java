package dev.soleinit.os;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OomKillCounterTest {
    @TempDir
    Path dir;

    private OptionalLong kills(String membership, String file, String text) throws IOException {
        Path root = dir.resolve("root" + file.hashCode() + membership.hashCode());
        if (!file.isEmpty()) {
            Files.createDirectories(root.resolve(file).getParent());
            Files.writeString(root.resolve(file), text);
        }
        return OomKillCounter.kills(Files.writeString(dir.resolve("cgroup"), membership), root);
    }

    @Test
    void theSecondVersionCountsInMemoryEvents() throws IOException {
        String events = "low 0\nhigh 3\nmax 17\noom 2\noom_kill 4\noom_group_kill 0\n";
        assertEquals(OptionalLong.of(4), kills("0::/\n", "memory.events", events));
        assertEquals(OptionalLong.of(4), kills("0::/a/b\n", "a/b/memory.events", events));
        assertEquals(OptionalLong.of(4), kills("0::/outside/of/here\n", "memory.events", events));
    }

    @Test
    void theFirstVersionCountsInOomControl() throws IOException {
        String control = "oom_kill_disable 0\nunder_oom 0\noom_kill 7\n";
        assertEquals(OptionalLong.of(7), kills("5:cpu:/x\n4:memory:/x\n0::/\n",
                "memory/x/memory.oom_control", control));
        assertEquals(OptionalLong.of(7), kills("4:hugetlb,memory:/docker/1234\n",
                "memory/memory.oom_control", control));
    }

    @Test
    void whereNobodyCountsNothingIsKnown() throws IOException {
        assertEquals(OptionalLong.empty(), kills("0::/\n", "", ""));
        assertEquals(OptionalLong.empty(), kills("garbage\n", "", ""));
        assertEquals(OptionalLong.empty(), kills("0::/\n", "memory.events", "oom_kill many\n"));
        assertEquals(OptionalLong.empty(),
                OomKillCounter.kills(dir.resolve("missing"), dir.resolve("missing")));
    }
}
