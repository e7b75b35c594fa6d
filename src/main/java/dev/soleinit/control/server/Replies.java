package dev.soleinit.control.server;

import dev.soleinit.control.DaemonMessage;
import dev.soleinit.control.ErrorCodes;
import dev.soleinit.control.ReplyTo;
import dev.soleinit.control.Request;
import dev.soleinit.control.RequestParser;
import dev.soleinit.control.text.CommandOutput;
import dev.soleinit.control.text.Printing;
import dev.soleinit.json.Json;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What goes out over one connection. Requests are answered in their order: an answer that is ready
 * before an earlier one waits for it, and its notices with it. The daemon's own messages, and what
 * the supervisor asks the daemon, wait for nothing. For any thread; nothing here blocks: a caller
 * that does not read is cut off at 1 MiB.
 */
final class Replies {
    /** All connections together then fit the inbox, which so never has to refuse a request. */
    private static final int MAX_UNANSWERED = 8;
    private static final int MAX_OUTGOING = 1 << 20;
    private static final byte[] NOTHING = {};

    private final Runnable wake;
    private final Deque<Reply> inOrder = new ArrayDeque<>();
    private final Deque<ByteBuffer> outgoing = new ArrayDeque<>();
    /** Answers that are not in words yet. */
    private final Deque<Unprinted> unprinted = new ArrayDeque<>();
    private int outgoingBytes;
    private int unanswered;
    private int unansweredRequests;
    private int unansweredWaits;
    private boolean following;
    private long attachedAt;
    private long lastUse;
    /** Volatile: who asks does not wait for the lock. */
    private volatile boolean gone;

    Replies(long now, Runnable wake) {
        this.lastUse = now;
        this.wake = wake;
    }

    // ---- what is owed

    synchronized void used(long now) {
        lastUse = now;
    }

    /** The connection has been closed: what is said from now on reaches nobody. */
    void gone() {
        gone = true;
    }

    boolean areGone() {
        return gone;
    }

    synchronized long lastUse() {
        return lastUse;
    }

    /** Whether one more request may be taken. */
    synchronized boolean haveRoom() {
        return unansweredRequests < MAX_UNANSWERED;
    }

    /** Whether the daemon speaks here. */
    boolean areAttached() {
        return attachedAt() != 0;
    }

    /** When the daemon attached with it; 0 if it has not. */
    synchronized long attachedAt() {
        return attachedAt;
    }

    /** Nothing is owed, and nothing is to come. */
    synchronized boolean areIdle() {
        return unanswered == 0 && !following && attachedAt == 0;
    }

    /** Only what changes nothing is waited for. */
    synchronized boolean onlyWatch() {
        return unanswered == unansweredWaits && attachedAt == 0;
    }

    /** Everything that there was to say has been said. */
    synchronized boolean areSent() {
        return outgoing.isEmpty() && inOrder.isEmpty();
    }

    /** The same where nothing more is asked: only who follows the events goes on. */
    synchronized boolean areOver() {
        return areSent() && unanswered == 0 && !following;
    }

    synchronized boolean overflowed() {
        return outgoingBytes > MAX_OUTGOING;
    }

    // ---- what goes out

    /** Writes what it can; whether that was all. */
    synchronized boolean writeTo(SocketChannel channel) throws IOException {
        while (!outgoing.isEmpty()) {
            ByteBuffer next = outgoing.peek();
            outgoingBytes -= channel.write(next);
            if (next.hasRemaining()) {
                return false;
            }
            outgoing.remove();
        }
        return true;
    }

    /** Puts into words what is to be printed: on the server's thread, so that the loop waits for none. */
    void print() {
        while (true) {
            Unprinted next;
            synchronized (this) {
                next = unprinted.poll();
            }
            if (next == null) {
                return;
            }
            byte[] bytes = printed(next);
            synchronized (this) {
                next.reply().finish(bytes);
            }
        }
    }

    /** What was asked has been done: so nothing that is asked again may come of it. */
    private static byte[] printed(Unprinted next) {
        try {
            return next.output().frame();
        } catch (RuntimeException | OutOfMemoryError broken) {
            return new CommandOutput(CommandOutput.FAILED, "",
                    "Cannot put the answer into words: " + broken).frame();
        }
    }

    ReplyTo replyTo(RequestParser.Line line) {
        Optional<Object> id = line.id();
        Request request = line.request();
        Reply reply = new Reply(id.orElse(null), id.isPresent() && !(request instanceof DaemonMessage),
                id.isPresent(), request, line.printing());
        synchronized (this) {
            unanswered++;
            unansweredRequests += reply.isRequest() ? 1 : 0;
            unansweredWaits += reply.isWait() ? 1 : 0;
            following |= request instanceof Request.Subscribe(boolean follow, var _) && follow;
            if (reply.ordered) {
                inOrder.add(reply);
            }
        }
        return reply;
    }

    /** In its order, an answer to what is no request that could be taken. */
    synchronized void error(Object id, int code, String message) {
        Reply reply = new Reply(id, true, true, new Request.Status(), Optional.empty());
        inOrder.add(reply);
        reply.answer(bytes(failure(id, code, message, Map.of())));
    }

