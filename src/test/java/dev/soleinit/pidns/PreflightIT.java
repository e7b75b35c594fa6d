package dev.soleinit.pidns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.RequiredTier;
import dev.soleinit.control.ErrorCodes;
import dev.soleinit.control.client.RpcException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Daemons that report nothing, and a command that says whether they are idle. */
@ExtendWith(RequiredTier.PidNamespace.class)
class PreflightIT {
    @TempDir
    Path dir;

    private PidNamespace start(String command, String... options) throws IOException {
        List<String> words = new ArrayList<>(List.of("--preflight-command", command));
        words.addAll(List.of(options));
        words.addAll(List.of("--", PidNamespace.obedient(dir)));
        return PidNamespace.start(dir, words.toArray(String[]::new)).waitForState("ready");
    }

    private static Map<?, ?> outcome(Map<String, Object> answer) {
        return (Map<?, ?>) answer.get("outcome");
    }

    @Test
    void exit75IsBusyAndItsOutputTheReason() throws IOException, RpcException {
        Path busy = Files.createFile(dir.resolve("busy"));
        try (PidNamespace node = start("test -e " + busy + " || exit 0; echo a backup runs; exit 75")) {
            Map<String, Object> preflight = node.call("restart.preflight", Map.of());
            assertEquals(false, preflight.get("safe"));
            assertTrue(preflight.toString().contains("busy: a backup runs"), preflight.toString());
            RpcException gaveUp = assertThrows(RpcException.class, () -> node.call(
                    "restart.request", Map.of("safe", true, "wait", 1.2)));
            assertEquals(ErrorCodes.GAVE_UP, gaveUp.code());
            assertTrue(gaveUp.getMessage().contains("a backup runs"), gaveUp.getMessage());
            Files.delete(busy);
            assertEquals(true, node.call("restart.preflight", Map.of()).get("safe"));
            assertEquals("complete", outcome(node.call("restart.request", Map.of("safe", true)))
                    .get("restartStatus"));
        }
    }

    @Test
    void unknownIsNotIdle() throws IOException, RpcException {
        for (String command : List.of("exit 1", "no-such-program", "kill -9 $$")) {
            try (PidNamespace node = start(command)) {
                Object before = node.status().get("generation");
                assertEquals(false, node.call("restart.preflight", Map.of()).get("safe"), command);
                assertThrows(RpcException.class, () -> node.call("restart.request",
                        Map.of("safe", true, "wait", 0.3)), command);
                assertEquals(before, node.status().get("generation"));
            }
        }
    }

    @Test
    void aGracefulRestartWaitsForTheCommandUntilItsDeadline() throws IOException, RpcException {
        Path busy = Files.createFile(dir.resolve("busy"));
        try (PidNamespace node = start("test ! -e " + busy + " || exit 75")) {
            node.call("restart.request", Map.of("block", false, "timeout", 30));
            node.waitForState("draining");
            PidNamespace.pause(700);
            assertEquals("draining", node.status().get("state"));
            Files.delete(busy);
            node.waitFor("generation 2", () -> Long.valueOf(2).equals(node.status().get("generation")));
            Files.createFile(busy);
            assertEquals("complete", outcome(node.daemonJson("restart", "--timeout", "500ms"))
                    .get("restartStatus"));
        }
    }

    @Test
    void withoutAnyKnowledgeThePreflightSaysSo() throws IOException, RpcException {
        try (PidNamespace node = PidNamespace.start(dir, "--", PidNamespace.obedient(dir))) {
            node.waitForState("ready");
            Map<String, Object> preflight = node.call("restart.preflight", Map.of());
            assertEquals(true, preflight.get("safe"));
            assertTrue(String.valueOf(preflight.get("summary")).contains("as far as is known"));
        }
    }

    @Test
    void aReloadSendsTheSignalOrRunsTheCommand() throws IOException, RpcException {
        String daemon = PidNamespace.script(dir, "trap 'exit 0' TERM", "trap 'echo re-read by HUP' HUP",
                "trap 'echo re-read by USR2' USR2", "echo armed", "while :; do sleep 0.05; done");
        try (PidNamespace node = PidNamespace.start(dir, "--", daemon)) {
            node.waitForLog("armed");
            Object pid = node.status().get("pid");
            Map<?, ?> outcome = outcome(node.call("reload", Map.of()));
            assertEquals(2L, outcome.get("generation"));
            assertEquals("unconfirmed", outcome.get("restartStatus"), "it has only heard the signal");
            node.waitForLog("re-read by HUP");
            assertEquals(pid, node.status().get("pid"));
        }
        try (PidNamespace node = PidNamespace.start(dir, "--reload-command",
                "kill -USR2 $(cat $DAEMON_RUN_DIR/daemon.pid)", "--", daemon)) {
            node.waitForState("ready");
            assertEquals("complete", outcome(node.call("reload", Map.of())).get("restartStatus"));
            assertEquals(true, node.status().get("reloadConfirmed"));
            node.waitForLog("re-read by USR2");
        }
    }

