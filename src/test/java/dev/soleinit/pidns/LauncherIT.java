package dev.soleinit.pidns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.RequiredTier;
import dev.soleinit.pidns.PidNamespace.Finished;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The launcher: what the daemon gets is what it would get from a bare exec, and bad input is one line. */
@ExtendWith(RequiredTier.PidNamespace.class)
class LauncherIT {
    private static final String LAUNCHER = PidNamespace.HOME.resolve("bin/entrypoint").toString();
    private static final String DAEMON = PidNamespace.HOME.resolve("bin/daemon").toString();
    /** Replaces this process by its arguments in a world of odd bytes, which Java cannot write. */
    private static final String ODD = """
            import os, sys
            env = {b"PATH": os.environb[b"PATH"], b"discovery.type": b"single-node", b"a-b": b"1",
                   b"BYTES": b"p\\xc3\\xa4 \\xff\\xfe", b"EMPTY": b"", b"LINES": b"one\\ntwo"}
            for name in (b"JAVA_TOOL_OPTIONS", b"JDK_JAVA_OPTIONS", b"_JAVA_OPTIONS"):
                env[name] = b"-XX:+NoSuchOption -javaagent:/nope.jar"
            for name in (b"CLASSPATH", b"LD_LIBRARY_PATH", b"LD_PRELOAD", b"TMPDIR", b"HOME", b"TZ",
                         b"LANG", b"LC_ALL", b"LC_CTYPE", b"MALLOC_ARENA_MAX", b"MALLOC_PERTURB_",
                         b"_JAVA_SR_SIGNUM", b"SOLEINIT_HIDDEN_X", b"LD_BIND_NOW"):
                env[name] = b"/nope"
            env[b"GLIBC_TUNABLES"] = b"glibc.malloc.check=3"
            args = [os.fsencode(word) for word in sys.argv[1:]]
            args += [b"p\\xc3\\xa4", b"\\xff\\xfe", b"", b"two\\nlines", b"@file", b"--", b"-x"]
            os.execve(args[0], args, env)
            """;
    /** Writes down what it was started with, as bytes. */
    private static final String RECORD = """
            import os, sys, time
            with open(sys.argv[1] + ".new", "wb") as out:
                out.write(open("/proc/self/cmdline", "rb").read().split(b"record\\0", 1)[1] + b"\\0\\n")
                out.write(b"\\0".join(sorted(open("/proc/self/environ", "rb").read().split(b"\\0"))))
            os.rename(sys.argv[1] + ".new", sys.argv[1])
            time.sleep(60)
            """;

    @TempDir
    Path dir;

    private Path file(String name, String content) throws IOException {
        return Files.writeString(dir.resolve(name), content);
    }

    /** The recorded bytes of a program started bare, and of the same under the supervisor. */
    private String recorded(boolean supervised) throws Exception {
        Path out = dir.resolve(supervised ? "supervised" : "bare");
        String odd = file("odd.py", ODD).toString();
        String python = PidNamespace.command(Map.of(), "sh", "-c", "command -v python3").output().strip();
        List<String> program = List.of("/usr/bin/env", python, file("record.py", RECORD).toString(),
                out.toString(), "record");
        List<String> command = new java.util.ArrayList<>(List.of("unshare", "--pid", "--fork",
                "--mount-proc", "--kill-child", python, odd));
        if (supervised) {
            command.addAll(List.of(LAUNCHER, "--run-dir", dir.resolve("run").toString(), "--state-dir",
                    dir.resolve("state").toString(), "--"));
        }
        command.addAll(program);
        Process process = new ProcessBuilder(command).redirectErrorStream(true)
                .redirectOutput(dir.resolve("log").toFile()).start();
        try {
            for (int i = 0; i < 1_000 && !Files.exists(out); i++) {
                PidNamespace.pause(10);
            }
            assertTrue(Files.exists(out), Files.readString(dir.resolve("log")));
            return new String(Files.readAllBytes(out), java.nio.charset.StandardCharsets.ISO_8859_1);
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.waitFor();
        }
    }

