package dev.soleinit.pidns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.RequiredTier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(RequiredTier.PidNamespace.class)
class ChildIT {
    /** HUP (1), INT (2), USR1 (10) and PIPE (13). */
    private static final long IGNORED = 1 | 1 << 1 | 1 << 9 | 1 << 12;

    @TempDir
    Path dir;

    @Test
    void theDaemonStartsWithACleanSlate() throws IOException {
        try (PidNamespace node = PidNamespace.start(dir, "--", "sleep", "60")) {
            node.waitForState("ready");
            long pid = node.daemonPid();
            String status = PidNamespace.proc(pid, "status");
            for (String mask : List.of("SigBlk", "SigIgn", "SigCgt")) {
                assertTrue(status.contains(mask + ":\t0000000000000000"), status);
            }
            assertEquals(3, Path.of("/proc/" + pid + "/fd").toFile().list().length, "0, 1 and 2");
            String[] stat = PidNamespace.proc(pid, "stat").split(" ");
            assertEquals(stat[0].length() > 0 ? Long.toString(pid) : "", Long.toString(pid));
            assertEquals(stat[4], group(pid), "its own process group");
        }
    }

    /**
     * The launcher sets no defaults, so what the supervisor was started with would go on to the daemon:
     * posix_spawn has to set them (POSIX_SPAWN_SETSIGDEF).
     */
    @Test
    void ignoredSignalsAreNotHandedOn() throws IOException {
        String ignore = "--ignore-signal=HUP,INT,USR1,PIPE";
        PidNamespace.Finished control = PidNamespace.command(Map.of(), "env", ignore,
                PidNamespace.HOME.resolve("bin/daemon").toString(), "--exec", "-l0", "--", "cat",
                "/proc/self/status");
        assertEquals(IGNORED, ignored(control.output()) & IGNORED, "the launcher alone: " + control);
        List<String> launcher = new ArrayList<>(PidNamespace.AS_PID_1);
        launcher.addAll(List.of("env", ignore));
        try (PidNamespace node = PidNamespace.launch(dir, launcher, Map.of(), "--", "sleep", "60")) {
            node.waitForState("ready");
            String own = PidNamespace.proc(node.pid1(), "status");
            assertTrue((ignored(own) & IGNORED) != 0, "PID 1 itself was started with them: " + own);
            String status = PidNamespace.proc(node.daemonPid(), "status");
            assertEquals(0, ignored(status), status);
        }
    }

    /** Field SigIgn of /proc/PID/status: bit n - 1 stands for signal n. */
    private static long ignored(String status) {
        return Long.parseUnsignedLong(
                status.replaceFirst("(?s).*SigIgn:\t([0-9a-f]+)\n.*", "$1"), 16);
    }

    /** Field 5 of /proc/PID/stat names the group; a group leader's is its own pid. */
    private static String group(long pid) {
        String own = PidNamespace.proc(pid, "status").lines()
                .filter(line -> line.startsWith("NSpgid:")).findFirst().orElse("").split("\t")[1];
        return own.equals(Long.toString(pid)) ? own : "not a leader: " + own;
    }

    @Test
    void theEnvironmentSaysWhatADaemonMayWantToKnow() throws IOException {
        String daemon = PidNamespace.script(dir, "env > " + dir.resolve("env"), "exec sleep 60");
        try (PidNamespace node = PidNamespace.start(dir, "--env", "COLOUR=blue", "--", daemon)) {
            node.waitForState("ready").waitFor("env is written",
                    () -> Files.exists(dir.resolve("env")));
            PidNamespace.pause(100);
            String env = Files.readString(dir.resolve("env"));
            for (String line : List.of("COLOUR=blue", "DAEMON_SUPERVISOR=host",
                    "DAEMON_GENERATION=1", "DAEMON_RUN_DIR=" + dir.resolve("run"),
                    "DAEMON_STATE_DIR=" + dir.resolve("state"))) {
                assertTrue(env.contains(line + "\n"), "expected " + line + " in:\n" + env);
            }
            assertTrue(env.matches("(?s).*NOTIFY_SOCKET=" + dir.resolve("run")
                    + "/notify\\.[0-9a-f]{8}\n.*"), env);
            assertTrue(env.matches("(?s).*INVOCATION_ID=[0-9a-f]{32}\n.*"), env);
            assertFalse(env.contains("_JAVA_SR_SIGNUM"), "private to the supervisor");
        }
    }