    @Test
    void aSafeRestartOfADaemonThatReportsNothingIsRefusedUnlessAssumedIdle() throws IOException {
        try (PidNamespace node = PidNamespace.start(dir, "--on-hup", "safe-restart", "--", PidNamespace.obedient(dir))) {
            node.waitForState("ready");
            assertTrue(node.log().contains("on-hup safe-restart: a daemon that does not attach"),
                    node.log());
            PidNamespace.Finished refused = node.daemon(Map.of(), "restart", "--safe");
            assertEquals(1, refused.code(), refused.output());
            assertTrue(refused.output().contains("nothing is known about its work: "),
                    refused.output());
            node.signal("HUP");
            Map<String, Object> status = node.waitForStatus("the refusal shows",
                    now -> now.get("refused") != null);
            assertTrue(status.get("refused").toString().contains("nothing is known"), status.toString());
            assertEquals(1L, status.get("generation"));
            node.waitForLog("nothing is known about its work");
            node.waitForJournal("\"refused\"");
            PidNamespace.Finished assumed = node.daemon(Map.of(), "restart", "--safe", "--assume-idle");
            assertEquals(0, assumed.code(), assumed.output());
            assertEquals(null, node.status().get("refused"), "something has worked since");
            assertEquals(2L, node.status().get("generation"));
        }
    }

    /** Answers on its port all the time, whatever becomes of the signal. */
    private String server(String onSignal) throws IOException {
        Path file = dir.resolve("server.py");
        Files.writeString(file, """
                import os, signal, socket, time
                def serve():
                    s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                    s.bind(("127.0.0.1", 8399)); s.listen(); return s
                def tell(text):
                    n = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
                    n.sendto(text.encode(), os.environ["NOTIFY_SOCKET"]); n.close()
                def reload(*_):
                    global s
                %s
                s = serve()
                signal.signal(signal.SIGUSR1, reload)
                while True: time.sleep(0.05)
                """.formatted(onSignal.indent(4)));
        return file.toString();
    }

    private PidNamespace serving(String onSignal) throws IOException {
        return PidNamespace.start(dir, "--ready", "tcp 127.0.0.1:8399", "--reload-signal", "USR1",
                "--ready-interval", "50ms", "--", "python3", server(onSignal)).waitForState("ready");
    }

    @Test
    void aReloadThatNobodyConfirmsSaysSo() throws IOException {
        try (PidNamespace node = serving("print('a debugger listens', flush=True)")) {
            PidNamespace.Finished reload = node.daemon(Map.of(), "reload");
            assertEquals(5, reload.code(), reload.output());
            assertTrue(reload.output().startsWith("unconfirmed: generation 2 (unconfirmed): SIGUSR1"),
                    reload.output());
            Map<String, Object> status = node.status();
            assertEquals(false, status.get("reloadConfirmed"));
            assertEquals(2L, status.get("generation"));
            node.waitForJournal("\"restartStatus\":\"unconfirmed\"");
            assertTrue(node.daemon(Map.of(), "status").output().contains("2 (unconfirmed)"));
            assertEquals("unconfirmed", outcome(node.daemonJson("reload")).get("restartStatus"));
        }
    }

    @Test
    void readinessThatGoesAndComesBackConfirmsAReload() throws IOException {
        try (PidNamespace node = serving("s.close(); time.sleep(1.5); s = serve()")) {
            assertEquals(0, node.daemon(Map.of(), "reload").code());
            assertEquals(true, node.status().get("reloadConfirmed"));
        }
    }

    @Test
    void itsOwnWordConfirmsAReload() throws IOException {
        try (PidNamespace node = serving("tell('RELOADING=1'); time.sleep(0.3); tell('READY=1')")) {
            assertEquals(0, node.daemon(Map.of(), "reload").code());
            assertEquals(true, node.status().get("reloadConfirmed"));
            assertEquals(2L, node.status().get("generation"));
        }
    }

    @Test
    void aProbeThatSucceedsDoesNotEndAReloadWhoseCommandStillRuns() throws IOException {
        try (PidNamespace node = PidNamespace.start(dir, "--ready", "exec true", "--reload-command",
                "sleep 1; echo syntax error; exit 4", "--", PidNamespace.obedient(dir))) {
            node.waitForState("ready");
            RpcException failed = assertThrows(RpcException.class,
                    () -> node.call("reload", Map.of()));
            assertTrue(failed.getMessage().contains("exited 4: syntax error"), failed.getMessage());
            assertEquals(1L, node.status().get("generation"));
        }
    }

    @Test
    void aReloadCommandThatFailsLeavesTheDaemonAsItIs() throws IOException {
        try (PidNamespace node = PidNamespace.start(dir, "--reload-command", "echo syntax error; exit 4",
                "--", PidNamespace.obedient(dir))) {
            node.waitForState("ready");
            RpcException failed = assertThrows(RpcException.class,
                    () -> node.call("reload", Map.of()));
            assertTrue(failed.getMessage().contains("exited 4: syntax error"), failed.getMessage());
            assertEquals("ready", node.status().get("state"));
            assertEquals(1L, node.status().get("generation"));
        }
    }
}