    @Test
    void argumentsAndEnvironmentAreThoseOfABareExecByteForByte() throws Exception {
        String bare = recorded(false);
        String supervised = recorded(true);
        String ours = "(DAEMON_[A-Z_]+|NOTIFY_SOCKET|INVOCATION_ID)=[^\0]*\0";
        assertTrue(supervised.contains("DAEMON_GENERATION=1\0"), supervised);
        assertTrue(bare.contains("JAVA_TOOL_OPTIONS=-XX:+NoSuchOption"), bare);
        assertEquals(bare, supervised.replaceAll(ours, ""));
        assertFalse(Files.readString(dir.resolve("log")).contains("Picked up"));
    }

    @Test
    void whatIsMeantForTheDaemonDoesNotChangeTheCommandLine() throws Exception {
        String odd = file("odd.py", ODD.replace("args += [", "ignored = [")).toString();
        Finished version = PidNamespace.command(Map.of(), "python3", odd, DAEMON, "version");
        assertEquals(0, version.code(), version.output());
        assertTrue(version.output().startsWith("soleinit "), version.output());
    }

    /** Limits, masks and the filter, as "name value" lines of a script. */
    private String surroundings(String... launcher) throws IOException {
        String script = PidNamespace.script(dir, "ulimit -Sn; ulimit -Hn; ulimit -c", "umask",
                "cat /proc/self/coredump_filter /proc/self/oom_score_adj",
                "nice", "ls /proc/self/fd | wc -l", "readlink /proc/self/fd/0",
                "grep -E 'Sig(Blk|Ign|Cgt)|Cap|NoNewPrivs' /proc/self/status", "echo complete");
        List<String> words = new java.util.ArrayList<>(List.of("bash", "-c",
                "ulimit -Sn 37; umask 027; echo 0x7 >/proc/self/coredump_filter; "
                + "echo 123 >/proc/self/oom_score_adj; exec nice -n 3 \"$@\" <&-", "bash"));
        words.addAll(List.of(launcher));
        words.add(script);
        return PidNamespace.command(Map.of("DAEMON_RUN_DIR", dir.resolve("run").toString(),
                "DAEMON_STATE_DIR", dir.resolve("state").toString(), "DAEMON_RESTART", "never",
                "DAEMON_LOG_LEVEL", "error"), words.toArray(String[]::new)).output();
    }

    @Test
    void limitsMasksAndFilterAreThoseOfABareExec() throws IOException {
        String bare = surroundings("env").replaceFirst("pipe:.*\n", "");
        String supervised = surroundings(LAUNCHER, "--");
        assertTrue(supervised.contains("complete"), supervised);
        assertTrue(supervised.startsWith("37\n"), supervised);
        assertTrue(supervised.contains("0027") && supervised.contains("00000007")
                && supervised.contains("123"), supervised);
        // a closed descriptor is /dev/null
        assertEquals(List.of("/dev/null"), supervised.lines().filter(line -> line.startsWith("/"))
                .toList(), supervised);
        assertEquals(bare.lines().filter(line -> line.startsWith("Cap") || line.startsWith("NoNew"))
                .toList(), supervised.lines().filter(line -> line.startsWith("Cap")
                || line.startsWith("NoNew")).toList());
        assertTrue(supervised.contains("SigBlk:\t0000000000000000"), supervised);
    }

    @Test
    void anotherUserHasItsOwnHomeAndName() throws IOException {
        String script = PidNamespace.script(dir, "echo $HOME $USER $LOGNAME", "id -u; id -g",
                // not $SHELL, which bash sets itself
                "tr '\\0' '\\n' </proc/$$/environ | grep -c ^SHELL=; true");
        dir.toFile().setExecutable(true, false);
        Map<String, String> environment = Map.of("HOME", "/elsewhere", "SHELL", "/bin/fish");
        try (PidNamespace node = PidNamespace.launch(dir, PidNamespace.AS_PID_1, environment, "--restart",
                "never", "--log-level", "error", "--user", "games", "--env", "LOGNAME=mine", "--", script)) {
            assertEquals(0, node.exitCode());
            assertTrue(node.log().contains("/usr/games games mine\n5\n60\n0\n"), node.log());
        }
    }

