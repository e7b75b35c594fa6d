package dev.soleinit.pidns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.RequiredTier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What is done once, before the daemon's first start. */
@ExtendWith(RequiredTier.PidNamespace.class)
class BootIT {
    @TempDir
    Path dir;

    @Test
    void aDirectoryIsMadeWithThoseAboveItBeforeTheDaemonStarts() throws IOException {
        Path made = dir.resolve("a/b/c");
        try (PidNamespace node = PidNamespace.start(dir, "--umask", "077", "--mkdir",
                made + ":1234:1235:2750", "--restart", "never", "--", "stat", "-c", "%u %g %a", made.toString(),
                made.getParent().toString())) {
            assertEquals(0, node.exitCode(), node.log());
            assertTrue(node.log().contains("1234 1235 2750\n0 0 755\n"), node.log());
        }
    }

    @Test
    void oneThatIsThereGetsTheOwnerAndKeepsItsModeAndContent() throws IOException {
        Path made = Files.createDirectory(dir.resolve("there"));
        Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rwxrwx---"));
        Files.writeString(made.resolve("content"), "kept");
        try (PidNamespace node = PidNamespace.start(dir, "--mkdir", made + ":1234", "--restart", "never",
                "--", "stat", "-c", "%u %g %a", made.toString())) {
            assertEquals(0, node.exitCode(), node.log());
            assertTrue(node.log().contains("1234 1234 770\n"), node.log());
            assertEquals("kept", Files.readString(made.resolve("content")));
        }
    }

    @Test
    void noLinkIsFollowedWhereverItStandsInThePath() throws IOException {
        Path other = Files.createDirectory(dir.resolve("other"));
        Path link = Files.createSymbolicLink(dir.resolve("link"), other);
        for (String path : new String[] {link.toString(), link + "/below"}) {
            try (PidNamespace node = PidNamespace.start(dir, "--mkdir", path + ":1234", "--", "true")) {
                assertEquals(78, node.exitCode(), node.log());
                assertTrue(node.log().contains("Cannot make the directory " + path + " (mkdir): " + link
                        + " is a symbolic link"), node.log());
            }
        }
        assertEquals(0, Files.getAttribute(other, "unix:uid"));
        assertTrue(Files.notExists(other.resolve("below")));
    }

    @Test
    void whatCannotBeADirectoryEndsPid1With78AndTheReason() throws IOException {
        Path file = Files.writeString(dir.resolve("file"), "");
        fails(file + "/below", file + " is no directory");
        fails("/proc/nothing", "cannot create /proc/nothing in /proc: ENOENT");
        fails(dir.resolve("x") + ":nobody-here", "Cannot find the user 'nobody-here' in /etc/passwd; add it "
                + "or give a number (mkdir " + dir.resolve("x") + ")");
    }

    private void fails(String value, String reason) throws IOException {
        try (PidNamespace node = PidNamespace.start(dir, "--mkdir", value, "--", "true")) {
            assertEquals(78, node.exitCode(), node.log());
            assertTrue(node.log().contains(reason), "expected '" + reason + "' in:\n" + node.log());
        }
    }

    @Test
    void anExitThatMeansRestartMeIsNoFailureUnlikeTheSameExitWithoutTheSetting() throws IOException {
        String daemon = PidNamespace.script(dir, "echo x >>" + dir.resolve("starts"),
                "[ $(wc -l <" + dir.resolve("starts") + ") -gt 3 ] && sleep 60", "exit 0");
        try (PidNamespace node = PidNamespace.start(dir, "--restart-exit", "0", "--backoff-initial", "60s",
                "--", daemon)) {
            node.waitForStatus("the fourth start", status -> Long.valueOf(4).equals(status.get("generation"))
                    && Long.valueOf(0).equals(status.get("failures")));
        }
        Files.delete(dir.resolve("starts"));
        try (PidNamespace node = PidNamespace.start(dir, "--backoff-initial", "60s", "--", daemon)) {
            node.waitForState("backing-off");
        }
    }

    // ---- variables and commands

    @Test
    void theDaemonGetsTheVariablesOfFilesAndThoseOfEnvWin() throws IOException {
        Path file = Files.writeString(dir.resolve("env"), "FROM_FILE='a b'\nTWICE=file\nHOME=/file\n");
        Path secret = Files.writeString(dir.resolve("secret"), "s3cret\n");
        try (PidNamespace node = PidNamespace.start(dir, "--env-file", file.toString(), "--secret",
                "PASSWORD=" + secret, "--env", "TWICE=flag", "--restart", "never", "--", "sh", "-c",
                "echo \"<$FROM_FILE> <$PASSWORD> <$TWICE> <$HOME>\"")) {
            assertEquals(0, node.exitCode(), node.log());
            assertTrue(node.log().contains("<a b> <s3cret> <flag> </file>"), node.log());
        }
    }

    @Test
    void aFileThatCannotBeReadEndsPid1With78() throws IOException {
        try (PidNamespace node = PidNamespace.start(dir, "--secret", "A=" + dir, "--", "true")) {
            assertEquals(78, node.exitCode(), node.log());
            assertTrue(node.log().contains("(secret): it is a directory"), node.log());
        }
    }

