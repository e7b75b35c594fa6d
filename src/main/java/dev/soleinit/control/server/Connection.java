package dev.soleinit.control.server;

import dev.soleinit.control.ErrorCodes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * One caller's connection. Reading and writing belong to the server's thread; what goes out is
 * put together by {@link Replies}, for any thread. A caller that has as many requests unanswered
 * as {@link Replies} allows is read no further until one of them is answered.
 */
public final class Connection {
    private static final int MAX_LINE = 1 << 20;

    private final SocketChannel channel;
    private final SelectionKey key;
    private final Peers.Peer peer;
    private final Replies replies;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    /** What has been read and waits until there may be one more request; null for nothing. */
    private ByteBuffer unread;
    private int interest = SelectionKey.OP_READ;
    private boolean inputEnded;
    private boolean closeWhenSent;
    private boolean speaksForTheDaemon;
    private boolean attachOnly;

    public Connection(SocketChannel channel, SelectionKey key, Peers.Peer peer, long now, Runnable wake) {
        this.channel = channel;
        this.key = key;
        this.peer = peer;
        this.replies = new Replies(now, wake);
    }

    String user() {
        return peer.user();
    }

    SocketChannel channel() {
        return channel;
    }

    Replies replies() {
        return replies;
    }

    /** For any thread. */
    public boolean isClosed() {
        return replies.areGone();
    }

    /** Words have come over it: the loop wants to know when it ends. */
    boolean speaksForTheDaemon() {
        return speaksForTheDaemon;
    }

    void spokeForTheDaemon() {
        speaksForTheDaemon = true;
    }

    /** It is the supervisor's user's or root's, not the daemon's. */
    boolean isPermitted() {
        return peer.isPermitted();
    }

    /** There is no room but for the daemon. */
    boolean isAttachOnly() {
        return attachOnly;
    }

    void attachOnly(boolean onlyAttach) {
        attachOnly = onlyAttach;
    }

    // ---- the server's thread

    /** Reads what is there and hands over each whole line, as many as may be taken. */
    public void read(ByteBuffer buffer, long now, Consumer<String> lines) throws IOException {
        buffer.clear();
        int size = channel.read(buffer);
        if (size < 0) {
            inputEnded = true;
            endLine(lines);
            return;
        }
        replies.used(now);
        consume(buffer.flip(), lines);
    }

    /** Goes on with what has been read already, as far as there is room again. */
    void resume(Consumer<String> lines) {
        if (unread != null && takesMore()) {
            ByteBuffer rest = unread;
            unread = null;
            consume(rest, lines);
        }
    }

    private void consume(ByteBuffer bytes, Consumer<String> lines) {
        while (bytes.hasRemaining() && !isClosed() && !closeWhenSent) {
            if (!takesMore()) {
                unread = ByteBuffer.allocate(bytes.remaining()).put(bytes).flip();
                return;
            }
            byte next = bytes.get();
            if (next == '\n') {
                endLine(lines);
            } else {
                line.write(next);
            }
            if (line.size() > MAX_LINE) {
                refuse(ErrorCodes.INVALID_REQUEST, "a line has at most 1 MiB");
            }
        }
    }

    /** The last line counts also without its line break. */
    private void endLine(Consumer<String> lines) {
        if (line.size() > 0) {
            String text = line.toString(StandardCharsets.UTF_8);
            line.reset();
            lines.accept(text);
        }
    }

    private boolean takesMore() {
        return replies.haveRoom() || replies.areAttached();
    }

    /** Whether the socket tells of its end by itself: only who is read is heard to leave. */
    boolean isRead() {
        return !inputEnded && unread == null && !closeWhenSent && takesMore();
    }

    /** Says why, and closes once that has been sent. */
    void refuse(int code, String message) {
        replies.error(null, code, message);
        closeWhenSent = true;
    }

    /** Makes room for somebody else: whatever it waits for is answered "busy". */
    void evict(String message) {
        replies.abandon(ErrorCodes.BUSY, message);
        closeWhenSent = true;
        try {
            replies.writeTo(channel);
        } catch (IOException left) {
            // it is closed in any case
        }
        close();
    }

    /** Writes what it can; false if the connection is to be closed. */
    boolean write() throws IOException {
        replies.print();
        boolean all = replies.writeTo(channel);
        int wanted = (isRead() ? SelectionKey.OP_READ : 0) | (all ? 0 : SelectionKey.OP_WRITE);
        if (wanted != interest) {
            interest = wanted;
            key.interestOps(wanted);
        }
        boolean finished = closeWhenSent ? replies.areSent() : inputEnded && replies.areOver();
        return !finished;
    }

    void close() {
        replies.gone();
        key.cancel();
        try {
            channel.close();
        } catch (IOException alreadyGone) {
            // nobody is left to tell
        }
    }
}
