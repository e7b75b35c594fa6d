package dev.soleinit.pidns;

import dev.soleinit.control.client.RpcException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** For tests with a daemon of a kept socket, in Python, of which two can run at once. */
abstract class OverlappingDaemon {
    static final String DAEMON =
            Path.of("src/test/resources/protocol/overlapping.py").toAbsolutePath().toString();
    static final Map<String, Object> OVERLAP = Map.of("overlap", "yes", "door", "cli");

    @TempDir
    Path dir;
    int port;

    @BeforeEach
    void findPort() throws IOException {
        port = PidNamespace.freePort();
    }

    /** What the next one that starts does. */
    void mode(String words) throws IOException {
        Files.writeString(dir.resolve("mode"), words);
    }

    PidNamespace start(String... options) throws IOException {
        List<String> words = new ArrayList<>(List.of("--ready", "notify", "--listen", "tcp:127.0.0.1:" + port));
        words.addAll(List.of(options));
        words.addAll(List.of("--", "python3", DAEMON));
        return PidNamespace.start(dir, words.toArray(String[]::new)).waitForState("ready");
    }

    /** The reference daemon instead of that in Python. */
    PidNamespace reference() throws IOException {
        return PidNamespace.start(dir, "--ready", "attach", "--listen", "tcp:127.0.0.1:" + port, "--",
                PidNamespace.NODE.resolve("bin/node").toString(), "--config", dir.resolve("none").toString(), "--host",
                "127.0.0.1", "--port", Integer.toString(port)).waitForState("ready");
    }

    static Map<?, ?> other(PidNamespace node) {
        return node.status().get("overlap") instanceof Map<?, ?> other ? other : Map.of();
    }

    /** Until both run; the next generation starts as the mode has it. */
    static void begin(PidNamespace node) throws IOException, RpcException {
        node.call("restart.request", Map.of("overlap", "yes", "door", "cli", "block", false));
        node.waitFor("a successor runs", () -> "successor".equals(other(node).get("role"))
                && other(node).get("pid") instanceof Long pid && pid > 0);
    }

    static long processes(PidNamespace node, String pattern) {
        try (Stream<ProcessHandle> all = node.process().descendants()) {
            return all.filter(one -> one.info().commandLine().orElse("").matches(pattern)).count();
        }
    }

    static long daemons(PidNamespace node) {
        return processes(node, "[^ ]*python[0-9.]* .*overlapping.py");
    }
}
