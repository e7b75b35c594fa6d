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
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What commands print: bounded, never in the way, and no file. */
@ExtendWith(RequiredTier.PidNamespace.class)
class CommandOutputIT {
    /** All public files together; far below what a flood prints. */
    private static final long MAX_RUN_DIR = 200_000;

    @TempDir
    Path dir;

    private PidNamespace start(String... words) throws IOException {
        String[] all = Stream.concat(Stream.of(words), Stream.of("--", PidNamespace.obedient(dir)))
                .toArray(String[]::new);
        return PidNamespace.start(dir, all).waitForState("ready");
    }

    private String preflight(PidNamespace node) throws IOException, RpcException {
        return String.valueOf(node.call("restart.preflight", Map.of()).get("blockers"));
    }

    private long runDirSize() throws IOException {
        try (Stream<Path> files = Files.list(dir.resolve("run"))) {
            return files.mapToLong(file -> file.toFile().length()).sum();
        }
    }

    private static long pipes(PidNamespace node) throws IOException {
        long count = 0;
        try (Stream<Path> all = Files.list(Path.of("/proc/" + node.pid1() + "/fd"))) {
            for (Path fd : all.toList()) {
                if (Files.isSymbolicLink(fd) && Files.readSymbolicLink(fd).toString().startsWith("pipe:")) {
                    count++;
                }
            }
        }
        return count;
    }

    @Test
    void aFloodFillsNeitherDiskNorPipeAndOthersAreAnsweredMeanwhile() throws Exception {
        try (PidNamespace node = start("--preflight-command",
                "touch " + dir + "/begun; yes 'much to say' | head -c 30000000; echo; touch " + dir + "/done;"
                        + " exit 75")) {
            long before = pipes(node);
            Thread caller = Thread.startVirtualThread(() -> {
                try {
                    Files.writeString(dir.resolve("answer"), preflight(node));
                } catch (IOException | RpcException lost) {
                    throw new IllegalStateException(lost);
                }
            });
            node.waitFor("it floods", () -> Files.exists(dir.resolve("begun")));
            int answers = 0;
            long largest = 0;
            while (!Files.exists(dir.resolve("done")) && caller.isAlive()) {
                assertEquals("ready", node.status().get("state"));
                largest = Math.max(largest, runDirSize());
                answers++;
            }
            caller.join();
            String answer = Files.readString(dir.resolve("answer"));
            assertTrue(answer.contains("busy: (29934465 bytes left out) "), answer);
            assertTrue(answers > 0 && largest < MAX_RUN_DIR, answers + " answers, " + largest + " bytes");
            assertEquals(before, pipes(node), "its pipe is closed");
        }
    }

    @Test
    void aFloodWithoutEndIsKilledInTimeAndSaysWhatItWas() throws IOException {
        try (PidNamespace node = start("--live", "exec yes", "--live-interval", "300ms", "--live-timeout",
                "300ms", "--live-threshold", "2", "--live-start-period", "0")) {
            node.waitForLog("hangs: 2 live probes in a row failed, the last one: no answer within 300 ms: (");
            assertTrue(node.log().contains(" bytes left out) y"), node.log());
            assertTrue(runDirSize() < MAX_RUN_DIR, runDirSize() + " bytes");
        }
    }

    /** It has left the group of the command, which goes with that. */
    @Test
    void aGrandchildThatHoldsThePipeHoldsNothingUp() throws IOException, RpcException {
        String daemonized = "setsid bash -c 'trap \"\" PIPE; until test -e " + dir + "/answered; do sleep 0.02;"
                + " done; echo late || touch " + dir + "/refused' & echo at work; exit 75";
        try (PidNamespace node = start("--kill-mode", "process", "--preflight-command", daemonized)) {
            long before = pipes(node);
            String answer = preflight(node);
            assertTrue(answer.contains("busy: at work"), answer);
            assertEquals(before, pipes(node), "its pipe is closed");
            Files.createFile(dir.resolve("answered"));
            node.waitFor("it writes to nobody", () -> Files.exists(dir.resolve("refused")));
        }
    }

    @Test
    void whatIsNoTextMisleadsNobody() throws IOException, RpcException {
        String prints = "printf 'a\\377b\\033[2Jc'; exit 75";
        try (PidNamespace node = start("--preflight-command", prints, "--stop-command", prints)) {
            String answer = preflight(node);
            assertTrue(answer.contains("busy: a\uFFFDb\u001b[2Jc"), answer);
            node.daemon(Map.of(), "stop");
            node.waitForLog("a\uFFFDb\\u001b[2Jc");
            assertFalse(node.log().contains("\u001b"), "a terminal obeys the log");
            assertFalse(Files.readString(node.state("events.jsonl")).contains("\u001b"));
        }
    }

    /** Opening it anew asks for permission anew. */
    @Test
    void anotherUserMayOpenItByName() throws IOException, RpcException {
        dir.toFile().setExecutable(true, false);
        try (PidNamespace node = start("--user", "nobody", "--preflight-command",
                "echo by name >/dev/stderr; exit 75")) {
            assertTrue(preflight(node).contains("busy: by name"), preflight(node));
        }
    }

    @Test
    void noFileIsMadeForIt() throws IOException, RpcException {
        try (PidNamespace node = start("--preflight-command",
                "ls -A $DAEMON_RUN_DIR | grep output || echo no file; exit 75")) {
            assertTrue(preflight(node).contains("busy: no file"), preflight(node));
        }
    }
}
