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

/** In place of dumb-init: its arguments, variables and exit codes, sessions and job control. */
@ExtendWith(RequiredTier.PidNamespace.class)
class DumbInitCompatIT {
    @TempDir
    Path dir;
    private OtherInit init;

    @BeforeEach
    void link() throws IOException {
        init = new OtherInit(dir, "dumb-init");
    }

    private int code(String... words) throws IOException {
        return init.run(words).code();
    }

    @AfterEach
    void unlink() throws IOException {
        init.close();
    }

    @Test
    void theCommandsExitCodeIsItsOwn() throws IOException {
        assertEquals(7, code("sh", "-c", "exit 7"));
        assertEquals(131, code("--", "sh", "-c", "kill -QUIT $$"));
        assertEquals(2, code("/no/such/program"));
        assertEquals(2, code("-c", "/etc"));
    }

    @Test
    void wrongUsageIsOneAndHelpIsZero() throws IOException {
        assertEquals(1, code());
        assertEquals(1, code("--unknown", "true"));
        for (String bad : List.of("", "x", "15", "15:", ":15", "15::2", "0:1", "32:1", "1:32", "1:-1")) {
            assertEquals(1, code("-r", bad, "true"), bad);
        }
        assertEquals(0, code("-h"));
        assertEquals(0, code("--version"));
        assertEquals("", init.run("true").output(), "silent");
        assertEquals("-h\n", init.run("echo", "-h").output(), "what follows is the command's");
    }

    /** The third field of stat after the name is the group, the fourth the session. */
    private static final String IDS = "read a < /proc/self/stat; a=${a##*) }; set -- $a; "
            + "echo group $3 session $4; read a < /proc/$2/stat; a=${a##*) }; set -- $a; "
            + "echo init group $3 session $4; echo pid $$";

    @Test
    void theCommandHasASessionOfItsOwnUnlessItIsASingleChild() throws IOException {
        String ids = PidNamespace.script(dir, IDS);
        List<String> own = init.run(ids).output().lines().toList();
        String pid = own.get(2).substring("pid ".length());
        assertEquals("group " + pid + " session " + pid, own.get(0));
        for (String option : List.of("-c", "--single-child", "--")) {
            Map<String, String> environment = Map.of("DUMB_INIT_SETSID",
                    option.equals("--") ? "0" : "1");
            List<String> shared = init.run(environment, option, ids).output().lines().toList();
            assertEquals("init " + shared.get(0), shared.get(1));
        }
    }

    /** The job outlives the shell, unless what ends the shell also ends the job. */
    @Test
    void whenTheCommandEndsItsSessionIsTold() throws IOException {
        String script = PidNamespace.script(dir, "(trap \"echo job told >> $1; exit\" TERM; echo up > $1; "
                + "for i in 1 2 3 4 5 6 7 8; do sleep 0.1; done; echo job done >> $1) > /dev/null 2>&1 &",
                "until [ -s \"$1\" ]; do sleep 0.02; done", "exit 3");
        Path session = dir.resolve("session");
        Path single = dir.resolve("single");
        assertEquals(3, code(script, session.toString()));
        assertEquals(3, code("-c", script, single.toString()));
        OtherInit.waitFor("both jobs end", () -> read(session).contains("job")
                && read(single).contains("job"), () -> "");
        assertEquals("up\njob told\n", read(session));
        assertEquals("up\njob done\n", read(single));
    }

    private static String read(Path file) {
        try {
            return Files.exists(file) ? Files.readString(file) : "";
        } catch (IOException gone) {
            return "";
        }
    }

    private String listener() throws IOException {
        return PidNamespace.script(dir, "for s in HUP INT QUIT USR1 TERM WINCH; do trap \"echo got $s\" $s; done",
                "trap 'exit 4' USR2", "echo up", "while :; do sleep 0.05; done");
    }

    @Test
    void signalsAreRewrittenOrDropped() throws IOException {
        try (OtherInit.Running running = init.start(Map.of(), "-r", "15:3", "--rewrite", "10:0",
                "--rewrite=1:2", listener())) {
            running.waitForLog("up");
            for (String signal : List.of("TERM", "USR1", "HUP", "WINCH")) {
                PidNamespace.kill(signal, running.pid());
                PidNamespace.pause(150);
            }
            PidNamespace.kill("USR2", running.pid());
            assertEquals(4, running.exitCode());
            // bash says how its sleep ended, which is in the same group
            assertEquals(List.of("got QUIT", "got INT", "got WINCH"),
                    running.log().lines().filter(line -> line.startsWith("got")).toList());
        }
    }

    @Test
    void itLeavesTheDirectoryAndTheCommandDoesNot() throws IOException {
        try (OtherInit.Running running = init.start(Map.of(), "sh", "-c", "pwd; sleep 60")) {
            running.waitForLog(dir.toString());
            assertEquals(Path.of("/"), Files.readSymbolicLink(Path.of("/proc/" + running.pid() + "/cwd")));
        }
    }

