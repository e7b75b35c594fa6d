package dev.soleinit.supervisor.probes;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/**
 * One GET and the head of its answer. Bounded as a whole, in time and in size, whatever the other
 * side does: java.net's own client bounds each read alone, so that a byte now and then holds it for
 * ever. Redirects are an answer like any other. For one thread, which waits. Source: RFC 9112.
 */
final class HttpProbe {
    private static final int MAX_HEAD = 16 * 1024;
    private static final int MAX_SHOWN = 100;
    private static final int HTTP_PORT = 80;

    private final URI uri;
    private final long deadline;
    private int size;

    HttpProbe(URI uri, Duration timeout) {
        this.uri = uri;
        this.deadline = System.nanoTime() + timeout.toNanos();
    }

    /** Why it was not answered 2xx, if it was not. */
    static Optional<String> failure(URI uri, Duration timeout) {
        try {
            int code = new HttpProbe(uri, timeout).ask();
            return code >= 200 && code < 300 ? Optional.empty() : Optional.of("status " + code);
        } catch (SocketTimeoutException late) {
            return Optional.of("no answer within " + timeout.toMillis() + " ms");
        } catch (IOException no) {
            return Optional.of(String.valueOf(no.getMessage()));
        }
    }

    private int ask() throws IOException {
        int port = uri.getPort() < 0 ? HTTP_PORT : uri.getPort();
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(uri.getHost(), port), left());
            socket.getOutputStream().write(request().getBytes(StandardCharsets.US_ASCII));
            return answer(socket);
        }
    }

    /** The status that is not of an interim answer. */
    int answer(Socket socket) throws IOException {
        int code = status(line(socket));
        while (code < 200) {
            skipHeaders(socket);
            code = status(line(socket));
        }
        skipHeaders(socket);
        return code;
    }

    /** The address is as it was given, escapes included, so no line break can come in. */
    private String request() {
        String path = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
        return "GET " + path + (uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery())
                + " HTTP/1.1\r\nHost: " + uri.getHost()
                + (uri.getPort() < 0 ? "" : ":" + uri.getPort())
                + "\r\nUser-Agent: soleinit\r\nAccept: */*\r\nConnection: close\r\n\r\n";
    }

    /** {@code HTTP/1.1 200 OK}; the words may be missing. */
    private static int status(String line) throws IOException {
        boolean known = line.length() >= 12 && line.startsWith("HTTP/1.")
                && Character.isDigit(line.charAt(7)) && line.charAt(8) == ' '
                && (line.length() == 12 || line.charAt(12) == ' ');
        int code = 0;
        for (int i = 9; known && i < 12; i++) {
            int digit = line.charAt(i) - '0';
            known = digit >= 0 && digit <= 9;
            code = 10 * code + digit;
        }
        if (!known || code < 100) {
            throw new IOException("this is no HTTP: '" + (line.length() <= MAX_SHOWN ? line
                    : line.substring(0, MAX_SHOWN) + "…") + "'");
        }
        return code;
    }

    private void skipHeaders(Socket socket) throws IOException {
        while (!line(socket).isEmpty()) {
            // only the status matters
        }
    }

    /** Without its line break. */
    private String line(Socket socket) throws IOException {
        InputStream in = socket.getInputStream();
        StringBuilder line = new StringBuilder();
        while (true) {
            socket.setSoTimeout(left());
            int next = in.read();
            if (next < 0) {
                throw new IOException("the connection was closed amid the answer");
            }
            if (++size > MAX_HEAD) {
                throw new IOException("the answer's head has more than " + MAX_HEAD + " bytes");
            }
            if (next == '\n') {
                int end = line.length() - 1;
                return end >= 0 && line.charAt(end) == '\r' ? line.substring(0, end)
                        : line.toString();
            }
            line.append((char) next);
        }
    }

    /** In milliseconds; 0 would mean for ever. */
    private int left() throws SocketTimeoutException {
        long left = (deadline - System.nanoTime() + 999_999) / 1_000_000;
        if (left <= 0) {
            throw new SocketTimeoutException();
        }
        return (int) Math.min(Integer.MAX_VALUE, left);
    }
}
