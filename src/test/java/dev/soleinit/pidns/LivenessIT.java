package dev.soleinit.pidns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.RequiredTier;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A frozen or deaf daemon is found and restarted, with the cause. */
@ExtendWith(RequiredTier.PidNamespace.class)
class LivenessIT {
    @TempDir
    Path dir;

    /** Tells the words of the file {@code say} as they come; lives as long as it may. */
    private String teller(String... lines) throws IOException {
        Path file = Files.writeString(dir.resolve("teller.py"), """
                import os, signal, socket, sys, time
                signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
                signal.signal(signal.SIGHUP, lambda *_: os.path.exists("deaf") or tell("RELOADING=1") or tell("READY=1"))
                def tell(text):
                    s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
                    s.sendto(text.encode(), os.environ["NOTIFY_SOCKET"])
                print("watchdog", os.environ.get("WATCHDOG_USEC"), flush=True)
                tell("READY=1")
                %s
                while True: time.sleep(60)
                """.formatted(String.join("\n", lines)));
        return file.toString();
    }

    private static Map<?, ?> lastExit(PidNamespace node) {
        return (Map<?, ?>) node.status().get("lastExit");
    }

    @Test
    void aMissedWatchdogRestartsItAndTheCauseShows() throws IOException {
        String daemon = teller("if os.environ['DAEMON_GENERATION'] == '1':",
                "    for i in range(6): time.sleep(0.15); tell('WATCHDOG=1')",
                "else:", "    while True: time.sleep(0.1); tell('WATCHDOG=1')");
        try (PidNamespace node = PidNamespace.start(dir, "--ready", "notify", "--watchdog", "500ms",
                "--backoff-initial", "10ms", "--", "python3", daemon)) {
            node.waitForLog("watchdog 500000");
            node.waitForLog("generation 1 hangs: no sign of life within 500 ms");
            node.waitForStatus("generation 2", now -> Long.valueOf(2).equals(now.get("generation"))
                    && "ready".equals(now.get("state")));
            assertTrue(String.valueOf(lastExit(node).get("cause")).contains("no sign of life"),
                    node.status().toString());
            long uptime = (Long) lastExit(node).get("uptimeMs");
            assertTrue(uptime > 1_300, "it lived as long as it told so, not only " + uptime + " ms");
            PidNamespace.pause(1_200);
            assertEquals(2L, node.status().get("generation"), "who tells in time is left alone");
        }
    }

    @Test
    void theDaemonMaySetTheIntervalItself() throws IOException {
        String daemon = teller("if os.environ['DAEMON_GENERATION'] == '1':",
                "    tell('WATCHDOG_USEC=300000')");
        try (PidNamespace node = PidNamespace.start(dir, "--ready", "notify", "--backoff-initial", "10ms",
                "--", "python3", daemon)) {
            node.waitForLog("generation 1 hangs: no sign of life within 300 ms");
            node.waitForStatus("generation 2", now -> Long.valueOf(2).equals(now.get("generation"))
                    && "ready".equals(now.get("state")));
            PidNamespace.pause(600);
            assertEquals(2L, node.status().get("generation"), "each process begins without one");
        }
    }

    /** Both ask again before the last answer has come, so that there always is a request to serve. */
    @Test
    void whoAsksWithoutAPauseKeepsNoSignOfLifeFromBeingHeard() throws Exception {
        String daemon = teller("while True: time.sleep(0.05); tell('WATCHDOG=1')");
        try (PidNamespace node = PidNamespace.start(dir, "--ready", "notify", "--watchdog", "400ms",
                "--", "python3", daemon)) {
            node.waitForState("ready");
            List<Thread> askers = List.of(Thread.startVirtualThread(() -> ask(node)),
                    Thread.startVirtualThread(() -> ask(node)));
            for (Thread asker : askers) {
                asker.join();
            }
            assertEquals(1L, node.status().get("generation"), node.log());
            assertTrue(!node.log().contains("hangs"), node.log());
        }
    }

    private static void ask(PidNamespace node) {
        String batch = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"status\"}\n".repeat(40);
        long end = System.nanoTime() + 2_000_000_000L;
        try (SocketChannel channel = SocketChannel.open(
                UnixDomainSocketAddress.of(node.run("control.sock")))) {
            BufferedReader answers = new BufferedReader(new InputStreamReader(
                    Channels.newInputStream(channel)));
            channel.write(ByteBuffer.wrap(batch.getBytes()));
            while (System.nanoTime() < end) {
                channel.write(ByteBuffer.wrap(batch.getBytes()));
                for (int i = 0; i < 40; i++) {
                    answers.readLine();
                }
            }
        } catch (IOException closed) {
            throw new UncheckedIOException(closed);
        }
    }

    @Test
    void moreTimeIsNotGivenToWhoIsForcedToEnd() throws Exception {
        String daemon = teller("signal.signal(signal.SIGTERM, signal.SIG_IGN)",
                "while os.environ['DAEMON_GENERATION'] == '1':",
                "    tell('EXTEND_TIMEOUT_USEC=30000000'); time.sleep(0.1)");
        try (PidNamespace node = PidNamespace.start(dir, "--ready", "notify", "--force-grace", "300ms",
                "--", "python3", daemon)) {
            node.waitForState("ready");
            node.call("restart.request", Map.of("force", true));
            assertEquals(2L, node.status().get("generation"), node.log());
            long uptime = (Long) lastExit(node).get("uptimeMs");
            assertTrue(uptime < 10_000, "it lived for " + uptime + " ms");
        }
    }

