package dev.soleinit.example;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/**
 * One connection: reads one request, has it handled, and answers. What cannot be understood gets
 * 400, 408 (10 s for the whole request), 411, 413, 417 or 431 and reaches no handler. After an
 * answer it waits, for at most 1 s, until the client has closed: a connection that is closed with
 * something unread is reset, and that would cut the answer.
 */
final class Exchange {
    private static final System.Logger LOG = System.getLogger("node");
    private static final long REQUEST_NANOS = Duration.ofSeconds(10).toNanos();
    private static final long ANSWER_NANOS = Duration.ofSeconds(10).toNanos();
    private static final long LINGER_NANOS = Duration.ofSeconds(1).toNanos();
    private static final long YOUNG_NANOS = Duration.ofSeconds(1).toNanos();
    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern(
            "EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT);

    private enum Phase { READING, WORKING, ANSWERING }

    private final Socket socket;
    private final long came = System.nanoTime();
    private final StringBuilder headers = new StringBuilder();
    private volatile Request request;
    private Phase phase = Phase.READING;
    private boolean hurried;
    private Thread thread;
    private long answered;

    Exchange(Socket socket) {
        this.socket = socket;
    }

    // ---- for the handler

    /** As it was sent: {@code GET}, {@code POST}. */
    String method() {
        return request.method();
    }

    /** Decoded, begins with a slash. */
    String path() {
        return request.path();
    }

    /** The first one of that name in the query, decoded. */
    String parameter(String name, String otherwise) {
        return request.parameter(name, otherwise);
    }

    /** Adds one to the answer. */
    void header(String name, String value) {
        headers.append(name).append(": ").append(value).append("\r\n");
    }

    /** Sends the one answer; when this returns it is the kernel's. */
    void answer(int code, String text) throws IOException {
        synchronized (this) {
            if (phase == Phase.ANSWERING) {
                throw new IllegalStateException("answered already");
            }
            phase = Phase.ANSWERING;
            answered = System.nanoTime();
            // from now on nobody interrupts; what was interrupted just before is answered, too
            Thread.interrupted();
        }
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        header("Content-Type", text.startsWith("{") ? "application/json"
                : "text/plain; charset=utf-8");
        header("Content-Length", Integer.toString(body.length));
        header("Date", DATE.format(ZonedDateTime.now(ZoneOffset.UTC)));
        byte[] head = ("HTTP/1.1 " + code + " " + reason(code) + "\r\nConnection: close\r\n"
                + headers + "\r\n").getBytes(StandardCharsets.ISO_8859_1);
        boolean bare = request != null && request.method().equals("HEAD");
        byte[] whole = new byte[head.length + (bare ? 0 : body.length)];
        System.arraycopy(head, 0, whole, 0, head.length);
        System.arraycopy(body, 0, whole, head.length, whole.length - head.length);
        socket.getOutputStream().write(whole);
        socket.shutdownOutput();
    }

    private static String reason(int code) {
        return switch (code) {
            case 200 -> "OK";
            case 400 -> "Bad Request";
            case 405 -> "Method Not Allowed";
            case 408 -> "Request Timeout";
            case 409 -> "Conflict";
            case 411 -> "Length Required";
            case 413 -> "Content Too Large";
            case 417 -> "Expectation Failed";
            case 431 -> "Request Header Fields Too Large";
            case 500 -> "Internal Server Error";
            case 503 -> "Service Unavailable";
            default -> "";
        };
    }

    // ---- the connection's own thread

    void run(Http.Handler handler) {
        try (socket) {
            if (serve(handler)) {
                linger();
            }
        } catch (IOException gone) {
            // the client is not there any more
        } catch (InterruptedException stop) {
            // it sees its connection end
        } catch (Exception broken) {
            LOG.log(System.Logger.Level.WARNING, "a handler failed", broken);
        }
    }

    /** Whether there was an answer. */
    private boolean serve(Http.Handler handler) throws Exception {
        try {
            request = Request.read((into, from) -> receive(into, from, came + REQUEST_NANOS));
        } catch (Request.Refused refused) {
            answer(refused.code(), refused.getMessage() + "\n");
            return true;
        } catch (SocketTimeoutException slow) {
            answer(408, "no whole request within 10 s\n");
            return true;
        }
        if (request == null) {
            return false;
        }
        work();
        try {
            handler.handle(this);
        } catch (RuntimeException broken) {
            if (!isAnswered()) {
                LOG.log(System.Logger.Level.WARNING, "a handler failed", broken);
                answer(500, "internal error\n");
            }
        }
        return isAnswered();
    }

    private synchronized void work() {
        phase = Phase.WORKING;
        thread = Thread.currentThread();
        if (hurried) {
            thread.interrupt();
        }
    }

    private synchronized boolean isAnswered() {
        return phase == Phase.ANSWERING;
    }

    private int receive(byte[] into, int from, long deadline) throws IOException {
        long left = (deadline - System.nanoTime()) / 1_000_000;
        if (left <= 0) {
            throw new SocketTimeoutException();
        }
        socket.setSoTimeout((int) left);
        return socket.getInputStream().read(into, from, into.length - from);
    }

    private void linger() throws IOException {
        long deadline = System.nanoTime() + LINGER_NANOS;
        byte[] unread = new byte[4_096];
        int count = 0;
        while (count >= 0) {
            count = receive(unread, 0, deadline);
        }
    }

    // ---- for the server; any thread

    /** The server ends: who works is interrupted, who answers is not. */
    synchronized void hurry() {
        hurried = true;
        if (phase == Phase.WORKING) {
            thread.interrupt();
        }
    }

    /** Something would be cut: an answer, or a request that may still be on its way. */
    synchronized boolean isUnderWay() {
        return phase != Phase.READING || System.nanoTime() - came < YOUNG_NANOS;
    }

    /** Its client takes no answer. */
    synchronized boolean isStuck() {
        return phase == Phase.ANSWERING && System.nanoTime() - answered > ANSWER_NANOS;
    }

    void abort() {
        try {
            socket.close();
        } catch (IOException useless) {
            // it is closed all the same
        }
    }
}
