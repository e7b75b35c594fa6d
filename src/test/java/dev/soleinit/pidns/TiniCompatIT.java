package dev.soleinit.pidns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.RequiredTier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** In place of tini: its arguments, variables and exit codes, and what it does with signals. */
@ExtendWith(RequiredTier.PidNamespace.class)
class TiniCompatIT {
    @TempDir
    Path dir;
    private OtherInit tini;

    @BeforeEach
    void link() throws IOException {
        tini = new OtherInit(dir, "tini");
    }

    private static String exit(int code) {
        return "exit " + code;
    }

    private int code(String... words) throws IOException {
        return tini.run(words).code();
    }

    @AfterEach
    void unlink() throws IOException {
        tini.close();
    }

    @Test
    void theCommandsExitCodeIsItsOwn() throws IOException {
        assertEquals(3, code("--", "sh", "-c", exit(3)));
        assertEquals(75, code("--", "sh", "-c", exit(75)), "no exit code asks for a restart");
        assertEquals(143, code("--", "sh", "-c", "kill -TERM $$"));
        assertEquals(137, code("--", "sh", "-c", "kill -KILL $$"));
        assertEquals(127, code("--", "/no/such/program"));
        assertEquals(127, code("no-such-program"));
        assertEquals(126, code("--", "/etc"));
    }

    @Test
    void itSaysOneLineOfACommandThatCannotStart() throws IOException {
        String said = tini.run("-s", "--", "/no/such/program").output();
        assertEquals(1, said.lines().count(), said);
        assertTrue(said.startsWith("[tini] ") && said.contains("/no/such/program"), said);
    }

    @Test
    void codesThatAreNamedBecomeZeroHoweverTheCommandEnds() throws IOException {
        assertEquals(0, code("-e", "3", "-e", "143", "--", "sh", "-c", exit(3)));
        assertEquals(0, code("-e3", "-e143", "--", "sh", "-c", "kill -TERM $$"));
        assertEquals(4, code("-e", "3", "--", "sh", "-c", exit(4)));
        for (String bad : List.of("256", "-1", "x", "3x")) {
            assertEquals(1, code("-e", bad, "true"), bad);
        }
    }

    @Test
    void wrongUsageIsOneAndHelpIsZero() throws IOException {
        assertEquals(1, code());
        assertEquals(1, code("-z", "true"));
        assertEquals(1, code("-p", "NOPE", "true"));
        assertEquals(0, code("-h"));
        assertEquals(0, code("-l"));
        assertEquals(0, code("--version"));
        assertEquals(1, code("--version", "x"), "only if it stands alone");
    }

    @Test
    void optionsMayStandBehindTheCommandUnlessPosixIsAskedFor() throws IOException {
        String five = PidNamespace.script(dir, "echo \"args: $*\"", exit(5));
        assertEquals(0, code(five, "-e", "5"));
        PidNamespace.Finished posix = tini.run(Map.of("POSIXLY_CORRECT", "1"), five, "-e", "5");
        assertEquals(5, posix.code());
        assertTrue(posix.output().contains("args: -e 5\n"), posix.output());
        assertTrue(tini.run(five, "--", "-e", "5").output().contains("args: -e 5\n"));
    }

    /** PID 1 has nobody above it, so each word of its output is the command's. */
    @Test
    void itIsSilentAndAddsNothingToTheCommandsEnvironment() throws IOException {
        PidNamespace.Finished done = PidNamespace.command(Map.of(), "env", "-i",
                "DAEMON_RESTART=always", "NOTIFY_SOCKET=/outer", "DAEMON_RUN_DIR=" + dir.resolve("run"),
                "odd.name=x", "unshare", "--pid", "--fork", "--mount-proc", tini.path(), "--",
                "/usr/bin/env");
        assertEquals(0, done.code(), done.output());
        assertEquals("DAEMON_RESTART=always\nNOTIFY_SOCKET=/outer\nDAEMON_RUN_DIR="
                + dir.resolve("run") + "\nodd.name=x\n", done.output());
    }

