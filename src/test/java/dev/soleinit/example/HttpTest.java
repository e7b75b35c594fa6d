package dev.soleinit.example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The server alone: how it reads, answers, waits and ends. */
class HttpTest {
    private final AtomicBoolean fenced = new AtomicBoolean();
    private final BlockingQueue<String> told = new LinkedBlockingQueue<>();
    private final CountDownLatch never = new CountDownLatch(1);
    private final String big = "x".repeat(8_000_000);
    private Http server;
    private int port;

    @BeforeEach
    void serve() throws IOException {
        ServerSocketChannel channel = ServerSocketChannel.open().bind(
                new InetSocketAddress("127.0.0.1", 0), 1_024);
        port = ((InetSocketAddress) channel.getLocalAddress()).getPort();
        server = new Http(channel, fenced::get, this::handle);
    }

    @AfterEach
    void end() {
        server.close();
    }

    private void handle(Exchange exchange) throws Exception {
        told.add(exchange.method() + " " + exchange.path());
        switch (exchange.path()) {
            case "/big" -> {
                try {
                    exchange.answer(200, big);
                    told.add("sent");
                } catch (IOException cut) {
                    told.add("cut");
                }
            }
            case "/work" -> {
                try {
                    never.await();
                } catch (InterruptedException stop) {
                    told.add("interrupted");
                    throw stop;
                }
            }
            case "/late" -> {
                try {
                    never.await();
                } catch (InterruptedException stop) {
                    Thread.currentThread().interrupt();
                    exchange.answer(200, "in time\n");
                }
            }
            case "/broken" -> throw new IllegalStateException("a bug");
            case "/silent" -> { }
            default -> exchange.answer(200, exchange.parameter("say", "hello") + "\n");
        }
    }

    private void expect(String word) throws InterruptedException {
        assertEquals(word, told.poll(15, TimeUnit.SECONDS));
    }

    private void stillServes() throws IOException {
        assertTrue(HttpTestClient.get(port, "/").startsWith("HTTP/1.1 200 OK\r\n"));
    }

    private static String body(String answer) {
        return answer.split("\r\n\r\n", 2)[1];
    }

    // ---- requests and answers

    @Test
    void anAnswerHasItsLengthAndEndsTheConnection() throws IOException {
        String answer = HttpTestClient.get(port, "/x");
        assertTrue(answer.startsWith("HTTP/1.1 200 OK\r\nConnection: close\r\n"), answer);
        assertTrue(answer.contains("\r\nContent-Length: 6\r\n"), answer);
        assertTrue(answer.matches("(?s).*\r\nDate: [A-Z][a-z]{2}, [0-9]{2} .* GMT\r\n.*"), answer);
        assertEquals("hello\n", body(answer));
        String two = HttpTestClient.ask(port, "GET / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n");
        assertEquals(1, two.split("HTTP/1.1 200", -1).length - 1, "one request a connection");
    }

    @Test
    void headGetsTheSameHeadersAndNoBody() throws IOException {
        String answer = HttpTestClient.ask(port, "HEAD /x HTTP/1.0\r\n\r\n");
        assertTrue(answer.contains("\r\nContent-Length: 6\r\n"), answer);
        assertEquals("", body(answer));
    }

    @Test
    void pathsAndQueriesAreDecoded() throws Exception {
        assertEquals("a&b=c+d \u00e9\n", body(HttpTestClient.get(port, "/?x=1&say=a%26b=c+d%20%C3%A9&say=z")));
        expect("GET /");
        HttpTestClient.get(port, "//a%20b/c?");
        expect("GET //a b/c");
        HttpTestClient.get(port, "http://other:80/far");
        expect("GET /far");
        HttpTestClient.get(port, "http://other");
        expect("GET /");
    }

    @Test
    void aBodyIsReadAndDropped() throws Exception {
        for (int length : new int[] {0, 1, 9_000, 65_536}) {
            String answer = HttpTestClient.ask(port, "POST /p HTTP/1.1\nContent-Length: " + length + "\n\n"
                    + "b".repeat(length));
            assertTrue(answer.startsWith("HTTP/1.1 200"), answer);
            expect("POST /p");
        }
    }

    @Test
    void aRequestThatComesInPiecesIsOne() throws Exception {
        try (HttpTestClient client = new HttpTestClient(port)) {
            client.socket().setTcpNoDelay(true);
            for (String piece : "POST /p?say=hi HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc".split("")) {
                client.say(piece);
                Thread.sleep(2);
            }
            assertEquals("hi\n", body(client.hear()));
        }
    }

