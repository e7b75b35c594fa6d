package dev.soleinit.pidns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.RequiredTier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** sd_notify's MAINPID, and what a flood of its datagrams does: nothing. */
@ExtendWith(RequiredTier.PidNamespace.class)
class NotifyIT {
    @TempDir
    Path dir;

    private String daemon(String body) throws IOException {
        return Files.writeString(dir.resolve("daemon.py"), """
                import os, signal, socket, sys, time
                signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
                s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
                s.connect(os.environ["NOTIFY_SOCKET"])
                def tell(text): s.send(text.encode())
                %s
                while True: time.sleep(60)
                """.formatted(body)).toString();
    }

    private Object pid(PidNamespace node) {
        return node.status().get("pid");
    }

    @Test
    void aDaemonThatGoesOnInAnotherProcessIsFollowed() throws Exception {
        String daemon = daemon("""
                if os.fork() == 0:
                    os.setsid()
                    print("second", os.getpid(), flush=True)
                else:
                    first = os.getpid(); time.sleep(0.3)
                    second = int(open(f"/proc/self/task/{first}/children").read())
                    tell(f"READY=1\\nMAINPID={second}")
                    os._exit(0)
                """);
        try (PidNamespace node = PidNamespace.start(dir, "--ready", "notify", "--backoff-initial", "50ms",
                "--", "python3", daemon)) {
            node.waitForLog("by its own word");
            assertEquals("ready", node.status().get("state"), "the first one's end is nobody's end");
            assertEquals(1L, node.status().get("generation"));
            assertTrue(node.log().contains("second " + pid(node)), node.log() + pid(node));
            assertEquals(pid(node) + "\n", Files.readString(node.run("daemon.pid")));
            PidNamespace.kill("KILL", node.daemonPid());
            node.waitForStatus("generation 2", now -> Long.valueOf(2).equals(now.get("generation"))
                    && "ready".equals(now.get("state")));
            node.waitFor("followed again", () -> node.log().split("by its own word").length == 3);
            node.signal("TERM");
            assertEquals(0, node.exitCode());
        }
    }

    /** PID 1 is stopped meanwhile, so that it finds the death and the words at the same moment. */
    @Test
    void whatItSaidBeforeItDiedCountsAlthoughItIsReadAfterwards() throws IOException {
        Path go = dir.resolve("go");
        String daemon = daemon("""
                if os.fork() == 0: os.setsid()
                else:
                    while not os.path.exists("%s"): time.sleep(0.01)
                    tell("MAINPID=" + open(f"/proc/self/task/{os.getpid()}/children").read().strip())
                    os._exit(0)
                """.formatted(go));
        try (PidNamespace node = PidNamespace.start(dir, "--", "python3", daemon)) {
            long first = node.waitForState("ready").daemonPid();
            PidNamespace.kill("STOP", node.pid1());
            Files.createFile(go);
            node.waitFor("it has ended", () -> PidNamespace.proc(first, "stat").contains(") Z "));
            PidNamespace.kill("CONT", node.pid1());
            node.waitForLog("generation 1 goes on as pid");
            assertEquals("ready", node.status().get("state"), node.log());
            assertEquals(1L, node.status().get("generation"), node.log());
        }
    }

    @Test
    void theEndOfAMainProcessThatIsSomebodyElsesChildIsSeen() throws IOException {
        String daemon = daemon("""
                second = os.fork()
                if second:
                    tell(f"MAINPID={second}")
                    os.waitpid(second, 0)
                """);
        try (PidNamespace node = PidNamespace.start(dir, "--backoff-initial", "50ms", "--", "python3",
                daemon)) {
            node.waitForLog("generation 1 goes on as pid");
            PidNamespace.kill("KILL", node.daemonPid());
            node.waitForLog("exit status unknown");
            node.waitForLog("generation 2 goes on as pid");
            assertEquals(3, pythons(node), "what is left of the first generation is killed");
        }
    }

    private static long pythons(PidNamespace node) {
        return node.process().descendants()
                .filter(one -> PidNamespace.proc(one.pid(), "cmdline").contains("daemon.py")).count();
    }

    @Test
    void aStrangerIsNoMainProcess() throws IOException {
        String daemon = daemon("""
                tell("MAINPID=1"); tell("MAINPID=0"); tell("MAINPID=999999999"); tell("MAINPID=-5")
                tell("STATUS=told")
                """);
        try (PidNamespace node = PidNamespace.start(dir, "--", "python3", daemon)) {
            node.waitForStatus("told", now -> "told".equals(now.get("statusText")));
            node.waitForLog("MAINPID=1 is ignored");
            node.waitForLog("MAINPID=999999999 is ignored");
            assertFalse(node.log().contains("by its own word"), node.log());
        }
    }

    /** 10,000 a second for 10 s: half from a stranger, half garbage from a child of the daemon; more than it takes is the sender's. */
    @Test
    void aFloodOfDatagramsChangesNothing() throws Exception {
        String daemon = daemon("""
                if os.fork() == 0:
                    end = time.monotonic() + 10; n = full = 0
                    while time.monotonic() < end:
                        for i in range(50):
                            try: s.send(b"\\xff\\x00READY=\\nMAINPID=x\\nFDSTORE=1\\n" + os.urandom(40), socket.MSG_DONTWAIT)
                            except BlockingIOError: full += 1
                        n += 50; time.sleep(0.009)
                    print("flooded", n, "full", full, flush=True); os._exit(0)
                while True: tell("WATCHDOG=1"); time.sleep(0.2)
                """);
        try (PidNamespace node = PidNamespace.start(dir, "--watchdog", "2s", "--", "python3", daemon)) {
            node.waitForState("ready");
            Process stranger = new ProcessBuilder("python3", "-c", """
                    import socket, sys, time
                    s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.connect(sys.argv[1])
                    end = time.monotonic() + 10; n = full = 0
                    while time.monotonic() < end:
                        for i in range(50):
                            try: s.send(b"READY=1\\nSTOPPING=1\\nWATCHDOG=trigger\\nSTATUS=hacked\\nMAINPID=1", socket.MSG_DONTWAIT)
                            except BlockingIOError: full += 1
                        n += 50; time.sleep(0.009)
                    print("flooded", n, "full", full)
                    """, node.run("notify.sock").toString()).redirectErrorStream(true)
                    .redirectOutput(dir.resolve("stranger").toFile()).start();
            long slowest = 0;
            while (stranger.isAlive()) {
                long begin = System.nanoTime();
                Map<String, Object> status = node.status();
                slowest = Math.max(slowest, System.nanoTime() - begin);
                assertEquals("ready", status.get("state"), node.log());
                assertEquals(1L, status.get("generation"));
                assertEquals("", status.get("statusText"));
                PidNamespace.pause(100);
            }
            // whoever heard the flood out first would answer when it is over, after ten seconds
            assertTrue(slowest < 5_000_000_000L, "it answered after " + slowest / 1_000_000 + " ms");
            node.waitForLog("flooded");
            assertTrue(sent(Files.readString(dir.resolve("stranger"))) + sent(node.log()) > 80_000,
                    Files.readString(dir.resolve("stranger")) + node.log());
            assertFalse(node.log().contains("MAINPID"), "a stranger is not even answered");
        }
    }

    private static long sent(String text) {
        return Long.parseLong(text.replaceAll("(?s).*flooded (\\d+).*", "$1"));
    }
}
