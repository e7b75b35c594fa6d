package dev.soleinit.example;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;

/** One connection that says what it is told to say, byte for byte, and reads to the end. */
final class HttpTestClient implements AutoCloseable {
    private final Socket socket = new Socket();

    HttpTestClient(int port) throws IOException {
        socket.connect(new InetSocketAddress("127.0.0.1", port), 5_000);
        socket.setSoTimeout(20_000);
    }

    /** Sends a whole request and returns the whole answer. */
    static String ask(int port, String request) throws IOException {
        try (HttpTestClient client = new HttpTestClient(port)) {
            return client.say(request).hear();
        }
    }

    static String get(int port, String path) throws IOException {
        return ask(port, "GET " + path + " HTTP/1.1\r\nHost: h\r\n\r\n");
    }

    static String post(int port, String path) throws IOException {
        return ask(port, "POST " + path + " HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n");
    }

    Socket socket() {
        return socket;
    }

    HttpTestClient say(String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
        return this;
    }

    /** Everything until the server ends it; a reset is an exception. */
    String hear() throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        socket.getInputStream().transferTo(all);
        return all.toString(StandardCharsets.UTF_8);
    }

    /** What comes within so many ms: null if nothing does. */
    String hearWithin(int millis) throws IOException {
        socket.setSoTimeout(millis);
        try {
            int first = socket.getInputStream().read();
            return first < 0 ? "" : (char) first + hear();
        } catch (SocketTimeoutException nothing) {
            return null;
        } finally {
            socket.setSoTimeout(20_000);
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