    @Test
    void aNumberNeedsNoEntry() throws IOException {
        String script = PidNamespace.script(dir, "echo $HOME $USER; id -u; id -g");
        dir.toFile().setExecutable(true, false);
        try (PidNamespace node = PidNamespace.start(dir, "--restart", "never", "--log-level", "error",
                "--user", "1234:4321", "--", script)) {
            assertEquals(0, node.exitCode());
            assertTrue(node.log().contains("/ 1234\n1234\n4321\n"), node.log());
        }
    }

    /** Another command of the CLI is the kernel's first victim; what supervises is not. */
    @Test
    void aCommandIsTheFirstVictimAndASupervisorIsNot() throws IOException {
        try (PidNamespace node = PidNamespace.start(dir, "--", PidNamespace.obedient(dir))) {
            node.waitForState("ready");
            assertEquals("0", PidNamespace.proc(node.pid1(), "oom_score_adj").strip());
            assertEquals("0", PidNamespace.proc(node.daemonPid(), "oom_score_adj").strip());
            Process waits = new ProcessBuilder(DAEMON, "wait", "--stopped", "--timeout", "20s",
                    "--run-dir", dir.resolve("run").toString()).start();
            node.waitFor("it is the first victim", () ->
                    PidNamespace.proc(waits.pid(), "oom_score_adj").strip().equals("1000"));
            waits.destroyForcibly();
        }
    }

    // ---- bad input: one clear line, or it works

    private void isOneLine(String expected, Finished refused) {
        assertTrue(refused.code() != 0, refused.output());
        assertTrue(refused.output().contains(expected), refused.output());
        assertEquals(1, refused.output().lines().count(), refused.output());
    }

    private Path copy() throws IOException {
        return PidNamespace.copyOfHome(dir);
    }

    @Test
    void aLauncherCopiedAloneSaysSo() throws IOException {
        Path alone = Files.createDirectories(dir.resolve("alone/bin")).resolve("daemon");
        Files.copy(Path.of(DAEMON), alone, java.nio.file.StandardCopyOption.COPY_ATTRIBUTES);
        isOneLine("copy all of /opt/soleinit", PidNamespace.command(Map.of(), alone.toString(), "version"));
    }

    @Test
    void aFolderWithAFileMissingNamesIt() throws IOException {
        Path copy = copy();
        for (String missing : List.of("lib/soleinit.jar", "lib/c/libm.so.6", "runtime/lib/modules",
                "runtime/bin/java", "runtime/lib/server/libjvm.so", "lib/jvm.options")) {
            Path aside = copy.resolve("aside");
            Files.move(copy.resolve(missing), aside);
            isOneLine(missing, PidNamespace.command(Map.of(), copy.resolve("bin/daemon").toString(),
                    "version"));
            Files.move(aside, copy.resolve(missing));
        }
        Finished whole = PidNamespace.command(Map.of(), copy.resolve("bin/daemon").toString(), "version");
        assertEquals(0, whole.code(), "the control, a whole copy: " + whole.output());
    }

    @Test
    void aFolderOfAnotherArchitectureSaysSo() throws IOException {
        Path copy = copy();
        Files.write(copy.resolve("runtime/bin/soleinit"), new byte[] {0x7f, 'E', 'L', 'F', 9, 9, 9, 9});
        isOneLine("built for another machine", PidNamespace.command(Map.of(),
                copy.resolve("bin/daemon").toString(), "version"));
    }