    @Test
    void whoHasHalfClosedIsAnsweredAllTheSame() throws IOException {
        try (HttpTestClient client = new HttpTestClient(port)) {
            client.say("GET / HTTP/1.1\r\n\r\n").socket().shutdownOutput();
            assertEquals("hello\n", body(client.hear()));
        }
    }

    @Test
    void whatCannotBeUnderstoodIsRefusedWithItsCodeAndReachesNoHandler() throws IOException {
        String h = "POST / HTTP/1.1\r\n";
        String[][] all = {
            {"400", "\r\n\r\n"}, {"400", "\n\n"}, {"400", "GET\r\n\r\n"},
            {"400", "GET /\r\n\r\n"}, {"400", "GET / HTTP/2.0\r\n\r\n"},
            {"400", "GET  / HTTP/1.1\r\n\r\n"}, {"400", "GET x HTTP/1.1\r\n\r\n"},
            {"400", "GET * HTTP/1.1\r\n\r\n"}, {"400", "GET /%zz HTTP/1.1\r\n\r\n"},
            {"400", "G\u0000T / HTTP/1.1\r\n\r\n"}, {"400", "\u0016\u0003\u0001\u0002\n\n"},
            {"400", h + "no colon\r\n\r\n"}, {"400", h + " folded: x\r\n\r\n"},
            {"400", h + "a : b\r\n\r\n"}, {"400", h + ": b\r\n\r\n"}, {"400", h + "a: \u0001\r\n\r\n"},
            {"400", h + "a: b\rc: d\r\n\r\n"}, {"400", h + "Content-Length: -1\r\n\r\n"},
            {"400", h + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n"},
            {"400", h + "Content-Length: 99999999999999999999\r\n\r\n"},
            {"411", h + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
            {"413", h + "Content-Length: 65537\r\n\r\n"},
            {"417", h + "Content-Length: 5\r\nExpect: 100-continue\r\n\r\n"},
            {"431", "GET /" + "a".repeat(8_200)}, {"431", h + "a: b\r\n".repeat(2_000)},
        };
        for (String[] one : all) {
            String answer = HttpTestClient.ask(port, one[1]);
            assertTrue(answer.startsWith("HTTP/1.1 " + one[0] + " "), one[1] + " -> " + answer);
        }
        assertNull(told.poll(), "no handler was asked");
        for (String cut : List.of("GE", "GET / HTTP/1.1\r\nA: b\r\n",
                h + "Content-Length: 3\r\n\r\nab")) {
            try (HttpTestClient client = new HttpTestClient(port)) {
                client.say(cut).socket().shutdownOutput();
                assertTrue(client.hear().startsWith("HTTP/1.1 400 "), cut);
            }
        }
        stillServes();
    }

    @Test
    void aHandlerThatFailsGives500AndOneThatIsSilentAnEnd() throws IOException {
        assertTrue(HttpTestClient.get(port, "/broken").startsWith("HTTP/1.1 500 "));
        assertEquals("", HttpTestClient.get(port, "/silent"));
        stillServes();
    }

    // ---- hostile clients

    /** What is unread when a connection is closed has the kernel reset it, answer and all. */
    @Test
    void noAnswerIsCutByAResetHoweverMuchTheClientSends() throws Exception {
        for (String head : List.of("POST / HTTP/1.1\r\nContent-Length: 3000000\r\n\r\n",
                "GET / HTTP/1.1\r\n\r\n", "garbage\r\n\r\n")) {
            for (int i = 0; i < 10; i++) {
                try (HttpTestClient client = new HttpTestClient(port)) {
                    client.say(head + "y".repeat(3_000_000));
                    Thread.sleep(20);
                    assertTrue(client.hear().startsWith("HTTP/1.1 "));
                }
            }
        }
    }

    @Test
    void clientsThatLeaveEarlyOrSayNothingHurtNobody() throws IOException {
        List<HttpTestClient> idle = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            HttpTestClient client = new HttpTestClient(port);
            if (i % 4 == 0) {
                idle.add(client.say(i % 8 == 0 ? "GET / HT" : ""));
                continue;
            }
            client.say(i % 4 == 1 ? "GET /big HTTP/1.1\r\n\r\n" : i % 4 == 2 ? "GET" : "");
            // a reset, not an orderly end
            client.socket().setSoLinger(true, 0);
            client.close();
        }
        stillServes();
        for (HttpTestClient client : idle) {
            client.close();
        }
        stillServes();
    }

    @Test
    void slowClientsLoseTheirPatienceAloneAndTheConnectionAfterTenSeconds() throws Exception {
        try (HttpTestClient slow = new HttpTestClient(port); HttpTestClient deaf = new HttpTestClient(port)) {
            deaf.say("GET /big HTTP/1.1\r\n\r\n");
            expect("GET /big");
            long began = System.nanoTime();
            CompletableFuture<Void> trickle = CompletableFuture.runAsync(() -> {
                try {
                    for (String byteOf : "GET /a-long-path-that-never-ends".split("")) {
                        slow.say(byteOf);
                        Thread.sleep(400);
                    }
                } catch (IOException | InterruptedException over) {
                    // it has been told
                }
            }, Thread.ofVirtual()::start);
            stillServes();
            expect("GET /");
            assertTrue(slow.hear().startsWith("HTTP/1.1 408 "));
            long took = (System.nanoTime() - began) / 1_000_000;
            assertTrue(took > 9_000 && took < 12_000, took + " ms");
            trickle.join();
            // who takes no answer is given up, too
            expect("cut");
        }
    }

    // ---- the fence, and the end

    @Test
    void whileItWaitsConnectionsStayInTheBacklogAndAreServedSoonAfterwards() throws Exception {
        try (HttpTestClient before = new HttpTestClient(port)) {
            Thread.sleep(100);
            fenced.set(true);
            List<HttpTestClient> waiting = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                waiting.add(new HttpTestClient(port).say("GET /" + i + " HTTP/1.1\r\n\r\n"));
            }
            assertNull(waiting.getFirst().hearWithin(300));
            assertNull(told.poll(), "none was accepted");
            assertEquals("hello\n", body(before.say("GET / HTTP/1.1\r\n\r\n").hear()));
            long began = System.nanoTime();
            fenced.set(false);
            for (HttpTestClient client : waiting) {
                assertEquals("hello\n", body(client.hear()));
                client.close();
            }
            long took = (System.nanoTime() - began) / 1_000_000;
            assertTrue(took < 300, took + " ms");
        }
    }

