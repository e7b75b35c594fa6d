package dev.soleinit.spring.server;

import java.io.IOException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/**
 * Accepts on one thread, and can be told to leave connections in the backlog without taking one more:
 * a thread in accept(2) could only be woken by a connection, which it would then have to drop.
 */
final class Acceptor implements AutoCloseable {
    private final ServerSocketChannel channel;
    private final Selector selector;
    private final SelectionKey key;
    private final Object accepting = new Object();
    private boolean stopped;
    private volatile boolean released;

    /** The channel becomes this one's. */
    Acceptor(ServerSocketChannel channel) throws IOException {
        this.channel = channel;
        channel.configureBlocking(false);
        this.selector = Selector.open();
        this.key = channel.register(selector, SelectionKey.OP_ACCEPT);
    }

    ServerSocketChannel channel() {
        return channel;
    }

    /** When this returns, nothing is accepted any more, or again. */
    void accept(boolean wanted) {
        synchronized (accepting) {
            stopped = !wanted;
            if (key.isValid()) {
                key.interestOps(wanted ? SelectionKey.OP_ACCEPT : 0);
            }
        }
        selector.wakeup();
    }

    /** The next connection, in blocking mode; null once {@link #release} was called. */
    SocketChannel next() throws IOException {
        try {
            while (!released) {
                selector.select();
                // not before there is one: O_NONBLOCK belongs to all who have this socket, and whoever
                // is started with it beside us may have taken it off
                SocketChannel connection = selector.selectedKeys().remove(key) ? acceptOne() : null;
                if (connection != null) {
                    return connection;
                }
            }
        } catch (ClosedSelectorException closed) {
            return null;
        }
        released = false;
        return null;
    }

    private SocketChannel acceptOne() throws IOException {
        synchronized (accepting) {
            return stopped ? null : channel.accept();
        }
    }

    /** Has {@link #next} return without a connection, once. */
    void release() {
        released = true;
        selector.wakeup();
    }

    @Override
    public void close() throws IOException {
        try (selector) {
            channel.close();
        }
    }
}