    @Test
    void itCanLieAnywhereAndBeLinkedTo() throws IOException {
        Path moved = dir.resolve("with space");
        Files.move(copy(), moved);
        Path link = Files.createSymbolicLink(dir.resolve("daemon-link"), moved.resolve("bin/daemon"));
        Finished version = PidNamespace.command(Map.of(), link.toString(), "version");
        assertTrue(version.code() == 0 && version.output().startsWith("soleinit"), version.output());
        Path colon = dir.resolve("a:b");
        Files.move(moved, colon);
        isOneLine("colon", PidNamespace.command(Map.of(), colon.resolve("bin/daemon").toString(), "version"));
    }

    @Test
    void withoutProcItSaysSo() throws IOException {
        isOneLine("is /proc mounted?", PidNamespace.command(Map.of(), "unshare", "--mount", "sh", "-c",
                "mount -t tmpfs none /proc && exec \"$0\" version", DAEMON));
    }

    @Test
    void fewDescriptorsAreRaisedOrRefused() throws IOException {
        Finished raised = PidNamespace.command(Map.of(), "sh", "-c", "ulimit -Sn 3; exec \"$0\" version", DAEMON);
        assertEquals(0, raised.code(), raised.output());
        isOneLine("descriptors", PidNamespace.command(Map.of(), "sh", "-c", "ulimit -n 3; exec \"$0\" version",
                DAEMON));
    }

    @Test
    void anEmptyNameAndManyArgumentsWork() throws IOException {
        Path many = file("many.py", """
                import os, sys
                entrypoint, run, count, larges = sys.argv[1:5]
                os.environb[b"_JAVA_OPTIONS"] = b"-Dx=" + b"y" * 100000
                for i in range(int(larges)): os.environb[b"LARGE%d" % i] = b"z" * 100000
                os.execv(entrypoint, [entrypoint, "--run-dir", run + "/r", "--state-dir", run + "/s",
                         "--restart", "never", "--", sys.executable, "-c",
                         "import sys, os; print(len(sys.argv), len(os.environ['_JAVA_OPTIONS']), "
                         "sum(len(v) for n, v in os.environ.items() if n.startswith('LARGE')))"]
                         + ["x"] * int(count))
                """);
        Finished empty = PidNamespace.command(Map.of(), "bash", "-c", "exec -a '' \"$0\" version", DAEMON);
        assertTrue(empty.output().startsWith("soleinit"), empty.output());
        // together they would be more than the kernel takes
        for (List<String> sizes : List.of(List.of("100000", "0"), List.of("1", "10"))) {
            Finished full = PidNamespace.command(Map.of(), "python3", many.toString(), LAUNCHER, dir.toString(),
                    sizes.get(0), sizes.get(1));
            String expected = (Integer.parseInt(sizes.get(0)) + 1) + " 100004 "
                    + Integer.parseInt(sizes.get(1)) * 100_000 + "\n";
            assertTrue(full.output().contains(expected), expected + " in " + full.output());
            assertEquals(0, full.code(), full.output());
        }
    }

    @Test
    void aProgramThatCannotBeExecutedIsOneLineWithTheStage() throws IOException {
        Path script = file("script", "#!/no/such/interpreter\n");
        script.toFile().setExecutable(true);
        Path text = file("text", "no program");
        Map<List<String>, String> cases = Map.of(
                List.of("127", script.toString()), "/no/such/interpreter, which is to run it, is not",
                List.of("127", "/no/such/program"), "no such file",
                List.of("126", text.toString()), "permission denied",
                List.of("126", dir.toString()), "is a directory",
                List.of("126", "--chdir", "/no/such", "true"), "/no/such cannot be entered");
        for (Map.Entry<List<String>, String> one : cases.entrySet()) {
            List<String> words = new java.util.ArrayList<>(List.of("--log-level", "warn"));
            words.addAll(one.getKey().subList(1, one.getKey().size() - 1));
            words.addAll(List.of("--", one.getKey().getLast()));
            try (PidNamespace node = PidNamespace.start(dir, words.toArray(String[]::new))) {
                assertEquals(Integer.parseInt(one.getKey().getFirst()), node.exitCode(), node.log());
                assertTrue(node.log().contains(one.getValue()), one.getValue() + " in " + node.log());
            }
        }
    }
}
