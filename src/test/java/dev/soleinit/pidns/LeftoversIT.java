package dev.soleinit.pidns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.RequiredTier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What an ended daemon leaves, and what it does not. */
@ExtendWith(RequiredTier.PidNamespace.class)
class LeftoversIT {
    /** One process of its own group and session: double-forked, so that it is nobody's child. */
    private static final String DETACHED = "(setsid %s & )";

    private static final int SYS_PTRACE = 19;

    @TempDir
    Path dir;

    @BeforeEach
    void everybodyMayWriteHere() throws IOException {
        Files.setPosixFilePermissions(dir, PosixFilePermissions.fromString("rwxrwxrwx"));
    }

    private String read(String name) throws IOException {
        return Files.exists(dir.resolve(name)) ? Files.readString(dir.resolve(name)) : "";
    }

    /** A worker that says when it is told to stop, and takes half a second for that. */
    private String worker() throws IOException {
        return PidNamespace.script(dir, "trap 'echo TERM >> " + dir + "/worker; sleep 0.5;"
                + " echo done >> " + dir + "/worker; exit 0' TERM",
                "echo $$ >> " + dir + "/workers", "while :; do sleep 0.05; done");
    }

    private long generation(PidNamespace node) {
        return node.status().get("generation") instanceof Long number ? number : -1;
    }

    private PidNamespace restart(PidNamespace node) throws IOException {
        PidNamespace.Finished restarted = node.daemon(Map.of(), "restart");
        assertEquals(0, restarted.code(), restarted.output() + node.log());
        return node;
    }

    private void waitForWorkers(PidNamespace node, int count) {
        node.waitFor(count + " workers", () -> {
            try {
                return read("workers").lines().count() == count;
            } catch (IOException gone) {
                return false;
            }
        });
    }

    private long worker(PidNamespace node, int index) throws IOException {
        return node.inNamespace(Long.parseLong(read("workers").lines().toList().get(index)));
    }

    private static boolean alive(long pid) {
        return pid != 0 && ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
    }

    @Test
    void leftoversGetTheStopSignalAndTheirTime() throws IOException {
        String worker = worker();
        String daemon = PidNamespace.script(dir, worker + " &", "trap 'exit 0' TERM",
                "echo up $DAEMON_GENERATION $(cat " + dir + "/worker 2>/dev/null | tail -1)",
                "while :; do sleep 0.05; done");
        try (PidNamespace node = PidNamespace.start(dir, "--", daemon)) {
            node.waitForState("ready");
            waitForWorkers(node, 1);
            restart(node).waitForLog("up 2 done");
            assertTrue(node.log().contains("generation 1 has left"), node.log());
            assertFalse(node.log().contains("in time"), node.log());
        }
    }

    @Test
    void whatIgnoresTheStopSignalIsKilledAfterItsGrace() throws IOException {
        String daemon = PidNamespace.script(dir, "(trap '' TERM; echo $BASHPID >> " + dir + "/workers;"
                + " while :; do sleep 0.05; done) &", "trap 'exit 0' TERM",
                "echo up $DAEMON_GENERATION", "while :; do sleep 0.05; done");
        // who forgets the grace waits for a minute
        try (PidNamespace node = PidNamespace.start(dir, "--leftover-grace", "700ms", "--stop-timeout",
                "1m", "--", daemon)) {
            node.waitForState("ready");
            waitForWorkers(node, 1);
            long first = worker(node, 0);
            long begin = System.nanoTime();
            restart(node);
            long millis = (System.nanoTime() - begin) / 1_000_000;
            assertTrue(millis >= 690 && millis < 30_000, "restarted after " + millis + " ms");
            assertFalse(alive(first));
            assertTrue(node.log().contains("did not stop in time"), node.log());
        }
    }

    /** As apache2ctl -D FOREGROUND: the server that counts is a child, and knows only one of itself. */
    @Test
    void aServerBehindAWrapperIsNeverFoundRunning() throws IOException {
        String server = PidNamespace.script(dir,
                "mkdir " + dir + "/lock 2>/dev/null || { echo already running; exit 1; }",
                "trap 'sleep 0.5; rmdir " + dir + "/lock; exit 0' TERM",
                "echo served by $DAEMON_GENERATION", "while :; do sleep 0.05; done");
        String wrapper = PidNamespace.script(dir, server + " &", "child=$!", "trap 'exit 0' TERM",
                "wait $child");
        try (PidNamespace node = PidNamespace.start(dir, "--", wrapper)) {
            node.waitForLog("served by 1");
            for (int i = 2; i <= 6; i++) {
                restart(node).waitForLog("served by " + i);
            }
            assertFalse(node.log().contains("already running"), node.log());
            assertEquals(6, generation(node));
            // a hold waits for it, too
            assertEquals(0, node.daemon(Map.of(), "stop").code());
            assertFalse(Files.exists(dir.resolve("lock")), "stopped, but its server runs");
        }
        // the negative control: where leftovers are left alone, exactly that goes wrong
        try (PidNamespace node = PidNamespace.start(dir, "--kill-mode", "process", "--", wrapper)) {
            node.waitForLog("served by 7");
            restart(node).waitForLog("already running");
        }
    }

