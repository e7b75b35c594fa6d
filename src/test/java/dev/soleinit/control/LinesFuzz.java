package dev.soleinit.control;

import static dev.soleinit.fuzz.Fuzzing.folder;
import static dev.soleinit.fuzz.Fuzzing.require;

import dev.soleinit.control.client.SupervisorUnreachableException;
import dev.soleinit.control.server.Connection;
import dev.soleinit.control.server.LineChannel;
import dev.soleinit.control.server.Peers;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Bytes that go over the socket, in pieces: both ends find the same lines in them. */
public final class LinesFuzz {
    private static final Path SOCKET = folder("lines").resolve("socket");
    private static final ServerSocketChannel SERVER = listen();
    private static final long SECOND = 1_000_000_000L;

    private LinesFuzz() {}

    private static ServerSocketChannel listen() {
        try {
            Files.deleteIfExists(SOCKET);
            return ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                    .bind(UnixDomainSocketAddress.of(SOCKET));
        } catch (IOException unusable) {
            throw new IllegalStateException(unusable);
        }
    }

    public static void fuzzerTestOneInput(byte[] input) throws IOException {
        if (input.length == 0 || input.length > 16 * 1024) {
            return;
        }
        // the caller reads after all has been sent, and the kernel keeps some two hundred pieces
        int piece = Math.max(1 + (input[0] & 0xFF), input.length / 100);
        byte[] sent = Arrays.copyOfRange(input, 1, input.length);
        List<String> lines = new ArrayList<>(List.of(new String(sent, StandardCharsets.ISO_8859_1)
                .split("\n", -1)));
        lines.replaceAll(line -> new String(line.getBytes(StandardCharsets.ISO_8859_1),
                StandardCharsets.UTF_8));
        String rest = lines.removeLast();
        require(lines.equals(atTheCaller(sent, piece)), "the caller gets each whole line");
        if (!rest.isEmpty()) {
            lines.add(rest);
        }
        lines.removeIf(String::isEmpty);
        require(lines.equals(atTheServer(sent, piece)), "the server gets each line");
    }

    private static List<String> atTheCaller(byte[] sent, int piece) throws IOException {
        List<String> lines = new ArrayList<>();
        try (LineChannel caller = LineChannel.open(SOCKET).orElseThrow()) {
            try (SocketChannel server = SERVER.accept()) {
                for (int at = 0; at < sent.length; at += piece) {
                    server.write(ByteBuffer.wrap(sent, at, Math.min(piece, sent.length - at)));
                }
            }
            while (true) {
                lines.add(caller.readLine(System.nanoTime() + SECOND).orElseThrow());
            }
        } catch (SupervisorUnreachableException end) {
            return lines;
        }
    }

    private static List<String> atTheServer(byte[] sent, int piece) throws IOException {
        List<String> lines = new ArrayList<>();
        try (Selector selector = Selector.open();
                SocketChannel caller = SocketChannel.open(UnixDomainSocketAddress.of(SOCKET));
                SocketChannel server = SERVER.accept()) {
            server.configureBlocking(false);
            Connection connection = new Connection(server, server.register(selector,
                    SelectionKey.OP_READ), new Peers.Peer("root", true), 0, () -> { });
            ByteBuffer buffer = ByteBuffer.allocate(64 * 1024);
            for (int at = 0; at < sent.length; at += piece) {
                caller.write(ByteBuffer.wrap(sent, at, Math.min(piece, sent.length - at)));
                connection.read(buffer, 0, lines::add);
            }
            caller.shutdownOutput();
            connection.read(buffer, 0, lines::add);
            require(Optional.of(connection).filter(Connection::isClosed).isEmpty(), "it stays open");
        }
        return lines;
    }
}