    @Test
    void anAnswerInProgressEndsBeforeTheServerDoes() throws Exception {
        try (HttpTestClient client = new HttpTestClient(port)) {
            client.say("GET /big HTTP/1.1\r\n\r\n");
            expect("GET /big");
            CompletableFuture<Void> end = CompletableFuture.runAsync(server::close);
            Thread.sleep(200);
            assertThrows(IOException.class, () -> new HttpTestClient(port).close(), "it accepts no more");
            assertEquals(big + "\n", body(client.hear()) + "\n");
            expect("sent");
            client.close();
            end.get(5, TimeUnit.SECONDS);
        }
    }

    /** An interrupt closes the channel that it finds its thread in: it must not outlive the work. */
    @Test
    void whoAnswersWhenItIsInterruptedIsHeard() throws Exception {
        try (HttpTestClient client = new HttpTestClient(port)) {
            client.say("GET /late HTTP/1.1\r\n\r\n");
            expect("GET /late");
            CompletableFuture<Void> end = CompletableFuture.runAsync(server::close);
            assertEquals("in time\n", body(client.hear()));
            client.close();
            end.get(5, TimeUnit.SECONDS);
        }
    }

    @Test
    void aRequestThatIsOnItsWayWhenTheServerEndsIsAnswered() throws Exception {
        try (HttpTestClient client = new HttpTestClient(port)) {
            client.say("GET / HT");
            Thread.sleep(100);
            CompletableFuture<Void> end = CompletableFuture.runAsync(server::close);
            Thread.sleep(200);
            assertEquals("hello\n", body(client.say("TP/1.1\r\n\r\n").hear()));
            client.close();
            end.get(5, TimeUnit.SECONDS);
        }
    }

    @Test
    void theEndInterruptsWhoWorksAndWaitsNeitherForThemNorForTheIdle() throws Exception {
        try (HttpTestClient idle = new HttpTestClient(port); HttpTestClient works = new HttpTestClient(port)) {
            idle.say("GET");
            works.say("GET /work HTTP/1.1\r\n\r\n");
            expect("GET /work");
            Thread.sleep(1_100);
            long began = System.nanoTime();
            server.close();
            long took = (System.nanoTime() - began) / 1_000_000;
            assertTrue(took < 500, took + " ms");
            expect("interrupted");
            assertEquals("", works.hear());
        }
    }

    @Test
    void whoTakesNoAnswerKeepsTheServerFromEndingForASecondOnly() throws Exception {
        try (HttpTestClient deaf = new HttpTestClient(port)) {
            deaf.say("GET /big HTTP/1.1\r\n\r\n");
            expect("GET /big");
            long began = System.nanoTime();
            server.close();
            long took = (System.nanoTime() - began) / 1_000_000;
            assertTrue(took > 900 && took < 2_500, took + " ms");
            expect("cut");
        }
    }
}
