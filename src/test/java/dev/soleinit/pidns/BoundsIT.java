package dev.soleinit.pidns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.RequiredTier;
import dev.soleinit.control.client.RpcException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** More than fits PID 1's memory: it stays bounded, in time, and says what it leaves out. */
@ExtendWith(RequiredTier.PidNamespace.class)
class BoundsIT {
    private static final String LADEN =
            Path.of("src/test/resources/protocol/laden.py").toAbsolutePath().toString();
    private static final int FILES = 40_000;

    @TempDir
    Path dir;

    /** 25 MB of JSON in a heap of 48, twice: the first generation's, and then the second's beside it. */
    @Test
    void thousandsOfLargeCheckpointsAreKeptByAForcedRestart() throws IOException, RpcException {
        try (PidNamespace node = PidNamespace.start(dir, "--ready", "attach", "--", "python3", LADEN, "2000")
                .waitForState("ready")) {
            for (int generation = 2; generation <= 3; generation++) {
                Map<?, ?> outcome = (Map<?, ?>) node.call("restart.request", Map.of("force", true,
                        "door", "cli")).get("outcome");
                assertEquals("forced", outcome.get("restartStatus"), node.log());
                assertTrue(Files.size(node.state("restart-manifest.json")) > 2_000L * 3 * 4_096);
                node.waitForState("ready");
            }
            assertFalse(node.log().contains("OutOfMemory"), node.log());
            assertTrue(node.log().contains("1952 without their checkpoint"), node.log());
            assertEquals(4_000L, node.status().get("resumable"), node.status().toString());
        }
    }

    /** All of them by name would be an answer of more than a megabyte, for which nobody is waited. */
    @Test
    void whoeverCutsMuchIsAnsweredAll() throws IOException, RpcException {
        try (PidNamespace node = PidNamespace.start(dir, "--ready", "attach", "--", "python3", LADEN, "20000",
                "small").waitForState("ready")) {
            Map<?, ?> outcome = (Map<?, ?>) node.call("restart.request", Map.of("force", true,
                    "door", "cli")).get("outcome");
            assertEquals(100, ((java.util.List<?>) outcome.get("cut")).size());
            assertEquals(19_900L, outcome.get("cutMore"));
        }
    }

    @Test
    void aLargeTreeHoldsUpNeitherTheStartNorTheEnd() throws IOException {
        Path tree = tree();
        long plain = timeToReady(dir.resolve("plain"));
        long watching = timeToReady(dir.resolve("watching"), "--watch", tree.toString());
        assertTrue(watching < plain + 2_000, plain + " ms without, " + watching + " with");
    }

    private Path tree() throws IOException {
        Path tree = dir.resolve("tree");
        for (int i = 0; i < FILES; i++) {
            Path directory = tree.resolve("d" + i % 400);
            if (i < 400) {
                Files.createDirectories(directory);
            }
            Files.createFile(directory.resolve("f" + i));
        }
        return tree;
    }

    private long timeToReady(Path place, String... options) throws IOException {
        Files.createDirectories(place);
        java.util.List<String> words = new java.util.ArrayList<>(java.util.List.of(options));
        words.addAll(java.util.List.of("--", PidNamespace.obedient(place)));
        long begun = System.nanoTime();
        try (PidNamespace node = PidNamespace.start(place, words.toArray(String[]::new))
                .waitForState("ready")) {
            long millis = (System.nanoTime() - begun) / 1_000_000;
            long asked = System.nanoTime();
            PidNamespace.kill("TERM", node.pid1());
            node.exitCode();
            assertTrue(System.nanoTime() - asked < 3_000_000_000L, node.log());
            return millis;
        }
    }

    @Test
    void aLargeTreeIsWatchedByDateAndThatIsSaidOnce() throws IOException {
        Path tree = tree();
        try (PidNamespace node = PidNamespace.start(dir, "--watch", tree.toString(), "--watch-quiet", "100ms",
                "--restart-cooldown", "0", "--", PidNamespace.obedient(dir)).waitForState("ready")) {
            node.waitForLog("Cannot compare the contents of watched files");
            node.waitFor("it is seen", () -> !"".equals(((Map<?, ?>) node.status().get("watched"))
                    .get("applied")));
            Files.writeString(tree.resolve("d7/f7"), "x");
            node.waitFor("a change restarts", () -> Long.valueOf(2).equals(node.status()
                    .get("generation")));
            PidNamespace.pause(1_500);
            assertEquals(2L, node.status().get("generation"), node.log());
            assertEquals(1, node.log().split("Cannot compare the contents", -1).length - 1);
        }
    }
}
