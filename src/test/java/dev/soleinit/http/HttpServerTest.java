package dev.soleinit.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.http.metrics.MetricFamily;
import dev.soleinit.http.page.PageContent;
import dev.soleinit.process.ListenAddress;
import java.io.IOException;
import java.io.InputStream;
import java.net.BindException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The server before a loop that turns, stands still or has gone, and clients that mean no good. */
@Timeout(60)
class HttpServerTest {
    private final AtomicInteger turns = new AtomicInteger();
    private final AtomicInteger snapshots = new AtomicInteger();
    private volatile boolean frozen;
    private volatile Map<String, Object> status = Map.of("state", "ready", "ready", true,
            "generation", 7L);
    private final Published published = new Published(new Published.Loop() {
        @Override
        public void requestTurn() {
            turns.incrementAndGet();
            if (!frozen) {
                published().turned();
            }
        }

        @Override
        public void requestSnapshot() {
            snapshots.incrementAndGet();
            if (!frozen) {
                published().snapshot(new Published.Snapshot(status,
                        List.of(MetricFamily.counter("x", "An x.", 3)), System.nanoTime()));
            }
        }
    });
    private HttpServer server;

    private Published published() {
        return published;
    }

    @BeforeEach
    void serve() throws IOException {
        server = serving(new ListenAddress("tcp:127.0.0.1:0", "http", 1,
                new ListenAddress.Place.Port(InetAddress.getLoopbackAddress(), 0)));
        published.readiness(new Published.Readiness("ready", true, 7, true));
    }

    private HttpServer serving(ListenAddress address) throws IOException {
        HttpServer one = new HttpServer(address, published, new PageContent(
                List.of(new PageContent.Row("env", "SECRET=…", "flag")), Optional.empty()));
        one.open();
        one.start(Thread.ofPlatform().daemon().factory());
        return one;
    }

    @AfterEach
    void close() {
        server.close();
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
        socket.setSoTimeout(20_000);
        return socket;
    }

