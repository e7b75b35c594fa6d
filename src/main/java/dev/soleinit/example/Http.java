package dev.soleinit.example;

import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;

/**
 * A small HTTP/1.1 server on a channel that is bound already: one request a connection, at most
 * 4,096 connections at once; more wait in the backlog. It can be told to leave connections there for
 * who listens next. Thread "http" accepts, each connection has a thread of a pool: virtual ones
 * would leave their poller in epoll_wait(2) for good, and a JVM that ends waits 300 ms for a thread
 * that is in native code.
 */
final class Http implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger("node");
    private static final int MOST = 4_096;
    private static final int LOOK_AGAIN_MS = 10;
    private static final int SWEEP_MS = 1_000;
    private static final Duration GRACE = Duration.ofSeconds(1);

    /** Answers one request; what ends without an answer, or is interrupted, ends the connection. */
    @FunctionalInterface
    interface Handler {
        void handle(Exchange exchange) throws Exception;
    }

    private final ServerSocketChannel channel;
    private final BooleanSupplier waits;
    private final Handler handler;
    private final Selector selector;
    private final SelectionKey key;
    private final Thread acceptor;
    private final ExecutorService threads = Executors.newCachedThreadPool(
            Thread.ofPlatform().daemon().name("http-", 1).factory());
    private final Set<Exchange> open = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    /**
     * Serves from now on.
     *
     * @param channel becomes the server's: closed with it, or if this fails
     * @param waits   while it says so, nothing is accepted; asked before each connection
     */
    Http(ServerSocketChannel channel, BooleanSupplier waits, Handler handler) throws IOException {
        this.channel = channel;
        this.waits = waits;
        this.handler = handler;
        try {
            channel.configureBlocking(false);
            this.selector = Selector.open();
            this.key = channel.register(selector, 0);
        } catch (IOException | RuntimeException failed) {
            channel.close();
            throw failed;
        }
        this.acceptor = Thread.ofPlatform().daemon().name("http").start(this::accept);
    }

    private void accept() {
        boolean said = false;
        long swept = System.nanoTime();
        while (!closed && channel.isOpen()) {
            try {
                // nobody wakes this thread when the fence is lifted: it looks
                boolean pause = isFull() || waits.getAsBoolean();
                key.interestOps(pause ? 0 : SelectionKey.OP_ACCEPT);
                if (selector.select(pause ? LOOK_AGAIN_MS : SWEEP_MS) > 0) {
                    selector.selectedKeys().clear();
                    acceptAll();
                }
                if (System.nanoTime() - swept > SWEEP_MS * 1_000_000L) {
                    swept = System.nanoTime();
                    open.stream().filter(Exchange::isStuck).forEach(Exchange::abort);
                }
            } catch (IOException | RuntimeException trouble) {
                // no descriptors, mostly: what is open must be able to end
                if (!closed && !said) {
                    LOG.log(System.Logger.Level.WARNING, "cannot accept: " + trouble);
                    said = true;
                }
                pause(100);
            }
        }
    }

    private boolean isFull() {
        return open.size() >= MOST;
    }

    private void acceptAll() throws IOException {
        while (!closed && !isFull() && !waits.getAsBoolean()) {
            SocketChannel client = channel.accept();
            if (client == null) {
                return;
            }
            Exchange exchange = new Exchange(client.socket());
            open.add(exchange);
            threads.execute(() -> {
                try {
                    exchange.run(handler);
                } finally {
                    open.remove(exchange);
                }
            });
        }
    }

    /**
     * Accepts no more, interrupts handlers that have not answered yet, and lets answers that are on
     * their way, and requests that have just come, end within 1 s.
     */
    @Override
    public void close() {
        closed = true;
        selector.wakeup();
        boolean hurry = !joined();
        try (channel) {
            // the channel is not closed before its selector has let go of it
            selector.close();
        } catch (IOException useless) {
            // it is closed all the same
        }
        open.forEach(Exchange::hurry);
        long deadline = System.nanoTime() + GRACE.toNanos();
        while (!hurry && System.nanoTime() < deadline
                && open.stream().anyMatch(Exchange::isUnderWay)) {
            hurry = !pause(5);
        }
        open.forEach(Exchange::abort);
        threads.shutdown();
        if (hurry) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean joined() {
        try {
            acceptor.join(GRACE.toMillis());
            return true;
        } catch (InterruptedException stop) {
            return false;
        }
    }

    private static boolean pause(long millis) {
        try {
            Thread.sleep(millis);
            return true;
        } catch (InterruptedException stop) {
            return false;
        }
    }
}