    /** The sweep of a subreaper walks /proc by itself. */
    @Test
    void theSweepFindsAProcessWhoseNameIsNoText() throws IOException {
        Path names = Files.createDirectory(dir.resolve("names"));
        String daemon = PidNamespace.script(dir, "name=" + names + "/$(printf '\\xff\\xfe')",
                "cp /bin/sleep \"$name\"", "setsid \"$name\" 65 &", "echo $! > " + dir + "/named",
                "echo up", "trap 'exit 0' TERM", "while :; do sleep 0.05; done");
        try (PidNamespace node = PidNamespace.launch(dir, List.of("env"), Map.of(), "--",
                daemon)) {
            node.waitForLog("up");
            PidNamespace.pause(100);
            long named = Long.parseLong(read("named").strip());
            assertTrue(alive(named));
            PidNamespace.kill("TERM", node.process().pid());
            assertEquals(0, node.exitCode());
            node.waitFor("it has gone", () -> !alive(named));
        }
    }

    @Test
    void detachedChildrenAreLeftovers() throws IOException {
        String worker = worker();
        String daemon = PidNamespace.script(dir, DETACHED.formatted(worker), "trap 'exit 0' TERM",
                "while :; do sleep 0.05; done");
        try (PidNamespace node = PidNamespace.start(dir, "--", daemon)) {
            waitForWorkers(node, 1);
            long first = worker(node, 0);
            restart(node);
            waitForWorkers(node, 2);
            assertFalse(alive(first));
            assertEquals("TERM\ndone\n", read("worker"));
        }
    }

    /** PID 1 has no CAP_SYS_PTRACE, as in a container, so it cannot read their environment. */
    @Test
    void detachedChildrenOfAnotherUserAreLeftovers() throws IOException {
        String worker = worker();
        String daemon = PidNamespace.script(dir, DETACHED.formatted("setpriv --reuid 65534 --regid 65534"
                + " --clear-groups " + worker), "trap 'exit 0' TERM", "while :; do sleep 0.05; done");
        List<String> asInAContainer = new java.util.ArrayList<>(PidNamespace.AS_PID_1);
        asInAContainer.addAll(List.of("setpriv", "--bounding-set", "-sys_ptrace", "--"));
        try (PidNamespace node = PidNamespace.launch(dir, asInAContainer, Map.of(), "--", daemon)) {
            waitForWorkers(node, 1);
            assertEquals(0, effectiveCapabilities(node.pid1()) >> SYS_PTRACE & 1);
            long first = worker(node, 0);
            restart(node);
            waitForWorkers(node, 2);
            assertFalse(alive(first));
            assertEquals("TERM\ndone\n", read("worker"));
        }
    }

    private static long effectiveCapabilities(long pid) {
        return Long.parseLong(PidNamespace.proc(pid, "status").lines()
                .filter(line -> line.startsWith("CapEff:")).findFirst().orElseThrow()
                .substring(7).strip(), 16);
    }

    @Test
    void underAnotherUserAllOfItIsFound() throws IOException {
        String worker = worker();
        String daemon = PidNamespace.script(dir, DETACHED.formatted(worker), worker + " &",
                "trap 'exit 0' TERM", "while :; do sleep 0.05; done");
        try (PidNamespace node = PidNamespace.start(dir, "--user", "nobody", "--", daemon)) {
            waitForWorkers(node, 2);
            restart(node);
            waitForWorkers(node, 4);
            assertFalse(alive(worker(node, 0)));
            assertFalse(alive(worker(node, 1)));
        }
    }

    @Test
    void execSessionsAndWhatTheyLeaveSurviveARestart() throws IOException {
        try (PidNamespace node = PidNamespace.start(dir, "--", PidNamespace.obedient(dir))) {
            node.waitForState("ready");
            // a session that goes on, and one that has left an orphan
            Process session = new ProcessBuilder("nsenter", "--target", Long.toString(node.pid1()),
                    "--pid", "--mount", "--", "setsid", "sleep", "61").start();
            node.inside(Map.of(), "setsid", "sh", "-c", "sleep 62 >/dev/null 2>&1 & echo $! > " + dir
                    + "/orphan");
            long orphan = node.inNamespace(Long.parseLong(read("orphan").strip()));
            node.waitFor("it has become PID 1's", () -> PidNamespace.proc(orphan, "stat")
                    .contains(") S " + node.pid1() + " "));
            restart(node);
            assertTrue(alive(orphan), "the orphan of an exec session was taken for a leftover");
            assertTrue(session.isAlive());
            assertTrue(alive(session.pid()));
            assertFalse(node.log().contains("has left"), node.log());
            session.destroyForcibly();
        }
    }

