package dev.soleinit.pidns;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;

/** Listens where a supervisor would, reads what it is asked, answers always the same, and closes. */
final class StrangeServer implements AutoCloseable {
    private final ServerSocketChannel listener;
    private final Path socket;
    private final byte[] answer;
    private final AtomicInteger connections = new AtomicInteger();

    StrangeServer(Path runDir, String answer) throws IOException {
        this.socket = Files.createDirectories(runDir).resolve("control.sock");
        this.answer = answer.getBytes(StandardCharsets.UTF_8);
        this.listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        listener.bind(UnixDomainSocketAddress.of(socket));
        Thread.ofPlatform().daemon().start(this::run);
    }

    private void run() {
        while (listener.isOpen()) {
            try (SocketChannel caller = listener.accept()) {
                connections.incrementAndGet();
                caller.read(ByteBuffer.allocate(4096));
                ByteBuffer bytes = ByteBuffer.wrap(answer);
                while (bytes.hasRemaining()) {
                    caller.write(bytes);
                }
            } catch (IOException left) {
                // the next one
            }
        }
    }

    /** How often somebody has connected. */
    int connections() {
        return connections.get();
    }

    @Override
    public void close() throws IOException {
        listener.close();
        Files.deleteIfExists(socket);
    }
}
