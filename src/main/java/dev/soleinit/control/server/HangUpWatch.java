package dev.soleinit.control.server;

import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds out who has closed a connection altogether among those that are not read from. At the end
 * of its input a caller may still wait for its answer (a half-close, as {@code socat} does), and
 * reading on would only tell that end again. The kernel tells the two apart with POLLHUP, which
 * Java passes on for whatever a key is interested in; a connected channel that is interested in
 * OP_CONNECT alone is therefore ready exactly when its peer has gone. Since it counts as writable
 * all the while, such a selector cannot be waited on, but it can be asked. Used on the server's
 * thread.
 */
final class HangUpWatch {
    private Selector selector;
    private int watched;

    /** Whether there is anybody to ask about. */
    boolean isEmpty() {
        return watched == 0;
    }

    /** Follows the connection if it is not read from. */
    void follow(Connection connection) throws IOException {
        SocketChannel channel = connection.channel();
        SelectionKey key = selector == null ? null : channel.keyFor(selector);
        boolean now = key != null && key.interestOps() != 0;
        if (now == !connection.isRead()) {
            return;
        }
        if (key == null) {
            selector = selector == null ? Selector.open() : selector;
            channel.register(selector, SelectionKey.OP_CONNECT, connection);
        } else {
            key.interestOps(now ? 0 : SelectionKey.OP_CONNECT);
        }
        watched += now ? -1 : 1;
    }

    /** To be called for a connection before it is closed. */
    void forget(Connection connection) throws IOException {
        SelectionKey key = selector == null ? null : connection.channel().keyFor(selector);
        if (key != null && key.isValid()) {
            watched -= key.interestOps() != 0 ? 1 : 0;
            key.cancel();
            // a descriptor is closed only when no selector has it any more
            selector.selectNow();
        }
    }

    /** Those whose peers have gone. */
    List<Connection> gone() throws IOException {
        List<Connection> all = new ArrayList<>();
        if (watched > 0) {
            selector.selectNow();
            for (SelectionKey key : selector.selectedKeys()) {
                if (key.isValid() && key.interestOps() != 0) {
                    all.add((Connection) key.attachment());
                }
            }
            selector.selectedKeys().clear();
        }
        return all;
    }

    void close() throws IOException {
        if (selector != null) {
            selector.close();
        }
    }
}
