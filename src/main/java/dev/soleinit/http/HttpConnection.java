package dev.soleinit.http;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;

/**
 * One client: what it has sent of its request, what it has not yet taken of the answer, and until when
 * it has time for either. Used on the server's thread.
 */
final class HttpConnection {
    /** From the first byte of a request to its last, and from one request to the next. */
    private static final long MAX_READ_NANOS = 5_000_000_000L;
    private static final long MAX_IDLE_NANOS = 30_000_000_000L;
    /** Without a byte taken. */
    private static final long MAX_WRITE_NANOS = 5_000_000_000L;
    /** For the client to close, too: what it still sends would else take the answer from it. */
    private static final long MAX_CLOSE_NANOS = 1_000_000_000L;
    /** Of a follower of events that does not read. */
    private static final int MAX_WAITING_BYTES = 256 * 1024;
    private static final int FIRST_BYTES = 512;

    /** What it is doing. */
    enum Phase { READING, WAITING, WRITING, FOLLOWING, CLOSING }

    private final SocketChannel channel;
    private final SelectionKey key;
    private final Deque<ByteBuffer> out = new ArrayDeque<>();
    private byte[] in = new byte[FIRST_BYTES];
    private int used;
    private int waitingBytes;
    private boolean closesAfterwards;
    private Phase phase = Phase.READING;
    private long deadline;
    private RequestHead request;

    HttpConnection(SocketChannel channel, SelectionKey key, long now) {
        this.channel = channel;
        this.key = key;
        this.deadline = now + MAX_READ_NANOS;
    }

    Phase phase() {
        return phase;
    }

    long deadline() {
        return deadline;
    }

    /** The request that waits for its answer. */
    RequestHead request() {
        return request;
    }

    /** Takes what has come; false at the end, or if nothing more may come. */
    boolean read(ByteBuffer buffer, long now) throws IOException {
        buffer.clear();
        int count = channel.read(buffer);
        if (count < 0 || count == 0) {
            return count == 0;
        }
        if (phase == Phase.FOLLOWING || phase == Phase.CLOSING) {
            return true;
        }
        if (used == 0 && phase == Phase.READING) {
            deadline = now + MAX_READ_NANOS;
        }
        if (used + count > 2 * RequestHead.MAX_BYTES) {
            return false;
        }
        if (used + count > in.length) {
            in = Arrays.copyOf(in, Math.max(2 * in.length, used + count));
        }
        buffer.flip();
        buffer.get(in, used, count);
        used += count;
        return true;
    }

    /**
     * The next request, if all of it has come; null if not, or if an earlier one is not yet answered.
     *
     * @throws RequestHead.Unacceptable if it will be none
     */
    RequestHead nextRequest() throws RequestHead.Unacceptable {
        if (phase != Phase.READING) {
            return null;
        }
        int begin = 0;
        while (begin < used && (in[begin] == '\r' || in[begin] == '\n')) {
            begin++;
        }
        drop(begin);
        int length = RequestHead.length(in, used);
        if (length > RequestHead.MAX_BYTES || length == 0 && used > RequestHead.MAX_BYTES) {
            throw new RequestHead.Unacceptable(Response.text(431, "the header is too long"));
        }
        if (length == 0) {
            return null;
        }
        request = RequestHead.parse(in, length);
        drop(length);
        return request;
    }

    private void drop(int count) {
        System.arraycopy(in, count, in, 0, used - count);
        used -= count;
        if (used == 0 && in.length > FIRST_BYTES) {
            in = new byte[FIRST_BYTES];
        }
    }

    /** It has to wait for its answer until then. */
    void await(long until) {
        phase = Phase.WAITING;
        deadline = until;
    }

    void answer(Response response, long now) throws IOException {
        closesAfterwards = !request.keepAlive();
        send(response, request.method().equals("HEAD"), now);
    }

    /** The last answer that it gets. */
    void refuse(Response response, long now) throws IOException {
        closesAfterwards = true;
        send(response, false, now);
    }

    private void send(Response response, boolean headOnly, long now) throws IOException {
        phase = Phase.WRITING;
        for (ByteBuffer part : response.bytes(headOnly, !closesAfterwards)) {
            out.add(part);
        }
        deadline = now + MAX_WRITE_NANOS;
        flush(now);
    }

    /** From now on it gets events. */
    void follow(byte[] head, long now) throws IOException {
        phase = Phase.FOLLOWING;
        deadline = Long.MAX_VALUE;
        append(head);
        flush(now);
    }

    /** Adds to what a follower gets; one that does not read is given up. */
    void append(byte[] event) throws IOException {
        waitingBytes += event.length;
        if (waitingBytes > MAX_WAITING_BYTES) {
            throw new IOException("it does not read");
        }
        out.add(ByteBuffer.wrap(event));
    }

    /** Sends what the client takes now. */
    void flush(long now) throws IOException {
        while (!out.isEmpty()) {
            int count = channel.write(out.peek());
            waitingBytes -= phase == Phase.FOLLOWING ? count : 0;
            if (count > 0 && phase == Phase.WRITING) {
                deadline = now + MAX_WRITE_NANOS;
            }
            if (out.peek().hasRemaining()) {
                key.interestOps(SelectionKey.OP_WRITE | SelectionKey.OP_READ);
                return;
            }
            out.remove();
        }
        key.interestOps(SelectionKey.OP_READ);
        if (phase == Phase.WRITING && closesAfterwards) {
            channel.shutdownOutput();
            phase = Phase.CLOSING;
            deadline = now + MAX_CLOSE_NANOS;
        } else if (phase == Phase.WRITING) {
            phase = Phase.READING;
            request = null;
            deadline = now + MAX_IDLE_NANOS;
        }
    }

    void close() {
        try {
            channel.close();
        } catch (IOException gone) {
            // it is
        }
    }
}
