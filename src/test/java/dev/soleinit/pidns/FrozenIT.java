package dev.soleinit.pidns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.RequiredTier;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A supervisor that has been stopped by somebody with a debugger, or by a frozen cgroup. */
@ExtendWith(RequiredTier.PidNamespace.class)
class FrozenIT {
    @TempDir
    Path dir;

    @Test
    void noVerbHangsOnAFrozenSupervisor() throws Exception {
        try (PidNamespace node = PidNamespace.start(dir, "--", "sleep", "600").waitForState("ready");
                ExecutorService pool = Executors.newFixedThreadPool(4)) {
            long supervisor = node.pid1();
            PidNamespace.kill("STOP", supervisor);
            Map<String, Future<PidNamespace.Finished>> running = new LinkedHashMap<>();
            for (String line : List.of("start", "stop", "restart", "restart --safe", "reload", "status",
                    "preflight", "wait --timeout 1s", "events", "signal USR1")) {
                running.put(line, pool.submit(() -> timed(node, line)));
            }
            for (Map.Entry<String, Future<PidNamespace.Finished>> each : running.entrySet()) {
                PidNamespace.Finished finished = each.getValue().get();
                int expected = each.getKey().equals("status") ? 4 : 75;
                assertEquals(expected, finished.code(), each.getKey() + ": " + finished.output());
                assertTrue(finished.output().contains("has not answered within 10 s"),
                        each.getKey() + ": " + finished.output());
            }
            PidNamespace.kill("CONT", supervisor);
            node.waitFor("it goes on", () -> node.status().get("generation") != null);
        }
    }

    private static PidNamespace.Finished timed(PidNamespace node, String line) throws Exception {
        long begin = System.nanoTime();
        PidNamespace.Finished finished = node.daemon(Map.of(), line.split(" "));
        long seconds = (System.nanoTime() - begin) / 1_000_000_000;
        assertTrue(seconds < 30, "'" + line + "' took " + seconds + " s: " + finished.output());
        return finished;
    }
}
