package dev.soleinit.pidns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.RequiredTier;
import dev.soleinit.control.client.ControlClient;
import dev.soleinit.control.client.RpcException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What only the start has needed is given back, once it is quiet, and nothing is the worse for it. */
@ExtendWith(RequiredTier.PidNamespace.class)
class FootprintIT {
    private static final long MEBIBYTE = 1 << 10;
    /** 5 MiB are what it cannot do without, and a compiler takes 8 more. */
    private static final long FEW_FILES = 13 * MEBIBYTE;

    /** A daemon that attaches and is ready; then what follows. */
    private static final String BEGIN = """
                import json, os, socket, time
                link = socket.socket(socket.AF_UNIX)
                link.connect(os.environ["DAEMON_RUN_DIR"] + "/control.sock")
                def line(method, **params):
                    return (json.dumps({"jsonrpc": "2.0", "method": method, "params": params})
                            + "\\n").encode()
                link.sendall(line("attach", token=os.environ["DAEMON_TOKEN"],
                                  generation=int(os.environ["DAEMON_GENERATION"])) + line("ready"))
                """;

    @TempDir
    Path dir;

    /** Memory of PID 1 that is in use, in KiB. */
    private static long resident(PidNamespace node) {
        return number(node, "smaps_rollup", "Rss:");
    }

    /** Pages of files that PID 1 has mapped, and could map again at any time, in KiB. */
    private static long ofFiles(PidNamespace node) {
        return number(node, "status", "RssFile:");
    }

    private static long number(PidNamespace node, String file, String field) {
        return PidNamespace.proc(node.pid1(), file).lines().filter(line -> line.startsWith(field))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", ""))).findFirst().orElseThrow();
    }

    /** Pages of the Java heap, which lies in the first four gibibytes, in KiB. */
    private static long heap(PidNamespace node) {
        long sum = 0;
        boolean isHeap = false;
        for (String line : PidNamespace.proc(node.pid1(), "smaps").split("\n")) {
            if (!Character.isUpperCase(line.charAt(0))) {
                isHeap = line.indexOf('-') <= "ffffffff".length();
            } else if (isHeap && line.startsWith("Anonymous:")) {
                sum += Long.parseLong(line.replaceAll("[^0-9]", ""));
            }
        }
        return sum;
    }

    @Test
    void afterASecondOfQuietItTakesTenMebibytesLess() throws IOException {
        try (PidNamespace node = PidNamespace.start(dir, "--", "sleep", "1000")) {
            node.waitForLog("ready");
            long before = resident(node);
            node.waitFor("less than " + before + " KiB, by ten MiB",
                    () -> resident(node) < before - 10 * MEBIBYTE);
            assertEquals("ready", node.status().get("state"));
            node.signal("TERM");
            assertEquals(143, node.exitCode());
        }
    }

    /** The daemon would see it, and it takes a thread. */
    @Test
    void theJvmListensForNoDebuggingTool() throws IOException {
        try (PidNamespace node = PidNamespace.start(dir, "--", "sleep", "1000")) {
            node.waitForLog("ready");
            List<String> names = new ArrayList<>();
            for (Path thread : threads(node)) {
                names.add(name(thread));
            }
            assertTrue(names.contains("storage"), names.toString());
            assertFalse(names.contains("Attach Listener"), names.toString());
        }
    }

    /** What thousands of calls have mapped again is given back once nobody calls. */
    @Test
    void afterManyCallsItTakesLessAgainOnceItIsQuiet() throws IOException, RpcException {
        try (PidNamespace node = PidNamespace.start(dir, "--", "sleep", "1000")) {
            node.waitForLog("ready");
            PidNamespace.pause(4_000);
            try (ControlClient client = ControlClient.connect(node.run("control.sock"))) {
                for (int i = 0; i < 6_000; i++) {
                    client.call("status", Map.of());
                }
            }
            assertGivenBack(node, 5, 1_500);
        }
    }

    /** So many MiB less, and less than one of them before it has been quiet for longer than that. */
    private static void assertGivenBack(PidNamespace node, int mebibytes, long notWithinMillis) {
        long before = resident(node);
        PidNamespace.pause(notWithinMillis);
        long control = resident(node);
        assertTrue(control > before - MEBIBYTE, "not before it is quiet: " + control);
        node.waitFor("less than " + before + " KiB, by " + mebibytes + " MiB",
                () -> resident(node) < before - mebibytes * MEBIBYTE);
        assertEquals("ready", node.status().get("state"));
    }

