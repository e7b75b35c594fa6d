package dev.soleinit.pidns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.RequiredTier;
import dev.soleinit.control.client.RpcException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(RequiredTier.PidNamespace.class)
class OwnershipIT {
    private static final List<String> UNSHARE =
            List.of("unshare", "--pid", "--fork", "--mount-proc", "--kill-child");

    @TempDir
    Path dir;

    @Test
    void aSecondSupervisorOnTheSameRunDirectoryEndsWith75AndNamesTheOwner() throws IOException {
        try (PidNamespace first = PidNamespace.start(dir, "--", "sleep", "60")) {
            first.waitForState("ready");
            try (PidNamespace second = PidNamespace.start(dir, "--", "sleep", "60")) {
                assertEquals(75, second.exitCode());
                assertTrue(second.log().contains("another supervisor owns"), second.log());
                assertTrue(second.log().contains(first.status().get("instance").toString()),
                        second.log());
            }
            assertEquals(1L, first.status().get("generation"));
        }
    }

    @Test
    void aSecondSupervisorOnTheSameStateDirectoryEndsWith75AndNamesTheOwner() throws IOException {
        try (PidNamespace first = PidNamespace.start(dir, "--", "sleep", "60")) {
            first.waitForState("ready");
            try (PidNamespace second = rival("0s")) {
                assertEquals(75, second.exitCode());
                assertTrue(second.log().contains("instance " + first.status().get("instance")),
                        second.log());
            }
        }
    }

    private PidNamespace rival(String patience) throws IOException {
        Path other = Files.createDirectories(dir.resolve("other"));
        return PidNamespace.launch(other, UNSHARE, Map.of(), "--state-dir",
                dir.resolve("state").toString(), "--wait-for-owner", patience, "--", "sleep", "60");
    }

    @Test
    void waitForOwnerTakesOverAsSoonAsTheOwnerHasGone() throws IOException {
        try (PidNamespace first = PidNamespace.start(dir, "--", "sleep", "60")) {
            first.waitForState("ready");
            try (PidNamespace second = rival("30s")) {
                PidNamespace.pause(1_000);
                assertTrue(second.process().isAlive(), second.log());
                first.signal("KILL");
                second.waitFor("the second has taken over",
                        () -> "ready".equals(second.status().get("state")));
                assertEquals(2L, second.status().get("generation"));
            }
        }
    }

    @Test
    void aStopWinsOverWaitingForTheOwner() throws IOException {
        try (PidNamespace first = PidNamespace.start(dir, "--", "sleep", "60")) {
            first.waitForState("ready");
            try (PidNamespace second = rival("30s")) {
                PidNamespace.pause(1_000);
                second.signal("TERM");
                assertEquals(143, second.exitCode());
            }
        }
    }

    @Test
    void staleFilesOfAnEarlierLifeNeverStopAStart() throws IOException {
        Files.createDirectories(dir.resolve("run"));
        Files.writeString(dir.resolve("run/daemon.pid"), "1\n");
        Files.writeString(dir.resolve("run/supervisor.json"), "{\"pid\":1,\"instance\":\"old\"");
        Files.writeString(dir.resolve("run/generation.json"), "not json");
        Files.writeString(dir.resolve("run/control.sock"), "");
        Files.writeString(dir.resolve("run/notify.sock"), "");
        try (PidNamespace node = PidNamespace.start(dir, "--", "sleep", "60")) {
            node.waitForState("ready");
        }
    }

    @Test
    void anUnusableRunDirectoryIsAClearError() throws IOException {
        Files.writeString(dir.resolve("run"), "a file");
        try (PidNamespace node = PidNamespace.start(dir, "--", "sleep", "60")) {
            assertEquals(78, node.exitCode());
            assertTrue(node.log().contains("--run-dir"), node.log());
        }
    }

