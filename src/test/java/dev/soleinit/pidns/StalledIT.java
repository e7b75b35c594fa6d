package dev.soleinit.pidns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.RequiredTier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What stands still outside holds PID 1 up in nothing that a stop needs. */
@ExtendWith(RequiredTier.PidNamespace.class)
class StalledIT {
    @TempDir
    Path dir;

    private String daemon() throws IOException {
        return PidNamespace.script(dir, "trap 'echo got >" + dir.resolve("got") + "; exit 7' TERM",
                "touch " + dir.resolve("up"), "while :; do sleep 0.02; done");
    }

    private void awaitFile(String name) {
        for (int i = 0; i < 1_000 && !Files.exists(dir.resolve(name)); i++) {
            PidNamespace.pause(10);
        }
        assertTrue(Files.exists(dir.resolve(name)), name + " is not there");
    }

    /** With a log in a pipe that was filled before, and that nobody reads. */
    private Process deafened(String... options) throws IOException {
        List<String> command = new ArrayList<>(List.of("bash", "-c", "exec 2> >(exec sleep 60); "
                + "head -c 65536 /dev/zero >&2; exec unshare --pid --fork --mount-proc --kill-child \"$@\"", "bash",
                PidNamespace.HOME.resolve("bin/entrypoint").toString(), "--run-dir", dir.resolve("run").toString(),
                "--state-dir", dir.resolve("state").toString()));
        command.addAll(List.of(options));
        command.addAll(List.of("--", daemon()));
        return new ProcessBuilder(command).redirectOutput(dir.resolve("out").toFile()).start();
    }

    /** Each of these is said in one line, more than are kept in all. */
    @Test
    void linesThatNobodyReadsAreCounted() throws Exception {
        String longCommand = ": " + "x".repeat(100_000);
        Process process = deafened("--http", "unix:" + dir.resolve("http"), "--before", longCommand, "--before",
                longCommand, "--before", longCommand, "--before", longCommand);
        try {
            awaitFile("up");
            String metrics = PidNamespace.command(java.util.Map.of(), "curl", "-s", "-m", "10", "--unix-socket",
                    dir.resolve("http").toString(), "http://x/metrics").output();
            assertTrue(metrics.matches("(?sm).*^soleinit_log_lines_dropped_total [1-9]\\d*$.*"), metrics);
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    @Test
    void aLogThatNobodyReadsHoldsNoStopUp() throws Exception {
        Process process = deafened();
        try {
            awaitFile("up");
            long begun = System.nanoTime();
            PidNamespace.kill("TERM", process.children().map(ProcessHandle::pid).filter(pid ->
                    PidNamespace.proc(pid, "comm").strip().equals("soleinit")).findFirst().orElseThrow());
            awaitFile("got");
            assertTrue(process.waitFor(10, TimeUnit.SECONDS), "PID 1 does not end");
            assertEquals(7, process.exitValue());
            assertTrue(System.nanoTime() - begun < 5_000_000_000L, "it took long");
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    /**
     * A file system that is frozen: whoever writes to it waits, so that no signal ends that thread, in the
     * kernel until it is thawed; all that PID 1 can do is to stop its daemon meanwhile.
     */
    @Test
    void aFrozenStateDirectoryHoldsNoStopUp() throws Exception {
        Path image = dir.resolve("image");
        Path state = Files.createDirectory(dir.resolve("state"));
        PidNamespace.Finished mounted = PidNamespace.command(java.util.Map.of(), "bash", "-c",
                "truncate -s 16M " + image + " && mkfs.ext4 -q -F " + image + " && mount -o loop " + image
                        + " " + state);
        assertEquals(0, mounted.code(), mounted.output());
        try (PidNamespace node = PidNamespace.start(dir, "--", daemon())) {
            node.waitForState("ready");
            awaitFile("up");
            freeze("-f", state);
            long begun = System.nanoTime();
            node.signal("TERM");
            awaitFile("got");
            assertTrue(System.nanoTime() - begun < 5_000_000_000L, "TERM was late");
            freeze("-u", state);
            assertEquals(7, node.exitCode());
        } finally {
            freeze("-u", state);
            PidNamespace.command(java.util.Map.of(), "umount", "-l", state.toString());
        }
    }

    private static void freeze(String how, Path folder) throws IOException {
        PidNamespace.command(java.util.Map.of(), "fsfreeze", how, folder.toString());
    }
}
