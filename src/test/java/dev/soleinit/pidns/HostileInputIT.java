package dev.soleinit.pidns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.RequiredTier;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Scanner;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The control and the notify socket of a running supervisor, under everything but good will. */
@ExtendWith(RequiredTier.PidNamespace.class)
class HostileInputIT {
    @TempDir
    Path dir;
    private PidNamespace node;

    @BeforeEach
    void start() throws IOException {
        node = PidNamespace.start(dir, "--", "sleep", "600").waitForState("ready");
    }

    @AfterEach
    void itStillServes() {
        assertEquals(1L, node.waitForState("ready").status().get("generation"));
        node.close();
    }

    private SocketChannel connect() throws IOException {
        return SocketChannel.open(UnixDomainSocketAddress.of(node.run("control.sock")));
    }

    private String ask(String... lines) throws IOException {
        try (SocketChannel channel = connect()) {
            StringBuilder answers = new StringBuilder();
            Scanner scanner = new Scanner(Channels.newInputStream(channel), StandardCharsets.UTF_8);
            for (String line : lines) {
                channel.write(ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8)));
                answers.append(scanner.nextLine()).append('\n');
            }
            return answers.toString();
        }
    }

    private void answers(String code, String line) throws IOException {
        String answer = ask(line);
        assertTrue(answer.contains("\"code\":" + code), line + " was answered " + answer);
    }

    @Test
    void whatIsNoRequestGetsTheStandardErrorAndTheConnectionGoesOn() throws IOException {
        answers("-32700", "{\"jsonrpc\":");
        answers("-32700", "random words");
        answers("-32600", "[]");
        answers("-32600", "{\"jsonrpc\":\"1.0\",\"id\":1,\"method\":\"status\"}");
        answers("-32600", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":7}");
        answers("-32601", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"explode\"}");
        answers("-32602", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"start\",\"params\":[1]}");
        answers("-32602",
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"start\",\"params\":{\"block\":1}}");
        answers("-32602",
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"start\",\"params\":{\"blok\":true}}");
        String both = ask("garbage", "{\"jsonrpc\":\"2.0\",\"id\":5,\"method\":\"status\"}");
        assertTrue(both.contains("-32700") && both.contains("\"id\":5,\"result\""), both);
    }

    @Test
    void randomBytesDoNoHarm() throws IOException {
        Random random = new Random(7);
        for (int i = 0; i < 50; i++) {
            byte[] bytes = new byte[random.nextInt(5_000)];
            random.nextBytes(bytes);
            try (SocketChannel channel = connect()) {
                channel.write(ByteBuffer.wrap(bytes));
            }
        }
    }

    @Test
    void aLineOfTwoMebibytesIsRefused() throws IOException {
        try (SocketChannel channel = connect()) {
            ByteBuffer line = ByteBuffer.wrap("x".repeat(2 << 20).getBytes(StandardCharsets.UTF_8));
            try {
                while (line.hasRemaining()) {
                    channel.write(line);
                }
            } catch (IOException closedMeanwhile) {
                assertTrue(closedMeanwhile.getMessage().contains("pipe")
                        || closedMeanwhile.getMessage().contains("reset"), closedMeanwhile.toString());
            }
            String answer = new String(Channels.newInputStream(channel).readAllBytes(),
                    StandardCharsets.UTF_8);
            assertTrue(answer.contains("-32600") && answer.contains("1 MiB"), answer);
        }
    }

    @Test
    void aThousandConnectionsHurtNobody() throws IOException {
        List<SocketChannel> open = new ArrayList<>();
        int refused = 0;
        for (int i = 0; i < 1_000; i++) {
            try {
                open.add(connect());
            } catch (IOException full) {
                refused++;
            }
        }
        String told = new Scanner(Channels.newInputStream(open.getFirst())).nextLine();
        assertTrue(told.contains("-32000") && told.contains("busy"), told);
        assertTrue(ask("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"status\"}").contains("result"));
        assertTrue(refused < 1_000, "some could connect");
        for (SocketChannel one : open) {
            one.close();
        }
    }

    @Test
    void whoClosesTheWritingSideIsAnswered() throws IOException {
        PidNamespace.Finished asked = PidNamespace.command(Map.of(), "python3", "-c", """
                import socket, sys
                answered = 0
                for i in range(50):
                    s = socket.socket(socket.AF_UNIX)
                    s.connect(sys.argv[1])
                    s.sendall(b'{"jsonrpc":"2.0","id":1,"method":"status"}\\n')
                    s.shutdown(socket.SHUT_WR)
                    answer = b""
                    while part := s.recv(65536): answer += part
                    answered += answer.endswith(b"\\n") and b'"state":"ready"' in answer
                print("answered", answered)
                """, node.run("control.sock").toString());
        assertEquals("answered 50\n", asked.output());
    }

    @Test
    void whoLeavesCancelsWhatHasNotBegunAlsoAfterAHalfClose() throws Exception {
        Files.writeString(dir.resolve("busy"), "");
        try (PidNamespace busy = PidNamespace.start(Files.createDirectory(dir.resolve("other")),
                "--preflight-command", "test ! -e " + dir.resolve("busy") + " || exit 75", "--",
                "sleep", "60").waitForState("ready")) {
            SocketChannel client = SocketChannel.open(
                    UnixDomainSocketAddress.of(busy.run("control.sock")));
            client.write(ByteBuffer.wrap(("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":"
                    + "\"restart.request\",\"params\":{\"safe\":true,\"door\":\"cli\"}}\n").getBytes()));
            client.shutdownOutput();
            busy.waitFor("it waits", () -> !((List<?>) busy.status().get("restarts")).isEmpty());
            PidNamespace.pause(600);
            assertEquals(1, ((List<?>) busy.status().get("restarts")).size(), "it waits on");
            client.close();
            busy.waitFor("it is cancelled", () ->
                    ((List<?>) busy.status().get("restarts")).isEmpty());
        }
    }

    @Test
    void theDaemonsUserKeepsRootOutOfNothing() throws Exception {
        Path other = Files.createDirectory(dir.resolve("other"));
        for (Path each : List.of(dir, other)) {
            each.toFile().setExecutable(true, false);
            each.toFile().setReadable(true, false);
        }
        String daemon = PidNamespace.script(other, "exec python3 -c \"import os, socket, time;"
                + "c = [socket.socket(socket.AF_UNIX) for i in range(40)];"
                + "[s.connect(os.environ['DAEMON_RUN_DIR'] + '/control.sock') for s in c];"
                + "[s.send(b'half') for s in c[-4:]]; print('slow ones', flush=True);"
                + "time.sleep(60)\"");
        try (PidNamespace slow = PidNamespace.start(other, "--user", "nobody", "--", daemon)) {
            slow.waitForLog("slow ones");
            long begin = System.nanoTime();
            PidNamespace.Finished stop = slow.daemon(Map.of(), "stop");
            assertEquals(0, stop.code(), stop.output());
            assertTrue(System.nanoTime() - begin < 5_000_000_000L, "it came in at once");
        }
    }

    @Test
    void aHalfRequestAndAHangUpDoNoHarm() throws IOException {
        for (int i = 0; i < 30; i++) {
            try (SocketChannel channel = connect()) {
                channel.write(ByteBuffer.wrap("{\"jsonrpc\":\"2.0\",\"id\":1,\"meth".getBytes()));
            }
            try (SocketChannel channel = connect()) {
                channel.write(ByteBuffer.wrap(("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"wait\","
                        + "\"params\":{\"condition\":\"stopped\"}}\n").getBytes()));
            }
        }
    }

    @Test
    void anotherUserIsRefusedBeforeAByteIsRead() throws IOException {
        Files.setPosixFilePermissions(node.run("control.sock"),
                java.nio.file.attribute.PosixFilePermissions.fromString("rw-rw-rw-"));
        dir.toFile().setExecutable(true, false);
        PidNamespace.Finished stranger = PidNamespace.command(Map.of(), "setpriv", "--reuid", "12345",
                "--regid", "12345", "--clear-groups", "env", "PATH=/usr/bin:/bin", "python3", "-c", """
                import socket, sys
                s = socket.socket(socket.AF_UNIX)
                s.connect(sys.argv[1])
                try:
                    s.sendall(b'{"jsonrpc":"2.0","id":1,"method":"stop"}\\n')
                    print("answer:", s.recv(100))
                except OSError as gone:
                    print("answer: b''", gone)
                """, node.run("control.sock").toString());
        assertTrue(stranger.output().contains("answer: b''"), stranger.output());
        node.waitForLog("refused user");
    }

    @Test
    void wordsOnTheNotifySocketCountOnlyFromTheDaemon() throws IOException {
        PidNamespace.Finished stranger = PidNamespace.command(Map.of(), "python3", "-c", """
                import os, socket, sys
                s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
                for message in (b"STOPPING=1", b"STATUS=hacked", b"", os.urandom(3000), b"x" * 60000):
                    for i in range(200): s.sendto(message, sys.argv[1])
                print("sent")
                """, node.run("notify.sock").toString());
        assertTrue(stranger.output().contains("sent"), stranger.output());
        assertEquals("", node.status().get("statusText"));
    }
}