    /** The JVM may compile just then what gives back: its compiler alone maps 8 MiB again. */
    @Test
    void whatGivingBackHasItselfMappedAgainIsGivenBackToo() throws IOException {
        try (PidNamespace node = PidNamespace.start(dir, "--", "sleep", "1000")) {
            node.waitForLog("ready");
            for (int i = 0; i < 50; i++) {
                node.status();
            }
            long control = ofFiles(node);
            assertTrue(control > FEW_FILES, "before it is given back, KiB of files: " + control);
            node.waitFor("few pages of files", () -> ofFiles(node) < FEW_FILES);
            PidNamespace.pause(4_000);
            node.waitFor("few pages of files after what is compiled behind it", () -> ofFiles(node) < FEW_FILES);
        }
    }

    /** Each time it wakes, some MiB of its code are mapped again. */
    @ParameterizedTest
    @ValueSource(strings = {"exec", "attach"})
    void onceItIsQuietItDoesNotWakeForNothing(String ready) throws IOException {
        try (PidNamespace node = ready.equals("exec") ? PidNamespace.start(dir, "--", "sleep", "1000")
                : PidNamespace.start(dir, "--ready", "attach", "--", "python3", "-c",
                        BEGIN + "time.sleep(1000)")) {
            node.waitForLog("ready");
            PidNamespace.pause(7_000);
            Map<String, Long> before = timesWoken(node);
            assertTrue(before.get("control") > 0 && before.get("soleinit") > 0, "control: " + before);
            PidNamespace.pause(16_000);
            assertEquals(before, timesWoken(node));
        }
    }

    /** How often each thread of our own has waited for something. */
    private static Map<String, Long> timesWoken(PidNamespace node) throws IOException {
        Map<String, Long> times = new HashMap<>();
        for (Path thread : threads(node)) {
            if (Set.of("soleinit", "control", "storage", "log").contains(name(thread))) {
                times.merge(name(thread), number(node, "task/" + thread.getFileName() + "/status",
                        "voluntary_ctxt_switches"), Long::sum);
            }
        }
        return times;
    }

    private static List<Path> threads(PidNamespace node) throws IOException {
        try (var threads = Files.list(Path.of("/proc", Long.toString(node.pid1()), "task"))) {
            return threads.toList();
        }
    }

    private static String name(Path thread) throws IOException {
        return Files.readString(thread.resolve("comm")).strip();
    }

    /** Nobody waits for thousands of calls: what one command has mapped again goes back after a lull. */
    @Test
    void afterALullItTakesLessAgainHoweverLittleCame() throws IOException {
        try (PidNamespace node = PidNamespace.start(dir, "--", "sleep", "1000")) {
            node.waitForLog("ready");
            PidNamespace.pause(6_000);
            for (int i = 0; i < 50; i++) {
                node.status();
            }
            assertGivenBack(node, 3, 15_000);
        }
    }

    /** Garbage is collected before the heap is full of it, which would take long, and the rest goes back. */
    @Test
    void aBurstOfWorkDoesNotFillTheHeapAndLeavesNothingInIt() throws IOException {
        try (PidNamespace node = PidNamespace.start(dir, "--ready", "attach", "--", "python3", "-c",
                BEGIN + """
                time.sleep(2.5)
                for i in range(0, 80000, 500):
                    link.sendall(b"".join(line("work.begin", id="i%d" % j, kind="session",
                        description="d" * 40, checkpoint="c" * 100) for j in range(i, i + 500)))
                    link.sendall(b"".join(line("work.end", id="i%d" % j) for j in range(i, i + 500)))
                link.sendall(line("work.begin", id="the-end-of-all", kind="session"))
                time.sleep(1000)
                """)) {
            long most = 0;
            while (!node.status().toString().contains("id=the-end-of-all")) {
                most = Math.max(most, heap(node));
                PidNamespace.pause(20);
            }
            assertTrue(most < 16 * MEBIBYTE, "at most " + most + " KiB of heap in the burst");
            node.waitFor("a heap as small as at first", () -> heap(node) < 5 * MEBIBYTE);
        }
    }

    /** The control: it is this giving back that makes it smaller, not the passing of time. */
    @Test
    void whereItIsNeverQuietItKeepsWhatItHas() throws IOException {
        String busy = PidNamespace.script(dir, "trap 'exit 0' TERM", "while :; do /bin/true; sleep 0.05; "
                + "(sleep 0.1 &); done");
        try (PidNamespace node = PidNamespace.start(dir, "--", busy)) {
            node.waitForLog("ready");
            long before = resident(node);
            PidNamespace.pause(3_000);
            assertTrue(resident(node) > before - 10 * MEBIBYTE, before + " -> " + resident(node));
        }
    }
}