    @Test
    void userUmaskAndDirectoryAreTheDaemonsAlone() throws IOException {
        String daemon = PidNamespace.script(dir, "umask; pwd; echo armed; exec sleep 60");
        dir.toFile().setExecutable(true, false);
        dir.toFile().setReadable(true, false);
        try (PidNamespace node = PidNamespace.start(dir, "--user", "12345:23456", "--umask", "027",
                "--chdir", "/usr", "--", daemon)) {
            node.waitForLog("armed");
            String status = PidNamespace.proc(node.daemonPid(), "status");
            assertTrue(status.contains("Uid:\t12345\t12345\t12345\t12345"), status);
            assertTrue(status.contains("Gid:\t23456\t23456\t23456\t23456"), status);
            assertTrue(status.contains("CapEff:\t0000000000000000"), status);
            assertTrue(node.log().contains("0027") && node.log().contains("/usr"), node.log());
            assertTrue(PidNamespace.proc(node.pid1(), "status").contains("Uid:\t0\t0\t0\t0"));
        }
    }

    @Test
    void orphansAreReapedAndCounted() throws IOException {
        String daemon = PidNamespace.script(dir, "for i in $(seq 1000); do (sleep 1 &) ; done",
                "echo done", "exec sleep 60");
        try (PidNamespace node = PidNamespace.start(dir, "--", daemon)) {
            node.waitForLog("done");
            node.waitForStatus("1,000 orphans are reaped",
                    now -> now.get("orphansReaped") instanceof Long count && count >= 1000);
            assertEquals(0, zombies(node), "zombies");
        }
    }

    private static long zombies(PidNamespace node) {
        return node.process().descendants()
                .filter(one -> PidNamespace.proc(one.pid(), "stat").contains(") Z ")).count();
    }

    @Test
    void asASubreaperItBehavesTheSame() throws IOException {
        String daemon = PidNamespace.script(dir, "(sleep 0.1 &)", "trap 'exit 5' TERM", "echo armed",
                "while :; do sleep 0.05; done");
        try (PidNamespace node = PidNamespace.launch(dir, List.of("env"), Map.of(), "--", daemon)) {
            node.waitForLog("armed");
            node.waitForStatus("its orphan is reaped",
                    now -> now.get("orphansReaped") instanceof Long count && count >= 1);
            PidNamespace.kill("TERM", node.process().pid());
            assertEquals(5, node.exitCode());
        }
    }

    @Test
    void onATerminalTheDaemonIsTheForegroundGroup() throws IOException {
        Path script = Files.writeString(dir.resolve("terminal.py"), """
                import os, pty, sys, time
                pid, fd = pty.fork()
                if pid == 0:
                    os.execvp(sys.argv[1], sys.argv[1:])
                time.sleep(float(os.environ["TYPE_AFTER"]))
                os.write(fd, b"ps -o stat,cmd; jobs -l; echo wid''th\\n")
                text = b""
                try:
                    while b"width" not in text: text += os.read(fd, 4096)
                    os.write(fd, b"exit 6\\n")
                    while True: text += os.read(fd, 4096)
                except OSError: pass
                print(text.decode())
                sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
                """);
        PidNamespace.Finished done = PidNamespace.command(Map.of("TYPE_AFTER", "2"), "python3",
                script.toString(), "unshare", "--pid", "--fork", "--mount-proc", "--kill-child",
                PidNamespace.HOME.resolve("bin/entrypoint").toString(), "--restart", "never",
                "--run-dir", dir.resolve("run").toString(), "--state-dir",
                dir.resolve("state").toString(), "--", "bash", "--norc", "-i");
        assertEquals(6, done.code(), done.output());
        assertFalse(done.output().contains("no job control"), done.output());
        assertTrue(done.output().contains("R+"), "bash's job is in the foreground:\n"
                + done.output());
    }
}
