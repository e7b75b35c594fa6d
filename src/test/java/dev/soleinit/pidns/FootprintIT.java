package dev.soleinit.pidns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.Required;
import dev.soleinit.control.client.ControlClient;
import dev.soleinit.control.client.RpcException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What only the start has needed is given back, once it is quiet, and nothing is the worse for it. */
@ExtendWith(Required.PidNamespace.class)
class FootprintIT {
    private static final long MEBIBYTE = 1 << 10;

    @TempDir
    Path dir;

    /** Memory of PID 1 that is in use, in KiB. */
    private static long resident(PidNamespace node) {
        return PidNamespace.proc(node.pid1(), "smaps_rollup").lines()
                .filter(line -> line.startsWith("Rss:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", ""))).findFirst().orElseThrow();
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

    /** What thousands of calls have mapped again is given back once nobody calls. */
    @Test
    void afterManyCallsItTakesLessAgainOnceItIsQuiet() throws IOException, RpcException {
        try (PidNamespace node = PidNamespace.start(dir, "--", "sleep", "1000")) {
            node.waitForLog("ready");
            PidNamespace.pause(2_500);
            try (ControlClient client = ControlClient.connect(node.run("control.sock"))) {
                for (int i = 0; i < 6_000; i++) {
                    client.call("status", Map.of());
                }
            }
            long before = resident(node);
            PidNamespace.pause(1_500);
            long control = resident(node);
            assertTrue(control > before - MEBIBYTE, "not before it is quiet: " + control);
            node.waitFor("less than " + before + " KiB, by five MiB",
                    () -> resident(node) < before - 5 * MEBIBYTE);
            assertEquals("ready", node.status().get("state"));
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
