package dev.soleinit.supervisor.probes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.config.Readiness;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(30)
class HttpProbeTest {
    private interface Answer {
        void send(OutputStream out) throws IOException, InterruptedException;
    }

    private final CompletableFuture<String> request = new CompletableFuture<>();

    private Optional<String> probe(String path, Duration timeout, Answer answer) throws IOException {
        try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> {
                try (Socket peer = server.accept()) {
                    byte[] bytes = new byte[4096];
                    request.complete(new String(bytes, 0, peer.getInputStream().read(bytes),
                            StandardCharsets.US_ASCII));
                    answer.send(peer.getOutputStream());
                } catch (IOException | InterruptedException left) {
                    request.complete("");
                }
            });
            return NetworkProbe.failure(new Readiness.Http(URI.create("http://127.0.0.1:"
                    + server.getLocalPort() + path)), timeout);
        }
    }

    private Optional<String> answered(String text) throws IOException {
        return probe("/", Duration.ofSeconds(5), out -> out.write(text.replace("\\r", "\r")
                .replace("\\n", "\n").getBytes(StandardCharsets.ISO_8859_1)));
    }

    @Test
    void anAnswerThatDripsIsBoundedAsAWhole() throws IOException {
        long begin = System.nanoTime();
        Optional<String> failure = probe("/", Duration.ofMillis(400), out -> {
            for (byte next : ("HTTP/1.1 200 OK\r\nX: " + "x".repeat(500)).getBytes()) {
                out.write(next);
                Thread.sleep(20);
            }
        });
        assertEquals(Optional.of("no answer within 400 ms"), failure);
        assertTrue(System.nanoTime() - begin < 2_000_000_000L, "it took too long");
    }

    @Test
    void anEndlessHeadIsBoundedInSize() throws IOException {
        Optional<String> failure = probe("/", Duration.ofSeconds(20), out -> {
            out.write("HTTP/1.1 200 OK\r\n".getBytes());
            while (true) {
                out.write("X-Header: and so on\r\n".repeat(100).getBytes());
            }
        });
        assertEquals(Optional.of("the answer's head has more than 16384 bytes"), failure);
    }

    @ParameterizedTest
    @CsvSource({"200, true", "204, true", "299, true", "302, false", "404, false", "503, false",
        "199, false"})
    void only2xxIsGood(int code, boolean good) throws IOException {
        Optional<String> failure = answered("HTTP/1.1 " + code + " Words\\r\\nA: b\\r\\n\\r\\nbody");
        assertEquals(good, failure.isEmpty(), failure.toString());
    }

    @Test
    void oddButCorrectAnswersAreRead() throws IOException {
        assertEquals(Optional.empty(), answered("HTTP/1.0 200\\n\\n"));
        assertEquals(Optional.empty(),
                answered("HTTP/1.1 103 Early Hints\\r\\nLink: x\\r\\n\\r\\nHTTP/1.1 200 OK\\r\\n\\r\\n"));
    }

    @ParameterizedTest
    @CsvSource({"hello", "HTTP/1.1", "HTTP/1.1 2000 OK", "HTTP/1.1 -20 OK", "HTTP/1.1  200 OK",
        "ICY 200 OK", "HTTP/1.1 20x OK", "HTTP/1.1 099 OK"})
    void whatIsNoHttpIsNoGoodAnswer(String line) throws IOException {
        Optional<String> failure = answered(line + "\\r\\n\\r\\n");
        assertTrue(failure.orElse("").startsWith("this is no HTTP: '" + line), failure.toString());
    }

    @Test
    void aConnectionClosedAmidTheAnswerIsNoGoodOne() throws IOException {
        assertEquals(Optional.of("the connection was closed amid the answer"),
                answered("HTTP/1.1 200 OK\\r\\n"));
    }

    @Test
    void theRequestIsOneHead() throws Exception {
        probe("/health%0d%0aX-Evil:%20yes?a=%0a", Duration.ofSeconds(5), out ->
                out.write("HTTP/1.1 200 OK\r\n\r\n".getBytes()));
        String[] lines = request.get().split("\r\n");
        assertEquals("GET /health%0d%0aX-Evil:%20yes?a=%0a HTTP/1.1", lines[0]);
        assertTrue(lines[1].startsWith("Host: 127.0.0.1:"), lines[1]);
        assertEquals(5, lines.length, "and no line more");
    }
}