    @Test
    void aFrozenDaemonIsKilledAfterAShortGrace() throws IOException {
        String daemon = teller("while True: time.sleep(0.1); tell('WATCHDOG=1')");
        try (PidNamespace node = PidNamespace.start(dir, "--ready", "notify", "--watchdog", "400ms",
                "--force-grace", "200ms", "--backoff-initial", "10ms", "--", "python3", daemon)) {
            node.waitForState("ready");
            PidNamespace.kill("STOP", node.daemonPid());
            node.waitForStatus("generation 2", now -> Long.valueOf(2).equals(now.get("generation")));
            assertEquals("SIGKILL", lastExit(node).get("words"));
        }
    }

    @Test
    void itMayFindOutItself() throws IOException {
        String daemon = teller("time.sleep(0.3)",
                "if os.environ['DAEMON_GENERATION'] == '1': tell('WATCHDOG=trigger')");
        try (PidNamespace node = PidNamespace.start(dir, "--ready", "notify", "--backoff-initial", "10ms",
                "--", "python3", daemon)) {
            node.waitForLog("generation 1 hangs: it said WATCHDOG=trigger");
            node.waitForStatus("generation 2", now -> Long.valueOf(2).equals(now.get("generation")));
        }
    }

    @Test
    void probesThatFailInARowRestartADeafDaemon() throws IOException {
        Path deaf = dir.resolve("deaf");
        String daemon = PidNamespace.script(dir, "rm -f " + deaf, "exec sleep 1000");
        try (PidNamespace node = PidNamespace.start(dir, "--live", "exec echo asked >> " + dir
                + "/asked; echo no answer; ! test -e " + deaf, "--live-interval", "50ms",
                "--live-threshold", "3", "--backoff-initial", "10ms", "--", daemon)) {
            node.waitForState("ready");
            node.waitFor("it was asked", () -> Files.exists(dir.resolve("asked")));
            PidNamespace.pause(400);
            assertEquals(1L, node.status().get("generation"), "an answer leaves it alone");
            Files.createFile(deaf);
            node.waitForLog("3 live probes in a row failed, the last one: exit 1: no answer");
            node.waitForStatus("generation 2", now -> Long.valueOf(2).equals(now.get("generation"))
                    && "ready".equals(now.get("state")));
        }
    }

    @Test
    void networkProbesFindAPortThatNobodyServes() throws IOException {
        for (String how : List.of("tcp 127.0.0.1:9", "http http://127.0.0.1:9/")) {
            Files.deleteIfExists(dir.resolve("log"));
            try (PidNamespace node = PidNamespace.start(dir, "--live", how, "--live-interval", "50ms",
                    "--live-threshold", "2", "--", "sleep", "1000")) {
                node.waitForLog("2 live probes in a row failed");
            }
        }
    }

    @Test
    void aReloadOfItsOwnIsANewGenerationOfTheSameProcess() throws Exception {
        String daemon = teller();
        try (PidNamespace node = PidNamespace.start(dir, "--ready", "notify", "--", "python3", daemon)) {
            Object pid = node.waitForState("ready").status().get("pid");
            node.call("signal", Map.of("signal", "HUP"));
            node.waitForStatus("generation 2", now -> Long.valueOf(2).equals(now.get("generation"))
                    && "ready".equals(now.get("state")));
            Map<?, ?> outcome = (Map<?, ?>) node.call("reload", Map.of()).get("outcome");
            assertEquals(3L, outcome.get("generation"), "the signal and its word are one reload");
            assertEquals(pid, node.status().get("pid"));
            assertEquals("3\n", Files.readString(node.state("generation")));
        }
    }

    @Test
    void moreTimeIsGivenToWhoAsksForIt() throws IOException {
        Path file = Files.writeString(dir.resolve("slow.py"), """
                import os, socket, time
                def tell(text):
                    s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
                    s.sendto(text.encode(), os.environ["NOTIFY_SOCKET"])
                for i in range(4): tell("EXTEND_TIMEOUT_USEC=2000000"); time.sleep(0.6)
                tell("READY=1")
                time.sleep(60)
                """);
        try (PidNamespace node = PidNamespace.start(dir, "--ready", "notify", "--ready-timeout", "1500ms",
                "--", "python3", file.toString())) {
            node.waitForState("ready");
            assertEquals(1L, node.status().get("generation"));
        }
    }

    @Test
    void aCommandStopsTheDaemonInPlaceOfTheSignal() throws Exception {
        String daemon = PidNamespace.script(dir, "trap 'echo got TERM' TERM", "trap 'exit 0' USR1",
                "echo armed", "while :; do sleep 0.05; done");
        try (PidNamespace node = PidNamespace.start(dir, "--stop-command",
                "kill -USR1 $(cat $DAEMON_RUN_DIR/daemon.pid)", "--", daemon)) {
            node.waitForLog("armed");
            node.call("restart.request", Map.of());
            node.waitForState("ready");
            node.waitFor("armed again", () -> node.log().split("armed").length == 3);
            node.signal("TERM");
            assertEquals(0, node.exitCode());
            assertTrue(!node.log().contains("got TERM"), node.log());
        }
    }

    @Test
    void aStopCommandThatFailsIsFollowedByTheSignal() throws IOException {
        try (PidNamespace node = PidNamespace.start(dir, "--stop-command", "echo cannot; exit 3", "--",
                PidNamespace.obedient(dir))) {
            node.waitForLog("up 1");
            node.signal("TERM");
            assertEquals(0, node.exitCode());
            assertTrue(node.log().contains("the stop command exited 3: cannot"), node.log());
        }
    }
}
