package dev.soleinit.pidns;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.RequiredTier;
import dev.soleinit.control.client.RpcException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** {@code daemon status --watch} on a terminal: who blocks, for how long already, and how long it may take. */
@ExtendWith(RequiredTier.PidNamespace.class)
class StatusWatchIT {
    private static final String DAEMON =
            Path.of("src/test/resources/protocol/daemon.py").toAbsolutePath().toString();
    private static final String HOME_AND_CLEAR = "\u001b[H\u001b[J";

    @TempDir
    Path dir;

    /** Somebody who looks on, on a terminal of script(1). */
    private final class Watcher implements AutoCloseable {
        private final Path screen = dir.resolve("screen");
        private final Process process;

        Watcher() throws IOException {
            ProcessBuilder builder = new ProcessBuilder("script", "-qfec", PidNamespace.HOME.resolve("bin/daemon")
                    + " status --watch", "/dev/null").redirectErrorStream(true)
                    .redirectOutput(screen.toFile());
            builder.environment().put("DAEMON_RUN_DIR", dir.resolve("run").toString());
            process = builder.start();
        }

        /** What was drawn, one redraw after the other. */
        private List<String> screens() {
            try {
                return Arrays.asList(Files.readString(screen).replace("\r", "").split(
                        Pattern.quote(HOME_AND_CLEAR)));
            } catch (IOException gone) {
                return List.of();
            }
        }

        /** The whole numbers that stand in a line of each redraw that has it. */
        List<Integer> seen(String line) {
            return screens().stream().map(Pattern.compile(line)::matcher).filter(Matcher::find)
                    .map(match -> Integer.valueOf(match.group(1))).toList();
        }

        Watcher waitForTwo(PidNamespace node, String line) {
            node.waitFor("two redraws with " + line, () -> seen(line).stream().distinct().count() >= 2);
            return this;
        }

        @Override
        public void close() {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    private static boolean rise(List<Integer> seen) {
        return seen.equals(seen.stream().sorted().toList());
    }

    private static boolean fall(List<Integer> seen) {
        return rise(seen.reversed());
    }

    @Test
    void whoBlocksGetsOlderWhileTheTimeThatIsLeftRunsOut() throws IOException, RpcException {
        try (PidNamespace node = PidNamespace.start(dir, "--ready", "attach", "--", "python3", DAEMON, "60")
                .waitForState("ready"); Watcher watcher = new Watcher()) {
            node.call("signal", Map.of("signal", "USR1"));
            String blocker = "\n {14}session s1-\\w+ \\((\\d+) s\\)";
            watcher.waitForTwo(node, blocker);
            node.call("restart.request", Map.of("safe", true, "wait", 50, "block", false));
            String bound = "safe r\\d+ waits, asked for by .*; gives up in (\\d+)\\.\\d s\n";
            watcher.waitForTwo(node, bound);
            node.call("restart.request", Map.of("timeout", 40, "block", false));
            String drain = "^draining\n(?s:.*)\n  waits for   the end of its work, (\\d+)\\.\\d s left\n";
            watcher.waitForTwo(node, drain);
            assertTrue(rise(watcher.seen(blocker)), () -> "ages: " + watcher.screens());
            assertTrue(fall(watcher.seen(bound)), () -> "bound: " + watcher.screens());
            assertTrue(fall(watcher.seen(drain)), () -> "drain: " + watcher.screens());
        }
    }

    @Test
    void theNextAttemptComesCloser() throws IOException {
        try (PidNamespace node = PidNamespace.start(dir, "--backoff-initial", "30s", "--", "sh", "-c", "exit 3")
                .waitForState("backing-off"); Watcher watcher = new Watcher()) {
            String next = "^backing-off\n(?s:.*)\n  next try    in (\\d+)\\.\\d s\n";
            watcher.waitForTwo(node, next);
            assertTrue(fall(watcher.seen(next)), () -> watcher.screens().toString());
        }
    }
}