    @Test
    void aProbeThatRunsIsNoLeftover() throws IOException {
        String slow = "sh -c 'echo begun >> " + dir + "/probe; sleep 1; echo ended >> " + dir + "/probe'";
        try (PidNamespace node = PidNamespace.start(dir, "--live", "exec " + slow, "--live-interval", "50ms",
                "--", PidNamespace.obedient(dir))) {
            node.waitForState("ready");
            node.waitFor("a probe runs", () -> Files.exists(dir.resolve("probe")));
            restart(node);
            assertFalse(node.log().contains("has left"), node.log());
        }
    }

    @Test
    void modeGroupLeavesOtherGroupsAlone() throws IOException {
        String worker = worker();
        String daemon = PidNamespace.script(dir, DETACHED.formatted(worker), "trap 'exit 0' TERM",
                "(trap '' HUP; exec sleep 63) &", "echo $! > " + dir + "/member",
                "while :; do sleep 0.05; done");
        try (PidNamespace node = PidNamespace.start(dir, "--kill-mode", "group", "--", daemon)) {
            waitForWorkers(node, 1);
            long first = worker(node, 0);
            long member = node.inNamespace(Long.parseLong(read("member").strip()));
            restart(node);
            assertTrue(alive(first));
            assertFalse(alive(member));
        }
    }

    @Test
    void modeProcessLeavesAllOfThemAlone() throws IOException {
        String worker = worker();
        String daemon = PidNamespace.script(dir, worker + " &", "trap 'exit 0' TERM",
                "while :; do sleep 0.05; done");
        try (PidNamespace node = PidNamespace.start(dir, "--kill-mode", "process", "--", daemon)) {
            waitForWorkers(node, 1);
            restart(node);
            waitForWorkers(node, 2);
            assertTrue(alive(worker(node, 0)));
            assertEquals("", read("worker"));
        }
    }

    @Test
    void aStopDuringTheClearingEndsInItsBudget() throws IOException {
        String daemon = PidNamespace.script(dir, "(trap '' TERM; echo $BASHPID >> " + dir + "/workers;"
                + " while :; do sleep 0.05; done) &", "trap 'exit 3' TERM",
                "while :; do sleep 0.05; done");
        try (PidNamespace node = PidNamespace.start(dir, "--leftover-grace", "7s", "--sweep-grace", "300ms",
                "--", daemon)) {
            waitForWorkers(node, 1);
            node.daemon(Map.of(), "restart", "--no-block");
            node.waitForLog("has left");
            assertEquals("stopping", node.status().get("state"));
            long begin = System.nanoTime();
            node.signal("TERM");
            assertEquals(3, node.exitCode());
            long millis = (System.nanoTime() - begin) / 1_000_000;
            // the grace of those it cleared away would have lasted for seven seconds
            assertTrue(millis < 5_000, "ended after " + millis + " ms");
        }
    }

    @Test
    void aProcessWhoseNameIsNoTextIsFound() throws IOException {
        Path sleep = dir.resolve("names");
        String daemon = PidNamespace.script(dir, "mkdir -p " + sleep, "name=" + sleep
                + "/$(printf '\\xff\\xfe')", "cp /bin/sleep \"$name\"", "(setsid \"$name\" 64 &)",
                "echo up $DAEMON_GENERATION", "trap 'exit 0' TERM", "while :; do sleep 0.05; done");
        try (PidNamespace node = PidNamespace.start(dir, "--", daemon)) {
            node.waitForLog("up 1");
            PidNamespace.pause(100);
            restart(node).waitForLog("(??)");
        }
    }

    @Test
    void stalePidFilesAreRemovedBeforeEachStart() throws IOException {
        Path stale = dir.resolve("daemon.pid");
        Path link = dir.resolve("link.pid");
        Path target = dir.resolve("precious");
        Path directory = Files.createDirectory(dir.resolve("directory.pid"));
        Files.writeString(target, "precious");
        Files.createSymbolicLink(link, target);
        Files.writeString(stale, "1\n");
        String daemon = PidNamespace.script(dir, "if [ -e " + stale + " ] && kill -0 $(cat " + stale
                + "); then echo already running; exit 1; fi", "echo 1 > " + stale,
                "echo up $DAEMON_GENERATION", "while :; do sleep 0.05; done");
        try (PidNamespace node = PidNamespace.start(dir, "--pid-file", stale.toString(), "--pid-file",
                link.toString(), "--pid-file", directory.toString(), "--stop-timeout", "100ms", "--",
                daemon)) {
            node.waitForLog("up 1");
            restart(node).waitForLog("up 2");
            assertFalse(node.log().contains("already running"), node.log());
            assertFalse(Files.exists(link, java.nio.file.LinkOption.NOFOLLOW_LINKS));
            assertEquals("precious", Files.readString(target));
            assertTrue(Files.isDirectory(directory));
            assertEquals(2, node.log().lines().filter(line -> line.contains("it is a directory"))
                    .count(), node.log());
        }
    }
}
