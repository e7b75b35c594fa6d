package dev.soleinit.pidns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.RequiredTier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Who may say something by sd_notify, what may come along, and what a hostile daemon gets from it. */
@ExtendWith(RequiredTier.PidNamespace.class)
class NotifySendersIT {
    private static final List<String> OWN_GROUP = with(PidNamespace.AS_PID_1, "setsid");
    @TempDir
    Path dir;

    @BeforeEach
    void anyUserMayEnter() throws IOException {
        Files.setPosixFilePermissions(dir, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private static List<String> with(List<String> launcher, String... more) {
        List<String> all = new ArrayList<>(launcher);
        all.addAll(List.of(more));
        return all;
    }

    private String daemon(String body) throws IOException {
        return Files.writeString(dir.resolve("daemon.py"), """
                import os, select, signal, socket, sys, time
                s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
                s.connect(os.environ["NOTIFY_SOCKET"])
                def tell(text): s.send(text.encode())
                %s
                while True: time.sleep(60)
                """.formatted(body)).toString();
    }

    @Test
    void aDaemonThatGivesUpRootByItselfIsHeard() throws IOException {
        String daemon = daemon("""
                os.setgid(65534); os.setuid(65534)
                s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
                s.connect(os.environ["NOTIFY_SOCKET"])
                tell("READY=1")
                """);
        Files.createDirectory(dir.resolve("run"));
        Files.createSymbolicLink(dir.resolve("run/notify.sock"), dir.resolve("secret"));
        Files.createFile(dir.resolve("secret"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try (PidNamespace node = PidNamespace.start(dir, "--ready", "notify", "--", "/usr/bin/python3",
                daemon)) {
            node.waitForState("ready");
            assertEquals("rw-rw-rw-", mode(node.run("notify.sock")));
            assertEquals("rw-------", mode(dir.resolve("secret")), "no link was followed");
        }
    }

    private static String mode(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }

    /** What {@code systemd-notify --ready} does: it waits until its descriptor is closed. */
    @Test
    void aBarrierIsClosedWhenAllBeforeItHasBeenHeardAndNothingLeaks() throws IOException {
        String daemon = daemon("""
                def barrier():
                    r, w = os.pipe()
                    socket.send_fds(s, [b"BARRIER=1"], [w]); os.close(w)
                    p = select.poll(); p.register(r, 0)
                    begun = time.monotonic(); p.poll(5000); os.close(r)
                    return time.monotonic() - begun
                tell("READY=1"); print("waited", barrier() > 4, flush=True)
                for i in range(100): barrier()
                print("all waited", flush=True)
                """);
        try (PidNamespace node = PidNamespace.start(dir, "--ready", "notify", "--", "python3", daemon)) {
            node.waitForLog("waited ");
            assertTrue(node.log().contains("waited False"), node.log());
            long before = descriptors(node);
            node.waitForLog("all waited");
            assertTrue(descriptors(node) <= before + 1, descriptors(node) + " open, not " + before);
        }
    }

    private static long descriptors(PidNamespace node) throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc", Long.toString(node.pid1()), "fd"))) {
            return open.count();
        }
    }

    @Test
    void descriptorsByTheThousandDoNotFillTheTable() throws IOException {
        String daemon = daemon("""
                fds = [os.open("/dev/null", os.O_RDONLY)] * 250
                for i in range(300):
                    socket.send_fds(s, [b"STATUS=%d" % i], fds)
                    socket.send_fds(s, [b"x" * 5000], fds)
                tell("STATUS=all"); print("flooded", flush=True)
                """);
        try (PidNamespace node = PidNamespace.launch(dir, with(PidNamespace.AS_PID_1, "prlimit",
                "--nofile=400:400"), Map.of(), "--", "python3", daemon)) {
            while (!node.log().contains("flooded")) {
                assertTrue(descriptors(node.waitForState("ready")) < 400);
            }
            node.waitForStatus("all was heard", now -> "all".equals(now.get("statusText")));
            assertTrue(descriptors(node) < 100, descriptors(node) + " are open");
        }
    }

    /** Its process ends, and is reaped by its parent, before anybody can look at it. */
    @Test
    void aSenderThatIsGoneIsHeardNonetheless() throws IOException {
        String daemon = daemon("""
                go = "%s/go" + os.environ["DAEMON_RUN_DIR"].split("/")[-2]
                while not os.path.exists(go): time.sleep(0.01)
                pid = os.fork()
                if pid == 0: tell("STATUS=gone\\nREADY=1"); os._exit(0)
                os.waitpid(pid, 0); print("sent", flush=True)
                """.formatted(dir));
        for (String user : List.of("root", "nobody")) {
            Path own = Files.createDirectory(dir.resolve(user),
                    PosixFilePermissions.asFileAttribute(Files.getPosixFilePermissions(dir)));
            try (PidNamespace node = PidNamespace.start(own, "--user", user, "--ready", "notify", "--",
                    "/usr/bin/python3", daemon)) {
                node.waitForStatus("a daemon runs", now -> now.get("pid") != null);
                PidNamespace.kill("STOP", node.pid1());
                Files.createFile(dir.resolve("go" + user));
                node.waitForLog("sent");
                PidNamespace.kill("CONT", node.pid1());
                node.waitForState("ready");
                assertEquals("gone", node.status().get("statusText"));
            }
        }
    }

    /** Two hundred processes, each of which says one thing, ends and is reaped. */
    @Test
    void noWordOfAShortLivedProcessIsLost() throws IOException {
        String daemon = daemon("""
                for i in range(200):
                    pid = os.fork()
                    if pid == 0: tell("MAINPID=%d" % (900000000 + i)); os._exit(0)
                    os.waitpid(pid, 0)
                """);
        try (PidNamespace node = PidNamespace.start(dir, "--", "/usr/bin/python3", daemon)) {
            node.waitFor("each is answered", () ->
                    node.log().split("MAINPID=900000... is ignored").length == 201);
        }
    }

    @Test
    void aStrangerIsNotHeardWhetherOrNotItIsGone() throws IOException {
        String send = "import os, socket, sys\\ns = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)\\n"
                + "s.sendto(b'STATUS=hacked\\\\nREADY=1\\\\nWATCHDOG=trigger', sys.argv[1])\\nos._exit(0)";
        for (String user : List.of("root", "nobody")) {
            try (PidNamespace node = PidNamespace.start(dir, "--user", user, "--ready", "notify",
                    "--", "sleep", "1000")) {
                node.waitForState("starting");
                for (int i = 0; i < 20; i++) {
                    if (i == 10) {
                        PidNamespace.kill("STOP", node.pid1());
                    }
                    assertEquals(0, node.inside(Map.of(), "/usr/bin/python3", "-c",
                            send.translateEscapes(), node.run("notify.sock").toString()).code());
                }
                PidNamespace.kill("CONT", node.pid1());
                PidNamespace.pause(200);
                assertEquals("", node.status().get("statusText"));
                assertEquals("starting", node.status().get("state"), node.log());
            }
        }
    }

    /** It moves into the supervisor's group, names itself, and heeds no signal but KILL. */
    @Test
    void aDaemonInTheSupervisorsGroupIsKilledAndTheSupervisorIsNot() throws Exception {
        String daemon = daemon("""
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
                if os.fork() == 0:
                    while True: time.sleep(60)
                os.setpgid(0, os.getpgid(os.getppid()))
                tell("MAINPID=%d" % os.getpid()); tell("MAINPID=%d" % os.getppid())
                tell("READY=1"); print("moved", os.getpgrp() == os.getpgid(os.getppid()), flush=True)
                """);
        for (List<String> launcher : List.of(OWN_GROUP, List.of("setsid"))) {
            Path own = Files.createDirectory(dir.resolve(Integer.toString(launcher.size())),
                    PosixFilePermissions.asFileAttribute(Files.getPosixFilePermissions(dir)));
            try (PidNamespace node = PidNamespace.launch(own, launcher, Map.of(), "--user", "nobody",
                    "--ready", "notify", "--stop-timeout", "300ms", "--", "/usr/bin/python3",
                    daemon)) {
                node.waitForState("ready").waitForLog("moved True");
                node.call("restart.request", Map.of("graceful", false));
                node.waitForStatus("generation 2", now -> Long.valueOf(2).equals(
                        now.get("generation")) && "ready".equals(now.get("state")));
                node.waitFor("the first one and its child are gone", () -> node.process()
                        .descendants().filter(one -> PidNamespace.proc(one.pid(), "cmdline")
                                .startsWith("/usr/bin/python3")).count() == 2);
                long pid = launcher.equals(OWN_GROUP) ? node.pid1() : node.process().pid();
                PidNamespace.kill("TERM", pid);
                assertEquals(137, node.exitCode(), node.log());
            }
        }
    }

    /** Root's orphan has become the supervisor's child, as the daemon's own would. */
    @Test
    void nobodyMayNameAProcessOfRootAsItsMainOne() throws Exception {
        String daemon = daemon("""
                signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
                while not os.path.exists("%s/pid"): time.sleep(0.01)
                tell("MAINPID=" + open("%s/pid").read()); tell("STATUS=told")
                """.formatted(dir, dir));
        try (PidNamespace node = PidNamespace.start(dir, "--user", "nobody", "--", "/usr/bin/python3",
                daemon)) {
            node.waitForState("ready");
            node.inside(Map.of(), "sh", "-c", "setsid sleep 1000 >/dev/null 2>&1 & echo $! > "
                    + dir + "/tmp; mv " + dir + "/tmp " + dir + "/pid");
            node.waitForStatus("told", now -> "told".equals(now.get("statusText")));
            node.waitForLog("is ignored");
            node.call("restart.request", Map.of("graceful", false));
            node.waitForStatus("generation 2", now -> Long.valueOf(2).equals(now.get("generation")));
            assertEquals(1, node.process().descendants().filter(one -> PidNamespace.proc(one.pid(),
                    "cmdline").startsWith("sleep\0001000")).count(), node.log());
        }
    }
}