    /** Answers whatever is open with the same error. */
    synchronized void abandon(int code, String message) {
        List<Reply> open = inOrder.stream().filter(reply -> !reply.answered).toList();
        if (open.isEmpty()) {
            error(null, code, message);
        }
        open.forEach(reply -> reply.answer(bytes(failure(reply.id, code, message, Map.of()))));
    }

    private void send(byte[] bytes) {
        if (accepts(bytes)) {
            outgoing.add(ByteBuffer.wrap(bytes));
        }
    }

    private boolean accepts(byte[] bytes) {
        boolean accepted = !gone && !overflowed();
        outgoingBytes += accepted ? bytes.length : 0;
        return accepted;
    }

    private static byte[] bytes(Map<String, Object> message) {
        return (Json.write(message) + "\n").getBytes(StandardCharsets.UTF_8);
    }

    private void sendWhatIsInOrder() {
        while (!inOrder.isEmpty() && inOrder.peek().answered) {
            Reply next = inOrder.remove();
            next.ordered = false;
            next.held.forEach(bytes -> outgoing.add(ByteBuffer.wrap(bytes)));
            next.held.clear();
        }
    }

    private static Map<String, Object> envelope(Object id) {
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("jsonrpc", "2.0");
        answer.put("id", id);
        return answer;
    }

    private static Map<String, Object> failure(Object id, int code, String message,
            Map<String, Object> data) {
        Map<String, Object> error = new LinkedHashMap<>();
        error.put("code", code);
        error.put("message", message);
        if (!data.isEmpty()) {
            error.put("data", data);
        }
        Map<String, Object> answer = envelope(id);
        answer.put("error", error);
        return answer;
    }

    /** An answer or, without fields, an error. */
    private record Unprinted(Reply reply, Printing printing, Map<String, Object> fields, int code,
            String message) {
        CommandOutput output() {
            return fields == null ? printing.refusal(code, message) : printing.result(fields);
        }
    }

    /** The answer to one request. Its state belongs to the lock of all. */
    private final class Reply implements ReplyTo {
        private final Object id;
        private final boolean wanted;
        private final Request request;
        private final List<byte[]> held = new ArrayList<>();
        private final Optional<Printing> printing;
        private boolean ordered;
        private boolean answered;

        Reply(Object id, boolean ordered, boolean wanted, Request request, Optional<Printing> printing) {
            this.printing = printing;
            this.id = id;
            this.ordered = ordered;
            this.wanted = wanted;
            this.request = request;
        }

        @Override
        public boolean isAwaited() {
            return wanted;
        }

        boolean isRequest() {
            return !(request instanceof DaemonMessage);
        }

        boolean isWait() {
            return request instanceof Request.Wait;
        }

        @Override
        public void result(Map<String, Object> fields) {
            if (printing.isPresent()) {
                printLater(new Unprinted(this, printing.get(), fields, 0, ""));
                return;
            }
            Map<String, Object> answer = envelope(id);
            answer.put("result", fields);
            finish(answer);
        }

        /** Who is to come again gets no words, for the launcher leaves that to the CLI. */
        @Override
        public void error(int code, String message, Map<String, Object> data) {
            if (printing.isPresent() && code != ErrorCodes.BUSY) {
                printLater(new Unprinted(this, printing.get(), null, code, message));
                return;
            }
            finish(failure(id, code, message, data));
        }

        private void printLater(Unprinted answer) {
            synchronized (Replies.this) {
                unprinted.add(answer);
            }
            wake.run();
        }

        private void finish(Map<String, Object> answer) {
            synchronized (Replies.this) {
                finish(wanted && !answered ? bytes(answer) : NOTHING);
            }
            wake.run();
        }

        private void finish(byte[] bytes) {
            if (!answered) {
                unanswered--;
                unansweredRequests -= isRequest() ? 1 : 0;
                unansweredWaits -= isWait() ? 1 : 0;
                lastUse = System.nanoTime();
                answer(bytes);
            }
        }

        private void answer(byte[] bytes) {
            if (wanted) {
                put(bytes);
            }
            answered = true;
            sendWhatIsInOrder();
        }

        private void put(byte[] bytes) {
            if (!ordered) {
                send(bytes);
            } else if (accepts(bytes)) {
                held.add(bytes);
            }
        }

        @Override
        public void notice(String method, Map<String, Object> params) {
            Map<String, Object> notice = new LinkedHashMap<>();
            notice.put("jsonrpc", "2.0");
            notice.put("method", method);
            notice.put("params", params);
            synchronized (Replies.this) {
                put(bytes(notice));
            }
            wake.run();
        }

        @Override
        public void request(long number, String method, Map<String, Object> params) {
            Map<String, Object> asked = new LinkedHashMap<>();
            asked.put("jsonrpc", "2.0");
            asked.put("id", number);
            asked.put("method", method);
            asked.put("params", params);
            synchronized (Replies.this) {
                send(bytes(asked));
            }
            wake.run();
        }

        @Override
        public Object connection() {
            return Replies.this;
        }

        @Override
        public void keepOpen() {
            synchronized (Replies.this) {
                attachedAt = System.nanoTime();
            }
        }

        @Override
        public boolean isClosed() {
            return gone;
        }
    }
}
