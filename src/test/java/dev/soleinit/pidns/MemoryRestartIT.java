package dev.soleinit.pidns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.RequiredTier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** {@code --memory-restart} of a real PID 1 in a real memory cgroup, of whichever version there is. */
@ExtendWith(RequiredTier.PidNamespace.class)
@Timeout(180)
class MemoryRestartIT {
    private static final String LIMIT = Long.toString(600L << 20);
    @TempDir
    Path dir;
    private Path group;
    private boolean second;

    /** A group of its own, below that of this test. */
    @BeforeEach
    void makeGroup() throws IOException {
        Path root = Path.of("/sys/fs/cgroup");
        second = Files.exists(root.resolve("cgroup.controllers"));
        Path parent = second ? root : root.resolve("memory");
        try {
            group = Files.createDirectory(parent.resolve("soleinit-" + dir.getFileName()));
            Files.writeString(group.resolve(second ? "memory.max" : "memory.limit_in_bytes"), LIMIT);
        } catch (IOException notPermitted) {
            String missing = "no memory cgroup can be made here: " + notPermitted;
            assertFalse(System.getProperty("require", "").contains("pidns"), missing);
            System.err.println("SKIPPED " + getClass().getSimpleName() + ": " + missing);
            Assumptions.abort(missing);
        }
    }

    @AfterEach
    void removeGroup() throws IOException {
        for (int i = 0; group != null && i < 100; i++) {
            try {
                Files.deleteIfExists(group);
                return;
            } catch (IOException stillInUse) {
                PidNamespace.pause(50);
            }
        }
    }

    private PidNamespace start(String... words) throws IOException {
        return PidNamespace.launch(dir, List.of("sh", "-c", "echo $$ >" + group.resolve("cgroup.procs")
                + "; exec unshare --pid --fork --mount-proc --kill-child \"$@\"", "sh"), Map.of(), words);
    }

    /** Takes so many MiB, but for the generations from the given one on. */
    private String daemon(int mib, int until) throws IOException {
        return Files.writeString(dir.resolve("daemon.py"), """
                import os, signal, time
                signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
                kept = b"x" * (%d << 20) if int(os.environ["DAEMON_GENERATION"]) < %d else b""
                while True: time.sleep(60)
                """.formatted(mib, until)).toString();
    }

    /** Ten seconds above have to pass first. */
    private static void waitLong(PidNamespace node, String text) {
        for (int i = 0; i < 600 && !node.log().contains(text); i++) {
            PidNamespace.pause(100);
        }
        assertTrue(node.log().contains(text), "'" + text + "' in\n" + node.log());
    }

    private String[] words(String threshold, String daemon) {
        return new String[] {"--memory-restart", threshold, "--preflight-command", "true", "--", "python3",
            daemon};
    }

    @Test
    void aDaemonThatHasGrownIsRestartedOnceItHasStayedAboveAndItsSuccessorIsNot() throws IOException {
        try (PidNamespace node = start(words("60%", daemon(400, 2)))) {
            node.waitForState("ready");
            waitLong(node, "asking for a safe restart");
            node.waitForStatus("generation 2", status -> Long.valueOf(2).equals(status.get("generation"))
                    && "ready".equals(status.get("state")));
            node.waitForJournal("\"door\":\"memory\"", "\"mode\":\"safe\"");
            PidNamespace.pause(14_000);
            assertEquals(2L, node.status().get("generation"), node.log());
        }
    }

    @Test
    void aSuccessorThatIsAboveAtOnceIsNotRestartedAgainAndTheLogSaysWhy() throws IOException {
        try (PidNamespace node = start(words("300M", daemon(400, 99)))) {
            waitLong(node, "asking for a safe restart");
            node.waitForStatus("generation 2", status -> Long.valueOf(2).equals(status.get("generation")));
            waitLong(node, "another restart would not help");
            PidNamespace.pause(12_000);
            assertEquals(2L, node.status().get("generation"), node.log());
        }
    }

    @Test
    void belowItNothingHappensAndFilesThatWereReadDoNotCount() throws IOException {
        Path file = dir.resolve("big");
        String reads = PidNamespace.script(dir, "trap 'exit 0' TERM",
                "head -c 300M /dev/zero >" + file, "sync", "while :; do sleep 0.05; done");
        try (PidNamespace node = start("--memory-restart", "250M", "--preflight-command", "true", "--", reads)) {
            node.waitForState("ready");
            PidNamespace.pause(15_000);
            assertEquals(1L, node.status().get("generation"), node.log());
        }
    }

    @Test
    void aShareOfNoLimitIsSaidAtBoot() throws IOException {
        Files.writeString(group.resolve(second ? "memory.max" : "memory.limit_in_bytes"), second ? "max" : "-1");
        try (PidNamespace node = start(words("80%", daemon(1, 0)))) {
            node.waitForState("ready");
            node.waitForLog("memory-restart has no effect: ");
        }
    }
}