    @Test
    void aFileThatIsNoProgramIsRunByTheShell() throws IOException {
        Path script = Files.writeString(dir.resolve("no-first-line"), "echo ran $1\n");
        script.toFile().setExecutable(true);
        assertTrue(tini.run("--", script.toString(), "it").output().endsWith("ran it\n"));
        assertEquals(126, PidNamespace.command(Map.of(), PidNamespace.HOME.resolve("bin/entrypoint")
                .toString(), "--run-dir", dir.resolve("run").toString(), "--state-dir",
                dir.resolve("state").toString(), "--", script.toString()).code());
    }

    /** The shell and its job both say which signal they got; only the shell's is asked for. */
    private String group() throws IOException {
        return PidNamespace.script(dir, "sh -c 'trap \"echo job got it\" USR1; echo ready; "
                + "for i in 1 2 3 4 5 6 7 8 9 10; do sleep 0.1; done' &",
                "trap 'echo main got it' USR1", "wait", "wait", "exit 6");
    }

    @Test
    void signalsGoToTheCommandAlone() throws IOException {
        try (OtherInit.Running running = tini.start(Map.of(), "--", group())) {
            running.waitForLog("ready");
            PidNamespace.kill("USR1", running.pid());
            assertEquals(6, running.exitCode());
            assertTrue(running.log().contains("main got it"), running.log());
            assertFalse(running.log().contains("job got it"), running.log());
        }
    }

    @Test
    void signalsGoToTheWholeGroupWhereThatIsAskedFor() throws IOException {
        for (String option : List.of("-g", "-v")) {
            Map<String, String> environment = option.equals("-g") ? Map.of()
                    : Map.of("TINI_KILL_PROCESS_GROUP", "");
            try (OtherInit.Running running = tini.start(environment, option, "--", group())) {
                running.waitForLog("ready");
                PidNamespace.kill("USR1", running.pid());
                assertEquals(6, running.exitCode());
                assertTrue(running.log().contains("main got it"), running.log());
                assertTrue(running.log().contains("job got it"), running.log());
            }
        }
    }

    @Test
    void stopSignalsAreOnlyHandedOn() throws IOException {
        String patient = PidNamespace.script(dir, "n=0", "trap 'n=$((n+1)); echo int $n' INT",
                "trap 'exit 9' TERM", "echo up", "while :; do sleep 0.05; done");
        try (OtherInit.Running running = tini.start(Map.of(), "--", patient)) {
            running.waitForLog("up");
            for (int i = 1; i <= 3; i++) {
                PidNamespace.kill("INT", running.pid());
                running.waitForLog("int " + i);
            }
            PidNamespace.kill("TERM", running.pid());
            assertEquals(9, running.exitCode());
        }
    }

    @Test
    void blockedAndIgnoredSignalsAreHandedOnAsTheyWere() throws IOException {
        String script = "import os, signal, sys\n"
                + "signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
                + "signal.signal(signal.SIGCHLD, signal.SIG_IGN)\n"
                + "signal.pthread_sigmask(signal.SIG_SETMASK, [signal.SIGTERM, signal.SIGTTIN])\n"
                + "os.execv(sys.argv[1], sys.argv[1:])\n";
        String status = PidNamespace.command(Map.of(), "python3", "-c", script, tini.path(), "-s",
                "cat", "/proc/self/status").output();
        assertTrue(status.contains("SigBlk:\t0000000000104000\n"), status);
        String ignored = status.replaceFirst("(?s).*SigIgn:\t([0-9a-f]+)\n.*", "$1");
        long both = 1L << 1 | 1L << 16;
        assertEquals(both, Long.parseUnsignedLong(ignored, 16) & both, "INT and CHLD: " + status);
    }

    @Test
    void orphansAreAdoptedOnlyAsASubreaper() throws IOException {
        String[] orphan = {"-w", "--", "sh", "-c", "(sleep 0.2 &); sleep 0.6"};
        String plain = tini.run(orphan).output();
        assertTrue(plain.contains("PID 1"), "it warns: " + plain);
        assertFalse(plain.contains("pid="), plain);
        String adopted = tini.run(Map.of("TINI_SUBREAPER", ""), orphan).output();
        assertTrue(adopted.matches("\\[tini\\] .*pid=[0-9]+\n"), adopted);
        assertEquals(adopted.replaceAll("[0-9]+", ""), tini.run("-s", "-w", "--", "sh", "-c",
                "(sleep 0.2 &); sleep 0.6").output().replaceAll("[0-9]+", ""));
        assertEquals("", tini.run(Map.of("TINI_VERBOSITY", "0"), orphan).output());
    }