    /** Sends these bytes and returns all that comes until the server closes. */
    private String exchange(String request) throws IOException {
        try (Socket socket = connect()) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private String get(String path) throws IOException {
        return exchange("GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    }

    private static void has(String part, String text) {
        assertTrue(text.contains(part), text);
    }

    @Test
    void probesSayWhatIs() throws IOException {
        has("HTTP/1.1 200 OK", get("/livez"));
        has("X-Generation: 7", get("/readyz"));
        has("HTTP/1.1 200 OK", get("/startupz"));
        for (String state : List.of("draining", "held", "starting", "backing-off")) {
            published.readiness(new Published.Readiness(state, false, 7, false));
            has("503 Service Unavailable", get("/readyz"));
            has("not ready: " + state, get("/readyz"));
            has("503", get("/startupz"));
            has("200 OK", get("/livez"));
        }
    }

    @Test
    void aLoopThatDoesNotTurnIsNotAliveAndNoDaemonOfItReady() throws Exception {
        Thread.sleep(1_100);
        frozen = true;
        has("503 Service Unavailable", get("/livez"));
        has("503 Service Unavailable", get("/readyz"));
        has("503", get("/status"));
        assertEquals(1, turns.get(), "who does not turn is asked once, however many ask");
        published.turned();
        frozen = false;
        has("200 OK", get("/livez"));
    }

    @Test
    void aSupervisorThatHasFallenBackIsNeitherAliveNorReady() throws IOException {
        published.fallenBack();
        for (String path : List.of("/livez", "/readyz", "/status", "/metrics", "/")) {
            has("503 Service Unavailable", get(path));
            has("fallback", get(path));
        }
    }

    @Test
    void manyClientsCostTheLoopAFewSnapshotsASecond() throws IOException {
        long begin = System.nanoTime();
        for (int i = 0; i < 300; i++) {
            has("200 OK", get(i % 2 == 0 ? "/status" : "/livez"));
        }
        long spans = 1 + (System.nanoTime() - begin) / 250_000_000;
        assertTrue(snapshots.get() <= spans + 1, snapshots + " in " + spans);
        assertTrue(turns.get() <= 3 * spans + 3, turns + " in " + spans);
    }

    @Test
    void whatIsOldIsSaidToBeWhenTheLoopStandsStill() throws Exception {
        has("200 OK", get("/metrics"));
        frozen = true;
        Thread.sleep(300);
        has("Age: 2", get("/metrics"));
    }

    @Test
    void metricsComeInTheFormThatIsAskedFor() throws IOException {
        has("# TYPE x_total counter\n# HELP x_total An x.\nx_total 3\n", get("/metrics"));
        String open = exchange("GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                + "Accept: application/openmetrics-text;version=1.0.0,text/plain;q=0.5\r\n\r\n");
        has("application/openmetrics-text; version=1.0.0", open);
        has("# TYPE x counter\n# HELP x An x.\nx_total 3\n", open);
        assertTrue(open.endsWith("# EOF\n"), open);
    }

    @Test
    void brokenRequestsGetAnAnswerAndTheEnd() throws IOException {
        has("HTTP/1.1 400", exchange("GARBAGE\r\n\r\n"));
        has("HTTP/1.1 400", exchange("\0\1\2\3 / HTTP/1.1\n\n".replace(" /", " x")));
        has("HTTP/1.1 400", exchange("GET / HTTP/1.1\r\n\r\n"));
        has("HTTP/1.1 400", exchange("GET / HTTP/1.1\r\nHost: x\r\nno field\r\n\r\n"));
        has("HTTP/1.1 400", exchange("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nGET /"));
        has("HTTP/1.1 405", exchange("DELETE / HTTP/1.1\r\nHost: x\r\n\r\n"));
        has("HTTP/1.1 505", exchange("GET / HTTP/2.0\r\nHost: x\r\n\r\n"));
        has("HTTP/1.1 404", get("/../etc/passwd"));
        has("HTTP/1.1 431", exchange("GET / HTTP/1.1\r\nX: " + "x".repeat(9_000)));
        has("HTTP/1.1 431", exchange("GET /" + "y".repeat(9_000) + " HTTP/1.1\r\nHost: x\r\n\r\n"));
    }

    @Test
    void requestsOnOneConnectionAreAnsweredInOrder() throws IOException {
        String answers = exchange("HEAD /livez HTTP/1.1\r\nHost: x\r\n\r\n"
                + "GET /readyz?x=1 HTTP/1.1\r\nHost: x\r\n\r\n"
                + "GET /status HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        assertEquals(4, answers.split("HTTP/1.1 200 OK", -1).length, answers);
        assertFalse(answers.contains("alive"), "a HEAD has no body");
        assertTrue(answers.indexOf("ready\n") < answers.indexOf("\"generation\":7"), answers);
    }

    /** Nagle's algorithm and a delayed ACK together cost each answer 40 ms. */
    @Test
    void anAnswerOnAKeptConnectionDoesNotWaitForAnAcknowledgement() throws IOException {
        long fastest = Long.MAX_VALUE;
        try (Socket socket = connect()) {
            for (int i = 0; i < 20; i++) {
                long begin = System.nanoTime();
                socket.getOutputStream().write("GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n".getBytes());
                readUntil(socket.getInputStream(), "\r\n\r\nready\n");
                fastest = i < 5 ? fastest : Math.min(fastest, System.nanoTime() - begin);
            }
        }
        assertTrue(fastest < 20_000_000L, fastest / 1_000_000 + " ms");
    }

    @Test
    void whoIsSlowIsClosedAndHoldsNobodyUp() throws Exception {
        List<Socket> slow = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            Socket socket = connect();
            socket.getOutputStream().write("GET /livez HTTP/1.1\r\nX: ".getBytes());
            slow.add(socket);
        }
        for (int i = 0; i < 20; i++) {
            has("200 OK", get("/readyz"));
        }
        Socket last = slow.getLast();
        long begin = System.nanoTime();
        while (System.nanoTime() - begin < 15_000_000_000L) {
            try {
                last.getOutputStream().write('x');
            } catch (IOException closed) {
                break;
            }
            Thread.sleep(100);
        }
        assertTrue(System.nanoTime() - begin < 14_000_000_000L, "a header that never ends stays");
        for (Socket socket : slow) {
            socket.close();
        }
    }

    @Test
    void tenThousandConnectionsLeaveRoomForTheNext() throws Exception {
        for (int i = 0; i < 10_000; i++) {
            try (Socket socket = connect()) {
                if (i % 1_000 == 0) {
                    has("200 OK", get("/readyz"));
                }
            }
        }
        has("200 OK", get("/livez"));
    }

    @Test
    void followersGetTheJournalAndTheStatus() throws Exception {
        published.accept("{\"seq\":41,\"event\":\"old\"}");
        Thread.sleep(100);
        try (Socket socket = connect()) {
            socket.getOutputStream().write(
                    "GET /events HTTP/1.1\r\nHost: x\r\nLast-Event-ID: 40\r\n\r\n".getBytes());
            String text = readUntil(socket.getInputStream(), "event: status");
            has("text/event-stream", text);
            has("id: 41\nevent: journal\ndata: {\"seq\":41", text);
            published.accept("{\"seq\":42,\"event\":\"new\"}");
            has("id: 42", readUntil(socket.getInputStream(), "\"new\"}\n\n"));
        }
    }

    private static String readUntil(InputStream in, String end) throws IOException {
        StringBuilder text = new StringBuilder();
        while (text.indexOf(end, Math.max(0, text.length() - end.length())) < 0) {
            int one = in.read();
            if (one < 0) {
                throw new IOException("ended with: " + text);
            }
            text.append((char) one);
        }
        return text.toString();
    }

    @Test
    void aFollowerThatDoesNotReadIsGivenUp() throws Exception {
        try (Socket socket = connect()) {
            socket.getOutputStream().write("GET /events HTTP/1.1\r\nHost: x\r\n\r\n".getBytes());
            readUntil(socket.getInputStream(), "retry");
            for (int i = 0; i < 1_000; i++) {
                published.accept("{\"seq\":" + i + ",\"x\":\"" + "x".repeat(20_000) + "\"}");
                if (i % 50 == 0) {
                    Thread.sleep(5);
                }
            }
            has("200 OK", get("/livez"));
            String got = "";
            try {
                got = new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
            } catch (IOException reset) {
                // that is an end, too
            }
            assertFalse(got.contains("\"seq\":999,"), "it was kept waiting for");
        }
    }

    @Test
    void theWordsOfADaemonAreTextOnThePage() throws IOException {
        Map<String, Object> hostile = new LinkedHashMap<>(status);
        hostile.put("statusText", "</dd><script>alert(1)</script>");
        hostile.put("work", Map.of("summary", "s", "blockers", List.of(Map.of("kind", "<b>",
                "id", "\"'&", "count", 1L, "message", "<img src=x onerror=alert(1)>"))));
        status = hostile;
        String page = get("/");
        has("&lt;script&gt;alert(1)", page);
        has("&lt;img src=x onerror=alert(1)&gt;", page);
        has("&quot;&#39;&amp;", page);
        has("Content-Security-Policy: default-src 'none'", page);
        assertEquals(2, page.split("<script", -1).length, "the one of our own");
        assertFalse(page.contains("src=\"") || page.contains("href="), "nothing from elsewhere");
        has("SECRET=…", page);
    }

    @Test
    void aSocketFileIsServedTooAndOnlyAStaleOneReplaced(@TempDir Path dir) throws IOException {
        Path path = dir.resolve("http.sock");
        ListenAddress address = new ListenAddress("unix:" + path, "http", 1,
                new ListenAddress.Place.File(path, 0666, Optional.empty()));
        HttpServer one = serving(address);
        try (SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            client.connect(UnixDomainSocketAddress.of(path));
            client.write(ByteBuffer.wrap("GET /livez HTTP/1.0\r\n\r\n".getBytes()));
            ByteBuffer answer = ByteBuffer.allocate(1_000);
            while (client.read(answer) >= 0) {
                assertTrue(answer.hasRemaining());
            }
            has("200 OK", new String(answer.array(), 0, answer.position()));
        }
        assertThrows(BindException.class, () -> serving(address));
        one.close();
        assertFalse(Files.exists(path));
        Files.createFile(path);
        assertThrows(IOException.class, () -> serving(address));
        assertTrue(Files.exists(path), "what is no socket stays");
    }
}
