package dev.soleinit.control.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.control.IncomingRequest;
import dev.soleinit.control.ReplyTo;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.SocketException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The server's manners on a real socket; the test is the loop, and answers when it likes. */
@Timeout(60)
class ControlServerTest {
    private static final int MAX_UNANSWERED = 8;

    @TempDir
    Path directory;
    private final BlockingQueue<IncomingRequest> inbox = new LinkedBlockingQueue<>();
    private final Semaphore left = new Semaphore(0);
    private final AtomicBoolean asRoot = new AtomicBoolean(true);
    private final List<SocketChannel> opened = new ArrayList<>();
    private ControlServer server;

    @BeforeEach
    void start() throws IOException {
        int uid = (Integer) Files.getAttribute(directory, "unix:uid");
        server = new ControlServer(socket(), inbox::offer, left::release,
                Optional.of(_ -> asRoot.get())).forDaemonOf(OptionalInt.of(uid));
        server.start();
    }

    @AfterEach
    void stop() throws IOException {
        for (SocketChannel each : opened) {
            each.close();
        }
        server.close();
    }

    private Path socket() {
        return directory.resolve("control.sock");
    }

    private SocketChannel connect() throws IOException {
        SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket()));
        opened.add(channel);
        return channel;
    }

    private static void send(SocketChannel channel, String text) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private static BufferedReader lines(SocketChannel channel) {
        return new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8));
    }

    private static String request(Object id, String method) {
        return "{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"method\":\"" + method + "\"}\n";
    }

    private IncomingRequest next() throws InterruptedException {
        IncomingRequest call = inbox.poll(5, TimeUnit.SECONDS);
        assertNotNull(call, "a request comes");
        return call;
    }

    private static String answer(int id) {
        return "{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"result\":{}}";
    }

    // ---- who has closed the writing side only

    @Test
    void whoClosesTheWritingSideGetsAllItsAnswers() throws Exception {
        for (int i = 0; i < 20; i++) {
            SocketChannel client = connect();
            send(client, request(1, "status") + request(2, "wait").strip());
            client.shutdownOutput();
            IncomingRequest first = next();
            IncomingRequest second = next();
            Thread.sleep(i == 0 ? 500 : 1);
            second.replyTo().result(Map.of());
            first.replyTo().result(Map.of());
            BufferedReader lines = lines(client);
            assertEquals(answer(1), lines.readLine());
            assertEquals(answer(2), lines.readLine(), "also without its line break");
            assertEquals(null, lines.readLine(), "then it is closed");
        }
    }

    @Test
    void whoFollowsGetsNoticesUntilItHasClosedAltogether() throws Exception {
        SocketChannel client = connect();
        send(client, request(1, "events.subscribe"));
        client.shutdownOutput();
        ReplyTo reply = next().replyTo();
        reply.result(Map.of());
        Thread.sleep(500);
        reply.notice("event", Map.of());
        BufferedReader lines = lines(client);
        assertEquals(answer(1), lines.readLine());
        assertEquals("{\"jsonrpc\":\"2.0\",\"method\":\"event\",\"params\":{}}", lines.readLine());
        assertEquals(false, reply.isClosed());
        client.close();
        assertTrue(left.tryAcquire(5, TimeUnit.SECONDS), "its end is noticed");
        assertTrue(reply.isClosed());
    }

    @Test
    void whoHasLeftAltogetherIsGone() throws Exception {
        for (boolean halfClosed : List.of(true, false)) {
            SocketChannel client = connect();
            send(client, request(1, "wait"));
            if (halfClosed) {
                client.shutdownOutput();
            }
            ReplyTo reply = next().replyTo();
            Thread.sleep(300);
            assertEquals(false, reply.isClosed());
            client.close();
            assertTrue(left.tryAcquire(2, TimeUnit.SECONDS), "half closed: " + halfClosed);
            assertTrue(reply.isClosed());
        }
    }

    @Test
    void whoIsReadNoFurtherIsSeenToLeave() throws Exception {
        SocketChannel client = connect();
        send(client, request(1, "wait").repeat(MAX_UNANSWERED + 3));
        ReplyTo reply = next().replyTo();
        Thread.sleep(300);
        client.close();
        assertTrue(left.tryAcquire(2, TimeUnit.SECONDS));
        assertTrue(reply.isClosed());
    }

    // ---- many requests

    @Test
    void answersComeInTheOrderOfTheRequests() throws Exception {
        SocketChannel client = connect();
        int all = 200;
        StringBuilder requests = new StringBuilder();
        for (int i = 0; i < all; i++) {
            requests.append(request(i, "status"));
        }
        send(client, requests.toString());
        BufferedReader lines = lines(client);
        for (int done = 0; done < all; done += MAX_UNANSWERED) {
            List<IncomingRequest> calls = new ArrayList<>();
            for (int i = 0; i < MAX_UNANSWERED; i++) {
                calls.add(next());
            }
            Thread.sleep(done == 0 ? 200 : 0);
            assertEquals(0, inbox.size(), "it is read no further");
            calls.reversed().forEach(call -> call.replyTo().result(Map.of()));
            for (int i = 0; i < MAX_UNANSWERED; i++) {
                assertEquals(answer(done + i), lines.readLine());
            }
        }
    }

    @Test
    void whatIsNoRequestIsAnsweredInItsPlaceToo() throws Exception {
        SocketChannel client = connect();
        send(client, request(1, "wait") + "nonsense\n" + request(3, "explode"));
        IncomingRequest waits = next();
        Thread.sleep(200);
        waits.replyTo().result(Map.of());
        BufferedReader lines = lines(client);
        assertEquals(answer(1), lines.readLine());
        assertTrue(lines.readLine().contains("-32700"));
        assertTrue(lines.readLine().contains("-32601"));
    }

    @Test
    void noticesFollowTheirAnswer() throws Exception {
        SocketChannel client = connect();
        send(client, request(1, "wait") + request(2, "events.subscribe"));
        IncomingRequest waits = next();
        ReplyTo follows = next().replyTo();
        follows.result(Map.of());
        follows.notice("event", Map.of());
        Thread.sleep(100);
        waits.replyTo().result(Map.of());
        BufferedReader lines = lines(client);
        assertEquals(answer(1), lines.readLine());
        assertEquals(answer(2), lines.readLine());
        assertTrue(lines.readLine().contains("\"method\":\"event\""));
    }

    @Test
    void theDaemonsMessagesWaitForNothing() throws Exception {
        SocketChannel client = connect();
        send(client, request(1, "attach"));
        ReplyTo daemon = next().replyTo();
        daemon.keepOpen();
        daemon.result(Map.of());
        BufferedReader lines = lines(client);
        assertEquals(answer(1), lines.readLine());
        for (int i = 0; i < MAX_UNANSWERED; i++) {
            send(client, request(10 + i, "wait"));
        }
        send(client, request(99, "status") + request(2, "drained"));
        for (int i = 0; i < MAX_UNANSWERED; i++) {
            next();
        }
        next().replyTo().result(Map.of());
        daemon.request(7, "fence", Map.of());
        assertEquals(answer(2), lines.readLine());
        assertTrue(lines.readLine().contains("\"method\":\"fence\""));
    }

    // ---- many connections

    private void isServed(String why) throws Exception {
        SocketChannel client = connect();
        send(client, request(1, "status"));
        next().replyTo().result(Map.of());
        assertEquals(answer(1), lines(client).readLine(), why);
    }

    @Test
    void theIdlestMakesRoomAndIsTold() throws Exception {
        List<SocketChannel> idle = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            idle.add(connect());
            // answered, so that it is known who came before whom
            send(idle.getLast(), request(1, "status"));
            next().replyTo().result(Map.of());
            assertEquals(answer(1), lines(idle.getLast()).readLine());
        }
        send(idle.getLast(), "half a li");
        isServed("although 16 are open");
        assertTrue(lines(idle.getFirst()).readLine().contains("-32000"), "the first was the idlest");
    }

    @Test
    void whoOnlyLooksOnMakesRoomWhereNobodyIsIdle() throws Exception {
        SocketChannel restarting = connect();
        send(restarting, request(1, "restart.request"));
        next();
        List<SocketChannel> waiting = new ArrayList<>();
        for (int i = 0; i < 15; i++) {
            waiting.add(connect());
            send(waiting.getLast(), request(7, "wait"));
            next();
        }
        isServed("although 16 wait");
        String told = lines(waiting.getFirst()).readLine();
        assertTrue(told.contains("-32000") && told.contains("\"id\":7"), told);
    }

    @Test
    void whoWaitsForAChangeIsNotPutOffButTheDaemonMayStillAttach() throws Exception {
        for (int i = 0; i < 16; i++) {
            send(connect(), request(1, "restart.request"));
            next();
        }
        SocketChannel late = connect();
        send(late, request(1, "status"));
        assertTrue(lines(late).readLine().contains("-32000"));
        SocketChannel daemon = connect();
        send(daemon, request(1, "attach"));
        next().replyTo().result(Map.of());
        assertEquals(answer(1), lines(daemon).readLine());
    }

    @Test
    void theDaemonsUserHasItsOwnRoomAndNoneOfRoots() throws Exception {
        asRoot.set(false);
        List<SocketChannel> slow = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            slow.add(connect());
            send(slow.getLast(), "half a li");
        }
        SocketChannel daemon = connect();
        send(daemon, request(1, "attach"));
        ReplyTo attached = next().replyTo();
        attached.keepOpen();
        attached.result(Map.of());
        for (int i = 0; i < 40; i++) {
            send(connect(), "half a li");
        }
        assertEquals(answer(1), lines(daemon).readLine());
        assertEquals(false, attached.isClosed(), "the attached one stays");
        asRoot.set(true);
        for (int i = 0; i < 16; i++) {
            isServed("root comes in");
        }
        assertEquals(false, attached.isClosed(), "and takes nothing from it");
    }

    // ---- the end

    @Test
    void whoWaitsSeesTheEndWhenTheServerIsAbandoned() throws Exception {
        SocketChannel client = connect();
        send(client, request(1, "wait"));
        next();
        SocketChannel idle = connect();
        server.abandon();
        assertEquals(null, lines(client).readLine(), "it is told that there will be no answer");
        try {
            assertEquals(null, lines(idle).readLine());
        } catch (SocketException notEvenLetIn) {
            // that tells it as well
        }
        assertThrows(IOException.class, this::connect, "nobody is left waiting to be let in");
    }

    @Test
    void withoutAThreadNobodyIsLetInAndItCanBeginLater() throws Exception {
        server.close();
        ControlServer late = new ControlServer(socket(), inbox::offer, left::release,
                Optional.of(_ -> true));
        assertThrows(OutOfMemoryError.class, () -> late.start(task -> new Thread(task) {
            @Override
            public void start() {
                throw new OutOfMemoryError("unable to create native thread");
            }
        }));
        assertThrows(IOException.class, this::connect, "refused, not kept waiting");
        late.start();
        SocketChannel client = connect();
        send(client, request(1, "status"));
        next().replyTo().result(Map.of());
        assertEquals(answer(1), lines(client).readLine());
        late.close();
    }
}
