package dev.soleinit.control;

import dev.soleinit.json.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * One caller's connection. Reading and writing belong to the server's thread; {@link #send} may be
 * called from any thread and never waits: a caller that does not read is cut off at 1 MiB.
 */
final class Connection {
    private static final int LONGEST_LINE = 1 << 20;
    private static final int MOST_OUTGOING = 1 << 20;

    private final SocketChannel channel;
    private final SelectionKey key;
    private final String user;
    private final boolean mayAsk;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private final Deque<ByteBuffer> outgoing = new ArrayDeque<>();
    private int outgoingBytes;
    private int pending;
    private boolean subscribed;
    private boolean closeWhenSent;
    private boolean speaksForTheDaemon;
    private boolean attachOnly;
    private volatile boolean gone;
    private long lastUse;

    Connection(SocketChannel channel, SelectionKey key, String user, boolean mayAsk, long now) {
        this.mayAsk = mayAsk;
        this.channel = channel;
        this.key = key;
        this.user = user;
        this.lastUse = now;
    }

    String user() {
        return user;
    }

    boolean isGone() {
        return gone;
    }

    /** Words have come over it: the loop wants to know when it ends. */
    boolean speaksForTheDaemon() {
        return speaksForTheDaemon;
    }

    void spokeForTheDaemon() {
        speaksForTheDaemon = true;
    }

    /** It is the supervisor's user's or root's, not the daemon's. */
    boolean mayAsk() {
        return mayAsk;
    }

    /** There is no room but for the daemon. */
    boolean isAttachOnly() {
        return attachOnly;
    }

    void attachOnly(boolean now) {
        attachOnly = now;
    }

    // ---- the server's thread

    /** Reads what is there and hands over each whole line; false if the caller has left. */
    boolean read(ByteBuffer buffer, long now, Consumer<String> lines) throws IOException {
        buffer.clear();
        int size = channel.read(buffer);
        if (size < 0) {
            return false;
        }
        lastUse = now;
        for (int i = 0; i < size && !gone && !closeWhenSent; i++) {
            byte one = buffer.get(i);
            if (one != '\n') {
                line.write(one);
            } else {
                String text = line.toString(StandardCharsets.UTF_8);
                line.reset();
                lines.accept(text);
            }
            if (line.size() > LONGEST_LINE) {
                refuse(ErrorCodes.INVALID_REQUEST, "a line has at most 1 MiB");
            }
        }
        return true;
    }

    /** Says why, and closes once that has been sent. */
    void refuse(int code, String message) {
        error(null, code, message, Map.of());
        closeWhenSent = true;
    }

    /** Writes what it can; false if the connection is to be closed. */
    synchronized boolean write() throws IOException {
        while (!outgoing.isEmpty()) {
            ByteBuffer next = outgoing.peek();
            outgoingBytes -= channel.write(next);
            if (next.hasRemaining()) {
                key.interestOps(SelectionKey.OP_READ | SelectionKey.OP_WRITE);
                return true;
            }
            outgoing.remove();
        }
        key.interestOps(SelectionKey.OP_READ);
        return !closeWhenSent;
    }

    boolean idleSince(long nanos) {
        synchronized (this) {
            return pending == 0 && !subscribed && lastUse < nanos;
        }
    }

    void close() {
        gone = true;
        key.cancel();
        try {
            channel.close();
        } catch (IOException alreadyGone) {
            // nobody is left to tell
        }
    }

    // ---- any thread

    ReplyTo replyTo(Optional<Object> id, boolean subscription, Runnable wake) {
        synchronized (this) {
            pending++;
            subscribed |= subscription;
        }
        return new Reply(id, wake);
    }

    synchronized boolean overflowed() {
        return outgoingBytes > MOST_OUTGOING;
    }

    private synchronized void send(Map<String, Object> message) {
        if (gone || overflowed()) {
            return;
        }
        byte[] bytes = (Json.write(message) + "\n").getBytes(StandardCharsets.UTF_8);
        outgoing.add(ByteBuffer.wrap(bytes));
        outgoingBytes += bytes.length;
    }

    void error(Object id, int code, String message, Map<String, Object> data) {
        Map<String, Object> error = new LinkedHashMap<>();
        error.put("code", code);
        error.put("message", message);
        if (!data.isEmpty()) {
            error.put("data", data);
        }
        Map<String, Object> answer = envelope(id);
        answer.put("error", error);
        send(answer);
    }

    private static Map<String, Object> envelope(Object id) {
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("jsonrpc", "2.0");
        answer.put("id", id);
        return answer;
    }

    private final class Reply implements ReplyTo {
        private final Optional<Object> id;
        private final Runnable wake;

        Reply(Optional<Object> id, Runnable wake) {
            this.id = id;
            this.wake = wake;
        }

        @Override
        public void result(Map<String, Object> fields) {
            if (id.isPresent()) {
                Map<String, Object> answer = envelope(id.get());
                answer.put("result", fields);
                send(answer);
            }
            answered();
        }

        @Override
        public void error(int code, String message, Map<String, Object> data) {
            if (id.isPresent()) {
                Connection.this.error(id.get(), code, message, data);
            }
            answered();
        }

        private void answered() {
            synchronized (Connection.this) {
                pending--;
                lastUse = System.nanoTime();
            }
            wake.run();
        }

        @Override
        public void notice(String method, Map<String, Object> params) {
            Map<String, Object> notice = new LinkedHashMap<>();
            notice.put("jsonrpc", "2.0");
            notice.put("method", method);
            notice.put("params", params);
            send(notice);
            wake.run();
        }

        @Override
        public void request(long number, String method, Map<String, Object> params) {
            Map<String, Object> request = new LinkedHashMap<>();
            request.put("jsonrpc", "2.0");
            request.put("id", number);
            request.put("method", method);
            request.put("params", params);
            send(request);
            wake.run();
        }

        @Override
        public Object connection() {
            return Connection.this;
        }

        @Override
        public void keepOpen() {
            synchronized (Connection.this) {
                subscribed = true;
            }
        }

        @Override
        public boolean isGone() {
            return gone;
        }
    }
}
