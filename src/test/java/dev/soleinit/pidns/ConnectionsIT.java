package dev.soleinit.pidns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.RequiredTier;
import dev.soleinit.control.ErrorCodes;
import dev.soleinit.control.client.RpcException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** {@code --work connections}: a daemon that reports nothing, whose connections are counted from outside. */
@ExtendWith(RequiredTier.PidNamespace.class)
class ConnectionsIT {
    private static final int PORT = 8497;

    @TempDir
    Path dir;

    /** Answers "whole" after as many seconds as its first line says; TERM cuts that. */
    private String server(String socket) throws IOException {
        Path file = dir.resolve("server.py");
        Files.writeString(file, """
                import os, socket, threading, time
                def answer(one):
                    with one:
                        time.sleep(float(one.makefile().readline() or 0))
                        one.sendall(b"whole")
                %s
                s.listen()
                print("serving", flush=True)
                while True:
                    threading.Thread(target=answer, args=(s.accept()[0],), daemon=True).start()
                """.formatted(socket));
        return file.toString();
    }

    private String server() throws IOException {
        return server("s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); "
                + "s.bind(('127.0.0.1', " + PORT + "))");
    }

    private PidNamespace start(String... words) throws IOException {
        PidNamespace node = PidNamespace.start(dir, words);
        node.waitForLog("serving");
        return node.waitForState("ready");
    }

    private static Socket ask(double seconds) throws IOException {
        Socket client = connect();
        client.getOutputStream().write((seconds + "\n").getBytes(StandardCharsets.US_ASCII));
        return client;
    }

    /** Once it listens: here it is ready as soon as it is spawned. */
    private static Socket connect() throws IOException {
        for (int i = 0; ; i++) {
            try {
                return new Socket(InetAddress.getByName("127.0.0.1"), PORT);
            } catch (ConnectException notYet) {
                if (i == 200) {
                    throw notYet;
                }
                PidNamespace.pause(50);
            }
        }
    }

