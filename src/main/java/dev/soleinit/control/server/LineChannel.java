package dev.soleinit.control.server;

import dev.soleinit.control.client.SupervisorUnreachableException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Lines over a connection to the control socket, none of which waits longer than until a deadline
 * (of {@link System#nanoTime}). For one thread.
 */
public final class LineChannel implements AutoCloseable {
    /** More than a supervisor sends at once. */
    private static final int MAX_LINE = 4 << 20;

    private final SocketChannel channel;
    private final ByteBuffer input = ByteBuffer.allocate(16 * 1024).limit(0);
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private Selector selector;
    private SelectionKey key;

    private LineChannel(SocketChannel channel) {
        this.channel = channel;
    }

    /** Empty if the backlog is full; a blocking connect would wait in the kernel without bound. */
    public static Optional<LineChannel> open(Path socket) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        boolean connected = false;
        try {
            channel.configureBlocking(false);
            connected = channel.connect(UnixDomainSocketAddress.of(socket));
            return connected ? Optional.of(new LineChannel(channel)) : Optional.empty();
        } catch (SocketException failed) {
            // of the errors of unix(7) only EAGAIN is neither of these; Java keeps no number
            if (failed instanceof ConnectException || !Files.isWritable(socket)) {
                throw failed;
            }
            return Optional.empty();
        } finally {
            if (!connected) {
                channel.close();
            }
        }
    }

    /** False if it could not be written until then. */
    public boolean write(String text, long deadline) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap((text + "\n").getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            if (write(bytes) == 0 && !await(SelectionKey.OP_WRITE, deadline)) {
                return false;
            }
        }
        return true;
    }

    /** A server with no room says so and closes without reading; its word is still there. */
    private int write(ByteBuffer bytes) {
        try {
            return channel.write(bytes);
        } catch (IOException refused) {
            bytes.position(bytes.limit());
            return 1;
        }
    }

    /** Without its line break; empty if there is none until then. */
    public Optional<String> readLine(long deadline) throws IOException {
        while (true) {
            while (input.hasRemaining()) {
                byte next = input.get();
                if (next == '\n') {
                    String text = line.toString(StandardCharsets.UTF_8);
                    line.reset();
                    return Optional.of(text);
                }
                line.write(next);
                if (line.size() > MAX_LINE) {
                    throw new IOException("the supervisor sent a line of more than " + (MAX_LINE >> 20)
                            + " MiB");
                }
            }
            if (read() == 0 && !await(SelectionKey.OP_READ, deadline)) {
                return Optional.empty();
            }
        }
    }

    /** One that ends with our request unread resets the connection; that is no other news. */
    private int read() throws IOException {
        input.clear();
        try {
            int size = channel.read(input);
            if (size < 0) {
                throw closed(null);
            }
            return size;
        } catch (SocketException reset) {
            throw closed(reset);
        } finally {
            input.flip();
        }
    }

    public static SupervisorUnreachableException closed(SocketException reset) {
        return new SupervisorUnreachableException("the supervisor closed the connection", reset);
    }

    /** Whether it is worth another try. */
    private boolean await(int operation, long deadline) throws IOException {
        long left = deadline - System.nanoTime();
        if (left <= 0) {
            return false;
        }
        if (selector == null) {
            selector = Selector.open();
            key = channel.register(selector, operation);
        }
        try {
            key.interestOps(operation);
            selector.select(left / 1_000_000 + 1);
            selector.selectedKeys().clear();
        } catch (ClosedSelectorException | CancelledKeyException closed) {
            throw new AsynchronousCloseException();
        }
        if (Thread.currentThread().isInterrupted()) {
            throw interrupted();
        }
        return true;
    }

    public static InterruptedIOException interrupted() {
        Thread.currentThread().interrupt();
        return new InterruptedIOException("interrupted");
    }

    @Override
    public void close() throws IOException {
        channel.close();
        if (selector != null) {
            selector.close();
        }
    }
}