    @Test
    void publicFilesHaveTheirModesAndContents() throws IOException {
        try (PidNamespace node = PidNamespace.launch(dir, List.of("sh", "-c",
                "umask 077; exec unshare --pid --fork --mount-proc --kill-child \"$@\"", "sh"),
                Map.of(), "--", "sleep", "60")) {
            node.waitForState("ready");
            for (String name : List.of("daemon.pid", "generation.json", "supervisor.json")) {
                assertEquals("rw-r--r--", mode(node.run(name)), name);
            }
            assertEquals("rw-------", mode(node.run("control.sock")));
            assertEquals("rw-rw-rw-", mode(node.run("notify.sock")));
            assertEquals("rw-r--r--", mode(node.state("generation")));
        }
    }

    private static String mode(Path file) throws IOException {
        return PosixFilePermissions.toString(
                Files.getPosixFilePermissions(file));
    }

    @Test
    void fullDisksKeepNeitherTheDaemonDownNorTheSupervisorFromAnswering() throws IOException {
        String script = "mount -t tmpfs -o size=64k none \"$1\"; mount -t tmpfs -o size=64k none \"$2\";"
                + "shift 2; exec \"$@\"";
        Files.createDirectories(dir.resolve("run"));
        Files.createDirectories(dir.resolve("state"));
        try (PidNamespace node = PidNamespace.launch(dir, List.of("unshare", "--pid", "--fork",
                "--mount-proc", "--kill-child", "bash", "-c", script, "bash",
                dir.resolve("run").toString(), dir.resolve("state").toString()), Map.of(),
                "--healthy-after", "0s", "--", "sleep", "60")) {
            node.waitForLog("ready");
            long pid1 = node.pid1();
            inside(pid1, "dd if=/dev/zero of=" + dir + "/state/fill bs=1k 2>/dev/null;"
                    + "dd if=/dev/zero of=" + dir + "/run/fill bs=1k 2>/dev/null; true");
            inside(pid1, "kill -9 $(cat " + dir + "/run/daemon.pid)");
            node.waitForLog("generation 2 (pid");
            assertFalse(node.log().contains("Cannot write generation"), node.log());
            assertTrue(inside(pid1, "cat " + dir + "/state/generation.slots").contains("2 crc32="),
                    "room for the counter was taken at boot");
            assertEquals("2", inside(pid1, "cat " + dir + "/state/generation").strip());
            inside(pid1, "rm " + dir + "/run/fill " + dir + "/state/fill");
            node.waitFor("the public files are right again", () ->
                    inside(pid1, "cat " + dir + "/run/generation.json").contains("\"generation\":2"));
        }
    }

    @Test
    void aFullDiskAtBootKeepsNobodyDownAndIsSaid() throws IOException {
        String script = "mount -t tmpfs -o size=16k none \"$1\";"
                + "dd if=/dev/zero of=\"$1/fill\" bs=1k 2>/dev/null; shift; exec \"$@\"";
        Files.createDirectories(dir.resolve("state"));
        try (PidNamespace node = PidNamespace.launch(dir, List.of("unshare", "--pid", "--fork",
                "--mount-proc", "--kill-child", "bash", "-c", script, "bash",
                dir.resolve("state").toString()), Map.of(), "--", "sleep", "60")) {
            node.waitForState("ready");
            assertTrue(node.log().contains("Cannot take room for the generation counter"),
                    node.log());
            assertTrue(node.log().contains("Cannot write generation 1"), node.log());
        }
    }

    @Test
    void directoriesOfTheDaemonsUserWorkWithAWarningAndLeadNowhereElse()
            throws IOException, RpcException {
        Path shadow = Files.writeString(dir.resolve("shadow"), "secret\n");
        Files.setPosixFilePermissions(shadow, PosixFilePermissions.fromString("rw-------"));
        Files.setPosixFilePermissions(dir, PosixFilePermissions.fromString("rwxr-xr-x"));
        for (String name : List.of("run", "state")) {
            Path directory = Files.createDirectories(dir.resolve(name));
            for (String file : List.of("generation", "backoff.json", "owner.json", "events.jsonl",
                    "restart-manifest.json", "generation.slots", "generation.json", "supervisor.json", "daemon.pid")) {
                Files.createSymbolicLink(directory.resolve(file), shadow);
                Files.createSymbolicLink(directory.resolve("." + file + ".tmp"), shadow);
            }
            Files.setAttribute(directory, "unix:uid", 12345);
        }
        try (PidNamespace node = PidNamespace.start(dir, "--user", "12345",
                "--preflight-command", "echo busy with it; exit 75", "--", "sleep", "60")) {
            node.waitForState("ready");
            assertTrue(node.log().contains("belongs to the daemon's user"), node.log());
            assertTrue(node.call("restart.preflight", Map.of()).toString().contains("busy with it"));
            assertEquals(node.daemonPid() > 0, Files.readString(node.run("daemon.pid")).length() > 1);
            node.waitForJournal("\"boot\"");
            assertEquals("secret\n", Files.readString(shadow));
            assertEquals("rw-------", mode(shadow));
            assertEquals(0, Files.getAttribute(shadow, "unix:uid"));
        }
    }