    @Test
    void itSaysMoreWhenAsked() throws IOException {
        for (Map<String, String> environment : List.of(Map.of("DUMB_INIT_DEBUG", "1"),
                Map.of("DUMB_INIT_DEBUG", "0"))) {
            boolean debug = environment.containsValue("1");
            String said = init.run(environment, debug ? "--" : "-v", "true").output();
            assertTrue(said.contains("[dumb-init] true has ended: exit 0\n"), said);
        }
    }

    /** Whoever waits for the init sees it stopped; the command is stopped as well, or told, and continued. */
    @Test
    void jobControlStopsItAndTheCommand() throws IOException {
        String script = """
                import os, signal, subprocess, sys, time
                def state(pid):
                    return open("/proc/%d/stat" % pid).read().rsplit(")", 1)[1].split()[0]
                def until(what, condition):
                    end = time.time() + 15
                    while not condition():
                        if time.time() > end: sys.exit("not within 15 s: " + what)
                        time.sleep(0.01)
                code = "import signal, time, os\\n" \\
                    "for s in (signal.SIGTSTP, signal.SIGCONT): signal.signal(s, lambda n, f: print('got', n, flush=True))\\n" \\
                    "print(os.getpid(), flush=True)\\n" \\
                    "while True: time.sleep(1)"
                p = subprocess.Popen(sys.argv[1:] + ["python3", "-c", code], stdout=subprocess.PIPE, text=True)
                child = int(p.stdout.readline())
                single = "-c" in sys.argv[1:]
                for round in range(2):
                    p.send_signal(signal.SIGTSTP)
                    if single: print(p.stdout.readline().strip(), flush=True)
                    pid, status = os.waitpid(p.pid, os.WUNTRACED)
                    print("stopped" if os.WIFSTOPPED(status) else "ended", flush=True)
                    if not single: until("the command stops", lambda: state(child) == "T")
                    p.send_signal(signal.SIGCONT)
                    print(p.stdout.readline().strip(), flush=True)
                    until("it runs", lambda: state(p.pid) == "S" and state(child) == "S")
                p.send_signal(signal.SIGTERM)
                print("code", p.wait())
                """;
        PidNamespace.Finished session = PidNamespace.command(Map.of(), "timeout", "60", "python3", "-c", script,
                init.path());
        assertEquals("stopped\ngot 18\nstopped\ngot 18\ncode 143\n", session.output());
        PidNamespace.Finished single = PidNamespace.command(Map.of(), "timeout", "60", "python3", "-c", script,
                init.path(), "-c");
        assertEquals("got 20\nstopped\ngot 18\ngot 20\nstopped\ngot 18\ncode 143\n", single.output());
    }

    /** As in a terminal: Ctrl-Z, fg, Ctrl-C; the shell sees it stop, go on and end. */
    @Test
    void inAShellItIsAJobLikeAnyOther() throws IOException {
        String script = """
                import os, pty, sys
                pid, fd = pty.fork()
                if pid == 0: os.execvp("bash", ["bash", "--norc", "-i"])
                text = b""
                def until(mark):
                    global text
                    while mark not in text: text += os.read(fd, 4096)
                    text = text.split(mark, 1)[1]
                os.write(fd, (sys.argv[1] + " sh -c 'echo be''gun; sleep 60'\\n").encode()); until(b"begun")
                os.write(fd, b"\\x1a"); until(b"Stopped")
                os.write(fd, b"fg; echo code''=$?\\n"); until(b"sleep 60'")
                import time; time.sleep(0.3)
                os.write(fd, b"\\x03"); until(b"code=130")
                os.write(fd, b"exit\\n")
                print("as expected")
                """;
        PidNamespace.Finished done = PidNamespace.command(Map.of(), "timeout", "30", "python3", "-c", script,
                init.path());
        assertEquals("as expected\n", done.output());
    }

    /** A session's leader that leaves its terminal gets HUP; the command, now its owner, must not. */
    @Test
    void theTerminalIsTheCommandsAndItsHandoverNoSignal() throws IOException {
        String script = """
                import os, pty, sys
                pid, fd = pty.fork()
                if pid == 0: os.execv(sys.argv[1], [sys.argv[1], "bash", "--norc", "-i"])
                text = b""
                os.write(fd, b"set -m; echo flags=$-; sleep 0.3; exit 5\\n")
                try:
                    while True: text += os.read(fd, 4096)
                except OSError: pass
                print("no job control" in text.decode(), b"flags=" in text)
                sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
                """;
        for (int round = 0; round < 5; round++) {
            PidNamespace.Finished done = PidNamespace.command(Map.of(), "timeout", "30", "python3", "-c", script,
                    init.path());
            assertEquals("False True\n", done.output());
            assertEquals(5, done.code());
        }
    }

    @Test
    void asPid1ItReapsAndEndsWithTheCommand() throws IOException {
        Map<String, String> environment = Map.of("DAEMON_RUN_DIR", dir.resolve("run").toString());
        PidNamespace.Finished done = init.runAsPid1(environment, "sh", "-c",
                "(sleep 0.1 &); sleep 0.4; ps -A -o stat= | grep -c Z; sleep 50 & exit 3");
        assertEquals("0\n", done.output());
        assertEquals(3, done.code());
        assertFalse(Files.exists(dir.resolve("run/supervisor.json")), "it tidies up");
    }
}