    /** As an orchestrator sees it that mounts a secret late: a clear end, and the next start has it. */
    @Test
    void aSecretThatAppearsLateIsFoundByTheNextStartAndReadOnce() throws IOException {
        Path secret = dir.resolve("late");
        String daemon = PidNamespace.script(dir, "echo \"has <$A>\"", "trap 'exit 0' TERM",
                "while :; do sleep 0.05; done");
        String[] words = {"--secret", "A=" + secret, "--", daemon};
        try (PidNamespace node = PidNamespace.start(dir, words)) {
            assertEquals(78, node.exitCode(), node.log());
            assertTrue(node.log().endsWith("Cannot use " + secret + " (secret): there is no such file; it "
                    + "has to be there when the container starts\n"), node.log());
            assertEquals(1, node.log().lines().count(), node.log());
        }
        Files.writeString(secret, "first\n");
        try (PidNamespace node = PidNamespace.start(dir, words)) {
            node.waitForState("ready").waitForLog("has <first>");
            assertEquals(1L, node.status().get("generation"), "the start that failed has taken no number");
            Files.delete(secret);
            PidNamespace.kill("KILL", node.daemonPid());
            node.waitFor("the second start", () -> node.log().split("has <first>", -1).length == 3);
        }
    }

    @Test
    void aSecretThatPid1MayNotReadSaysSo() throws IOException {
        Files.setPosixFilePermissions(dir, PosixFilePermissions.fromString("rwxrwxrwx"));
        Path secret = Files.writeString(dir.resolve("secret"), "s3cret\n");
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
        List<String> alice = new ArrayList<>(List.of("setpriv", "--reuid", "1234", "--regid", "1234",
                "--clear-groups"));
        try (PidNamespace node = PidNamespace.launch(dir, alice, Map.of(), "--secret", "A=" + secret, "--",
                "true")) {
            assertEquals(78, node.exitCode(), node.log());
            assertTrue(node.log().contains("Cannot use " + secret + " (secret): permission denied; check its "
                    + "mode and owner"), node.log());
            assertFalse(node.log().contains("s3cret"), node.log());
        }
    }

    @Test
    void commandsRunOnceInTheirOrderAsTheDaemonBeforeItsFirstStart() throws IOException {
        Path trace = Files.writeString(dir.resolve("trace"), "");
        trace.toFile().setWritable(true, false);
        Files.setPosixFilePermissions(dir, PosixFilePermissions.fromString("rwxr-xr-x"));
        String note = "echo \"$0 $(id -u) $X\" >>" + trace;
        try (PidNamespace node = PidNamespace.start(dir, "--user", "1234", "--env", "X=y", "--before",
                note.replace("$0", "one"), "--before", note.replace("$0", "two"), "--backoff-initial", "10ms",
                "--", "sh", "-c", note.replace("$0", "daemon") + "; [ $DAEMON_GENERATION = 1 ] || sleep 60")) {
            node.waitForStatus("the second start", status -> Long.valueOf(2).equals(status.get("generation"))
                    && "ready".equals(status.get("state")));
            node.waitFor("both starts", () -> traced(trace).equals(
                    "one 1234 y\ntwo 1234 y\ndaemon 1234 y\ndaemon 1234 y\n"));
        }
    }

    private static String traced(Path trace) {
        try {
            return Files.readString(trace);
        } catch (IOException gone) {
            return "";
        }
    }

    @Test
    void oneThatFailsEndsPid1WithItsCodeAndTheDaemonIsNotStarted() throws IOException {
        try (PidNamespace node = PidNamespace.start(dir, "--before", "exit 9", "--before", "echo second",
                "--", "echo", "started")) {
            assertEquals(9, node.exitCode(), node.log());
            assertTrue(node.log().contains("Cannot start: 'exit 9', which is to run before the first start, "
                    + "ended with exit 9"), node.log());
            assertTrue(!node.log().contains("second") && !node.log().contains("started"), node.log());
        }
    }

    @Test
    void oneThatTakesTooLongIsKilledAndEndsPid1With124() throws IOException {
        try (PidNamespace node = PidNamespace.start(dir, "--ready-timeout", "300ms", "--before", "sleep 60",
                "--", "true")) {
            assertEquals(124, node.exitCode(), node.log());
            assertTrue(node.log().contains("has taken longer than 300 ms"), node.log());
        }
    }

    @Test
    void aStopWinsOverIt() throws IOException {
        try (PidNamespace node = PidNamespace.start(dir, "--before",
                "trap 'echo stopped; exit 0' TERM; echo armed; while :; do sleep 0.05; done", "--",
                "echo", "started")) {
            node.waitForLog("armed").signal("TERM");
            assertEquals(143, node.exitCode(), node.log());
            assertTrue(node.log().contains("stopped") && !node.log().contains("started"), node.log());
        }
    }

    @Test
    void anyOtherSignalReachesTheDaemonOnceItRuns() throws IOException {
        Path gate = dir.resolve("gate");
        try (PidNamespace node = PidNamespace.start(dir, "--before",
                "echo waiting; until [ -e " + gate + " ]; do sleep 0.05; done", "--", "sleep", "60")) {
            node.waitForLog("waiting").signal("USR1");
            Files.writeString(gate, "");
            node.waitForLog("SIGUSR1");
        }
    }
}