    @Test
    void directoriesOfAThirdUserAreRefused() throws IOException {
        Files.setAttribute(Files.createDirectories(dir.resolve("state")), "unix:uid", 23456);
        try (PidNamespace node = PidNamespace.start(dir, "--user", "12345", "--", "sleep", "60")) {
            assertEquals(78, node.exitCode());
            assertTrue(node.log().contains("belongs to user 23456")
                    && node.log().contains("--state-dir"), node.log());
        }
    }

    @Test
    void aLockThatIsALinkIsAClearError() throws IOException {
        Files.createDirectories(dir.resolve("state"));
        Files.createSymbolicLink(dir.resolve("state/owner.lock"), dir.resolve("made"));
        try (PidNamespace node = PidNamespace.start(dir, "--", "sleep", "60")) {
            assertEquals(78, node.exitCode());
            assertTrue(node.log().contains("symbolic link"), node.log());
            assertFalse(Files.exists(dir.resolve("made")));
        }
    }

    /** Runs a line in the mount and PID namespaces of the supervisor. */
    private static String inside(long pid1, String line) {
        try {
            return PidNamespace.command(Map.of(), "nsenter", "-t", Long.toString(pid1), "-m", "-p", "sh",
                    "-c", line).output();
        } catch (IOException failed) {
            return failed.toString();
        }
    }

    @Test
    void withoutProcessesLeftItBacksOffAndRecovers() throws IOException {
        // RLIMIT_NPROC counts all processes and threads of a user that nobody else is
        String daemon = PidNamespace.script(dir, "exec sleep 60");
        dir.toFile().setWritable(true, false);
        dir.toFile().setExecutable(true, false);
        dir.toFile().setReadable(true, false);
        List<String> launcher = List.of("setpriv", "--reuid", "54321", "--regid", "54321",
                "--clear-groups", "prlimit", "--nproc=200");
        try (PidNamespace node = PidNamespace.launch(dir, launcher, Map.of(), "--backoff-initial", "200ms",
                "--backoff-max", "500ms", "--", daemon)) {
            node.waitForState("ready");
            Process hog = new ProcessBuilder("setpriv", "--reuid", "54321", "--regid", "54321",
                    "--clear-groups", "bash", "-c",
                    "for i in $(seq 250); do sleep 30 & done; echo full; wait").start();
            hog.getInputStream().read();
            PidNamespace.kill("KILL", ((Number) node.status().get("pid")).longValue());
            Map<String, Object> status = node.waitForStatus("it backs off for want of processes",
                    now -> String.valueOf(now.get("backoffReason")).contains("EAGAIN"));
            assertEquals("backing-off", status.get("state"));
            hog.descendants().forEach(ProcessHandle::destroyForcibly);
            hog.destroyForcibly();
            node.waitForState("ready");
        }
    }

    @Test
    void tooFewProcessesForTheSupervisorItselfAreSaidInOneLine() throws IOException {
        List<String> launcher = List.of("setpriv", "--reuid", "54322", "--regid", "54322",
                "--clear-groups", "prlimit", "--nproc=20");
        try (PidNamespace node = PidNamespace.launch(dir, launcher, Map.of(), "--", "sleep", "60")) {
            assertEquals(1, node.exitCode());
            assertEquals("Cannot start: only 20 processes and threads of this user are allowed "
                    + "(RLIMIT_NPROC), 24 are needed; raise it (docker run --ulimit nproc=...)",
                    node.log().strip());
        }
    }
}
