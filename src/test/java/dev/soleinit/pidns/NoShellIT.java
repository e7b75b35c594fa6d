package dev.soleinit.pidns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.Required;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The supervisor as an image without a shell starts it: java itself, which blocks nothing. */
@ExtendWith(Required.PidNamespace.class)
class NoShellIT {
    @TempDir
    Path dir;

    private Process start(String... command) throws IOException {
        String options = Files.readString(Namespace.HOME.resolve("lib/no-shell.options"))
                .replace("/opt/soleinit", Namespace.HOME.toString());
        Path file = Files.writeString(dir.resolve("options"), options);
        List<String> words = new ArrayList<>(List.of("unshare", "--pid", "--fork", "--mount-proc",
                "--kill-child", Namespace.HOME.resolve("runtime/bin/java").toString(), "@" + file,
                "supervise", "--run-dir", dir.resolve("run").toString(), "--state-dir",
                dir.resolve("state").toString(), "--"));
        words.addAll(List.of(command));
        return new ProcessBuilder(words).redirectErrorStream(true)
                .redirectOutput(dir.resolve("log").toFile()).start();
    }

    private String log() throws IOException {
        return Files.readString(dir.resolve("log"));
    }

    @Test
    void itBeginsAgainWithAllSignalsBlocked() throws Exception {
        Process node = start("/bin/sh", "-c", "trap 'exit 7' TERM; env; grep SigBlk /proc/1/status; "
                + "echo up; while :; do sleep 0.05; done");
        try {
            for (int i = 0; i < 1_000 && !log().contains("up\n"); i++) {
                Namespace.pause(10);
            }
            String mask = log().replaceAll("(?s).*SigBlk:\\s*([0-9a-f]+).*", "$1");
            long blocked = Long.parseUnsignedLong(mask, 16);
            for (int signal : new int[] {1, 2, 3, 10, 12, 15, 17, 34, 64}) {
                assertTrue((blocked >>> (signal - 1) & 1) == 1, "signal " + signal + " in " + mask);
            }
            assertFalse(log().contains("SOLEINIT_") || log().contains("_JAVA_SR"), log());
            Namespace.kill("TERM", node.children().findFirst().orElseThrow().pid());
            assertTrue(node.waitFor(10, TimeUnit.SECONDS), log());
            assertEquals(7, node.exitValue(), log());
        } finally {
            node.descendants().forEach(ProcessHandle::destroyForcibly);
        }
    }
}
