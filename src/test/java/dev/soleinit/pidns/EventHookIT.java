package dev.soleinit.pidns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.RequiredTier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** {@code --on-event} of a real PID 1, and commands that hang, flood, fork and die. */
@ExtendWith(RequiredTier.PidNamespace.class)
@Timeout(120)
class EventHookIT {
    /** Less than a command may take. */
    private static final Duration AT_ONCE = Duration.ofSeconds(8);
    @TempDir
    Path dir;

    private PidNamespace start(String hook, String... more) throws IOException {
        String[] words = new String[more.length + 4];
        System.arraycopy(new String[] {"--on-event", hook}, 0, words, 0, 2);
        System.arraycopy(more, 0, words, 2, more.length);
        words[words.length - 2] = "--";
        words[words.length - 1] = PidNamespace.obedient(dir);
        return PidNamespace.start(dir, words);
    }

    private List<String> lines(Path file) throws IOException {
        return Files.exists(file) ? Files.readAllLines(file) : List.of();
    }

    /** TERM to the end of PID 1. */
    private void endsAtOnce(PidNamespace node) throws IOException {
        long begin = System.nanoTime();
        node.signal("TERM");
        assertEquals(0, node.exitCode(), node.log());
        Duration took = Duration.ofNanos(System.nanoTime() - begin);
        assertTrue(took.compareTo(AT_ONCE) < 0, took + " for the end\n" + node.log());
    }

    @Test
    void itGetsEachLineOfTheJournalWholeAndInOrder() throws IOException {
        Path got = dir.resolve("got");
        try (PidNamespace node = start("cat >>" + got + "; echo \"$DAEMON_RUN_DIR\" >>" + dir.resolve("dir"))) {
            node.waitForState("ready");
            node.daemon(Map.of(), "restart", "--reason", "für \"alle\"");
            Path journal = node.state("events.jsonl");
            node.waitFor("all that the journal has", () -> {
                try {
                    return lines(got).size() >= 7 && lines(got).equals(lines(journal));
                } catch (IOException gone) {
                    return false;
                }
            });
            assertTrue(lines(got).getFirst().contains("\"event\":\"boot\""), lines(got).getFirst());
            assertTrue(Files.readString(got).contains("für \\\"alle\\\""), Files.readString(got));
            assertEquals(node.run("").toString(), lines(dir.resolve("dir")).getFirst());
            endsAtOnce(node);
        }
    }

    @Test
    void oneThatHangsAndIgnoresTermKeepsNeitherSignalsNorTheEndUp() throws IOException {
        try (PidNamespace node = start("trap '' TERM; touch " + dir.resolve("hangs") + "; sleep 1000 & wait; wait",
                "--stop-timeout", "30s", "--sweep-grace", "25s")) {
            node.waitForState("ready");
            node.waitFor("it hangs", () -> Files.exists(dir.resolve("hangs")));
            assertEquals(0, node.daemon(Map.of(), "restart").code(), node.log());
            Files.delete(dir.resolve("hangs"));
            node.waitFor("the next one hangs", () -> Files.exists(dir.resolve("hangs")));
            endsAtOnce(node);
            assertTrue(node.log().contains("events were not given to the command of --on-event, since PID 1 "
                    + "ends"), node.log());
        }
    }

    @Test
    void oneThatFloodsLeavesTheLogAndTheLoopAlone() throws IOException {
        try (PidNamespace node = start("exec yes flood")) {
            node.waitForState("ready");
            assertEquals(0, node.daemon(Map.of(), "restart").code(), node.log());
            node.waitForLog("no answer within 10000 ms");
            assertTrue(node.log().length() < 20_000, node.log().length() + " characters of log");
            endsAtOnce(node);
        }
    }

    @Test
    void whatOneForksEndsWithIt() throws IOException {
        try (PidNamespace node = start("sleep 12345 & cat >>" + dir.resolve("got"))) {
            node.waitForState("ready");
            node.waitFor("some events", () -> {
                try {
                    return lines(dir.resolve("got")).size() >= 2;
                } catch (IOException gone) {
                    return false;
                }
            });
            node.waitFor("nothing is left of it", () -> node.process().descendants().noneMatch(one ->
                    PidNamespace.proc(one.pid(), "cmdline").contains("12345\0")));
            assertEquals("ready", node.status().get("state"));
            endsAtOnce(node);
        }
    }

    @Test
    void oneThatEndsByASignalOrIsMissingIsSaidOnceAndLeadsToNoFurtherEvent() throws IOException {
        for (String hook : List.of("kill -9 $$", "/nowhere/at-all")) {
            Files.deleteIfExists(dir.resolve("log"));
            try (PidNamespace node = start(hook)) {
                node.waitForState("ready");
                node.daemon(Map.of(), "restart");
                node.waitForLog("The command of --on-event ended with code "
                        + (hook.startsWith("kill") ? "137" : "127"));
                PidNamespace.pause(500);
                String log = node.log();
                assertEquals(log.indexOf("The command of"), log.lastIndexOf("The command of"), log);
                assertFalse(Files.readString(node.state("events.jsonl")).contains("on-event"));
                endsAtOnce(node);
            }
        }
    }
}
