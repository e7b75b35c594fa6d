package dev.soleinit.spring;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.util.concurrent.CompletableFuture;

/** A client, each of whose requests has a connection of its own. */
record Http(int port) {
    /** What came back. */
    record Answer(int code, String text, String retryAfter) {}

    Answer get(String path) throws IOException {
        HttpURLConnection http = (HttpURLConnection) URI.create("http://127.0.0.1:" + port + path).toURL()
                .openConnection();
        http.setRequestProperty("Connection", "close");
        http.setReadTimeout(20_000);
        int code = http.getResponseCode();
        try (InputStream body = code < 400 ? http.getInputStream() : http.getErrorStream()) {
            return new Answer(code, body == null ? "" : new String(body.readAllBytes()),
                    http.getHeaderField("Retry-After"));
        }
    }

    CompletableFuture<Answer> later(String path) {
        CompletableFuture<Answer> answer = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            try {
                answer.complete(get(path));
            } catch (IOException | RuntimeException failed) {
                answer.completeExceptionally(failed);
            }
        });
        thread.setDaemon(true);
        thread.start();
        return answer;
    }
}