    @Test
    void itSaysMoreWhenAsked() throws IOException {
        assertTrue(tini.run("-sv", "true").output().contains("true has ended: exit 0"));
        assertTrue(tini.run(Map.of("TINI_VERBOSITY", "3"), "-s", "true").output()
                .contains("SIGCHLD"));
        assertEquals("", tini.run("-s", "true").output());
    }

    @Test
    void itsParentsDeathMayBeASignal() throws IOException {
        String daemon = PidNamespace.script(dir, "trap 'echo told > \"$1\"; exit' USR1",
                "echo $$ > \"$1\"", "for i in $(seq 200); do sleep 0.05; done");
        for (String signal : List.of("SIGUSR1", "")) {
            Path file = dir.resolve("said" + signal);
            String options = signal.isEmpty() ? "" : "-p " + signal;
            Process parent = new ProcessBuilder("sh", "-c", tini.path() + " -s " + options
                    + " -- " + daemon + " " + file + "; true").redirectErrorStream(true)
                    .redirectOutput(dir.resolve("log").toFile()).start();
            OtherInit.waitFor("the command is up", () -> read(file).endsWith("\n"), () -> "");
            long left = Long.parseLong(read(file).strip());
            parent.destroyForcibly();
            if (signal.isEmpty()) {
                PidNamespace.pause(300);
                assertEquals(left + "\n", read(file), "without -p nothing is sent");
                PidNamespace.kill("KILL", left);
            } else {
                OtherInit.waitFor("the signal comes", () -> read(file).equals("told\n"), () -> "");
            }
        }
    }

    private static String read(Path file) {
        try {
            return Files.exists(file) ? Files.readString(file) : "";
        } catch (IOException gone) {
            return "";
        }
    }

    @Test
    void asPid1ItAnswersTheCommandLine() throws IOException {
        Map<String, String> environment = Map.of("DAEMON_RUN_DIR", dir.resolve("run").toString());
        try (OtherInit.Running running = tini.startAsPid1(environment, "--", "sleep", "60")) {
            running.waitFor("it is published",
                    () -> read(dir.resolve("run/generation.json")).contains("\"ready\""));
            // a socket is reached from outside the namespace, too
            PidNamespace.Finished status = PidNamespace.command(environment,
                    PidNamespace.HOME.resolve("bin/daemon").toString(), "status");
            assertEquals(0, status.code(), status.output());
            assertTrue(status.output().startsWith("ready"), status.output());
            assertEquals("", running.log());
        }
    }

    /** Unwritable, too long for a socket, or another supervisor's: the command runs all the same. */
    @Test
    void itNeedsNoDirectories() throws IOException {
        for (String run : List.of("/proc/nowhere", dir.resolve("x".repeat(120)).toString())) {
            PidNamespace.Finished done = tini.runAsPid1(Map.of("DAEMON_RUN_DIR", run), "--", "sh", "-c",
                    "echo ran; exit 3");
            assertEquals("ran\n", done.output());
            assertEquals(3, done.code());
        }
        try (PidNamespace outer = PidNamespace.start(dir, "--", "sleep", "60")) {
            outer.waitForState("ready");
            Map<String, String> environment = Map.of("DAEMON_RUN_DIR", outer.run("").toString(),
                    "DAEMON_STATE_DIR", outer.state("").toString());
            String before = read(outer.run("generation.json")) + read(outer.run("supervisor.json"));
            assertEquals(3, tini.runAsPid1(environment, "--", "sh", "-c", exit(3)).code());
            assertEquals(4, tini.run(environment, "-s", "--", "sh", "-c", exit(4)).code());
            assertEquals(before, read(outer.run("generation.json")) + read(outer.run("supervisor.json")));
            assertEquals("1\n", read(outer.state("generation")));
            assertEquals("ready", outer.status().get("state"));
        }
    }
}
