package dev.soleinit.pidns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.RequiredTier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(RequiredTier.PidNamespace.class)
class ExitIT {
    @TempDir
    Path dir;

    @Test
    void aMissingCommandEndsWith127AndSaysSo() throws IOException {
        endsWith(127, "Cannot start 'no-such-thing': no such program in PATH", "no-such-thing");
    }

    @Test
    void aMissingFileEndsWith127() throws IOException {
        endsWith(127, "no such file", dir + "/nothing");
    }

    @Test
    void aFileThatIsNotExecutableEndsWith126() throws IOException {
        Path file = Files.writeString(dir.resolve("plain"), "#!/bin/sh\n");
        endsWith(126, "chmod +x", file.toString());
    }

    @Test
    void aDirectoryEndsWith126() throws IOException {
        endsWith(126, "is a directory", dir.toString());
    }

    @Test
    void aGarbageBinaryEndsWith126() throws IOException {
        Path file = Files.write(dir.resolve("garbage"), new byte[] {1, 2, 3, 4, 5});
        file.toFile().setExecutable(true);
        endsWith(126, "not a program for this machine", file.toString());
    }

    @Test
    void aMissingInterpreterIsNamed() throws IOException {
        Path file = Files.writeString(dir.resolve("script"), "#!/no/such/perl -w\n");
        file.toFile().setExecutable(true);
        endsWith(127, "/no/such/perl", file.toString());
    }

    @Test
    void aMissingWorkingDirectoryIsNamed() throws IOException {
        try (PidNamespace node = PidNamespace.start(dir, "--chdir", "/no/such/dir", "--", "true")) {
            assertEquals(126, node.exitCode());
            assertTrue(node.log().contains("/no/such/dir"), node.log());
        }
    }

    private void endsWith(int code, String reason, String... command) throws IOException {
        for (String level : List.of("error", "info")) {
            Files.deleteIfExists(dir.resolve("log"));
            List<String> words = new ArrayList<>(List.of("--log-level", level, "--"));
            words.addAll(List.of(command));
            try (PidNamespace node = PidNamespace.start(dir, words.toArray(String[]::new))) {
                assertEquals(code, node.exitCode(), node.log());
                assertTrue(node.log().contains(reason), "expected '" + reason + "' in:\n" + node.log());
                assertEquals(1, node.log().lines().count(), "one line, and no other: " + node.log());
            }
        }
    }

    @Test
    void withPolicyNeverItEndsWithTheDaemonsCode() throws IOException {
        try (PidNamespace node = PidNamespace.start(dir, "--restart", "never", "--", "sh", "-c", "exit 7")) {
            assertEquals(7, node.exitCode());
        }
    }

    @Test
    void aSignalThatEndsTheDaemonShowsAs128AndItsNumber() throws IOException {
        try (PidNamespace node = PidNamespace.start(dir, "--restart", "never", "--", "sh", "-c",
                "kill -9 $$")) {
            assertEquals(137, node.exitCode());
        }
    }

    @Test
    void aStopEndsWithTheDaemonsOwnCode() throws IOException {
        String daemon = PidNamespace.script(dir, "trap 'exit 42' TERM", "echo armed",
                "while :; do sleep 0.02; done");
        try (PidNamespace node = PidNamespace.start(dir, "--", daemon)) {
            node.waitForLog("armed").signal("TERM");
            assertEquals(42, node.exitCode());
        }
    }

    @Test
    void successExitTurnsACodeIntoZero() throws IOException {
        try (PidNamespace node = PidNamespace.start(dir, "--success-exit", "143", "--", "sleep", "60")) {
            node.waitForState("ready").signal("TERM");
            assertEquals(0, node.exitCode());
        }
    }

    @Test
    void aDaemonThatIgnoresTermIsKilledAfterTheTimeout() throws IOException {
        String daemon = PidNamespace.script(dir, "trap '' TERM", "echo armed",
                "while :; do sleep 0.05; done");
        try (PidNamespace node = PidNamespace.start(dir, "--stop-timeout", "600ms", "--", daemon)) {
            node.waitForLog("armed").signal("TERM");
            long begin = System.nanoTime();
            assertEquals(137, node.exitCode());
            long millis = (System.nanoTime() - begin) / 1_000_000;
            // the default would be eight seconds
            assertTrue(millis > 300 && millis < 6_000, "stopped after " + millis + " ms");
        }
    }

    @Test
    void aFrozenDaemonIsKilledAfterTheTimeout() throws IOException {
        try (PidNamespace node = PidNamespace.start(dir, "--stop-timeout", "600ms", "--", "sleep", "60")) {
            node.waitForState("ready");
            PidNamespace.kill("STOP", node.daemonPid());
            node.signal("TERM");
            assertEquals(137, node.exitCode());
        }
    }

    @Test
    void aStopDuringBackoffEndsAtOnceWithTheLastCode() throws IOException {
        try (PidNamespace node = PidNamespace.start(dir, "--backoff-initial", "60s", "--", "sh", "-c",
                "exit 9")) {
            node.waitForState("backing-off").signal("TERM");
            long begin = System.nanoTime();
            assertEquals(9, node.exitCode());
            assertTrue(System.nanoTime() - begin < 10_000_000_000L, "at once");
        }
    }

    @Test
    void whatTheDaemonLeavesBehindGetsTermAndThenKill() throws IOException {
        String daemon = PidNamespace.script(dir, "trap 'exit 0' TERM",
                "setsid bash -c 'trap \"echo left-term; exit\" TERM; while :; do sleep 0.02; done' &",
                "setsid bash -c 'trap \"\" TERM; while :; do sleep 0.02; done' &",
                "sleep 0.3; echo armed", "while :; do sleep 0.02; done");
        try (PidNamespace node = PidNamespace.start(dir, "--sweep-grace", "500ms", "--", daemon)) {
            node.waitForLog("armed").signal("TERM");
            assertEquals(0, node.exitCode());
            assertTrue(node.log().contains("left-term"), node.log());
        }
    }
}