    private static String rest(Socket client) throws IOException {
        try (client) {
            return new String(client.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        } catch (IOException cut) {
            return "cut: " + cut.getMessage();
        }
    }

    private static Map<?, ?> outcome(Map<String, Object> answer) {
        return (Map<?, ?>) answer.get("outcome");
    }

    @Test
    void aSafeRestartWaitsForAConnectionAndDoesNotCutIt() throws IOException, RpcException {
        try (PidNamespace node = start("--work", "connections " + PORT, "--", "python3", server())) {
            assertEquals(true, node.call("restart.preflight", Map.of()).get("safe"));
            Socket client = ask(8);
            Map<String, Object> preflight = node.call("restart.preflight", Map.of());
            assertEquals(false, preflight.get("safe"));
            assertEquals(Map.of("connection", 1L, "totalActive", 1L), preflight.get("counts"));
            assertTrue(preflight.toString().contains("1 connection to port " + PORT + " from 127.0.0.1:"
                    + client.getLocalPort()), preflight.toString());
            RpcException gaveUp = assertThrows(RpcException.class, () -> node.call("restart.request",
                    Map.of("safe", true, "wait", 0.3)));
            assertEquals(ErrorCodes.GAVE_UP, gaveUp.code());
            assertTrue(gaveUp.getMessage().contains("1 connection to port"), gaveUp.getMessage());
            assertEquals("complete", outcome(node.call("restart.request", Map.of("safe", true)))
                    .get("restartStatus"));
            assertEquals("whole", rest(client));
            assertEquals(List.of((long) PORT), node.status().get("countedPorts"));
        }
    }

    /** The control: assumed to be idle it is restarted at once, and the answer is lost. */
    @Test
    void withoutTheSettingASafeRestartIsRefusedOrCuts() throws IOException, RpcException {
        try (PidNamespace node = start("--", "python3", server())) {
            Socket client = ask(60);
            assertThrows(RpcException.class, () -> node.call("restart.request", Map.of("safe", true)));
            node.call("restart.request", Map.of("safe", true, "assumeIdle", true));
            assertTrue(!rest(client).equals("whole"), "it was not cut, so nothing is shown above");
        }
    }

    @Test
    void aDrainWaitsForConnectionsUntilItsTimeout() throws IOException, RpcException {
        try (PidNamespace node = start("--work", "connections " + PORT, "--", "python3", server())) {
            Socket client = ask(3);
            node.call("restart.request", Map.of("timeout", 10));
            assertEquals("whole", rest(client));
            Socket late = ask(60);
            node.call("restart.request", Map.of("timeout", 0.2));
            assertTrue(!rest(late).equals("whole"), "cut at its timeout");
        }
    }

    @Test
    void whatWaitsInFrontOfAKeptSocketIsNoWork() throws IOException, RpcException {
        String kept = "s = socket.socket(fileno=3)";
        try (PidNamespace node = start("--listen", "tcp:127.0.0.1:" + PORT, "--work", "connections", "--",
                "python3", server(kept))) {
            node.call("signal", Map.of("signal", "STOP"));
            Socket waits = ask(8);
            assertEquals(true, node.call("restart.preflight", Map.of()).get("safe"), "the next one serves it");
            node.call("signal", Map.of("signal", "CONT"));
            node.waitFor("it is accepted", () -> !isSafe(node));
            assertEquals("complete", outcome(node.call("restart.request", Map.of("safe", true)))
                    .get("restartStatus"));
            assertEquals("whole", rest(waits));
        }
    }

    private static boolean isSafe(PidNamespace node) {
        try {
            return Boolean.TRUE.equals(node.call("restart.preflight", Map.of()).get("safe"));
        } catch (IOException | RpcException failed) {
            throw new AssertionError(failed);
        }
    }

    @Test
    void aConnectionToAKeptSocketFileIsCounted() throws IOException, RpcException {
        Path file = dir.resolve("app.sock");
        String kept = "s = socket.socket(fileno=3)";
        try (PidNamespace node = start("--listen", "unix:" + file, "--work", "connections", "--", "python3",
                server(kept)); SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            assertTrue(isSafe(node));
            client.connect(UnixDomainSocketAddress.of(file));
            node.waitFor("it is counted", () -> !isSafe(node));
            assertTrue(node.call("restart.preflight", Map.of()).toString()
                    .contains("1 connection to " + file), "its file is named");
            client.close();
            node.waitFor("it has gone", () -> isSafe(node));
        }
    }

    @Test
    void aCommandAndConnectionsAreBothAsked() throws IOException, RpcException {
        Path busy = Files.createFile(dir.resolve("busy"));
        try (PidNamespace node = start("--work", "connections " + PORT, "--preflight-command",
                "test ! -e " + busy + " || { echo '{\"safe\": false, \"counts\": {\"backups\": 1}, \"blockers\": "
                + "[{\"kind\": \"backup\", \"id\": \"b1\", \"message\": \"of tonight\"}]}'; }", "--",
                "python3", server())) {
            Map<String, Object> preflight = node.call("restart.preflight", Map.of());
            assertTrue(preflight.toString().contains("backup b1: of tonight"), preflight.toString());
            Socket client = ask(8);
            preflight = node.call("restart.preflight", Map.of());
            assertEquals(Map.of("backups", 1L, "connection", 1L, "totalActive", 2L), preflight.get("counts"));
            Files.delete(busy);
            assertEquals("complete", outcome(node.call("restart.request", Map.of("safe", true)))
                    .get("restartStatus"));
            assertEquals("whole", rest(client));
        }
    }

    @Test
    void aSettingThatCountsNothingIsRefused() throws IOException {
        for (String wrong : List.of("connections", "connections http", "connections 0", "connection 80")) {
            PidNamespace.Finished refused = PidNamespace.command(Map.of(),
                    PidNamespace.HOME.resolve("bin/daemon").toString(), "config", "check", "--work", wrong);
            assertEquals(2, refused.code(), wrong + ": " + refused.output());
            assertTrue(refused.output().contains("connections 80"), refused.output());
        }
    }
}
