package dev.soleinit.control.server;

import dev.soleinit.control.BadRequest;
import dev.soleinit.control.Caller;
import dev.soleinit.control.DaemonMessage;
import dev.soleinit.control.ErrorCodes;
import dev.soleinit.control.IncomingRequest;
import dev.soleinit.control.ReplyTo;
import dev.soleinit.control.RequestParser;
import dev.soleinit.json.Json;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ThreadFactory;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listens on run/{@code control.sock} (mode 0600) with one thread of its own, "control". Peers that
 * the kernel does not vouch for are refused before a byte is read. {@link ConnectionPool} bounds their
 * number; one that asks nothing for 60 s is closed. Whatever a caller sends, the thread goes on.
 */
public final class ControlServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger("soleinit");
    private static final String BUSY = "busy: " + ConnectionPool.MAX_CONNECTIONS + " connections are "
            + "open already; try again shortly";
    private static final int MAX_ACCEPTS_A_TURN = 64;
    /** How often to ask who has hung up among those that are not read from. */
    private static final Duration HANG_UP_INTERVAL = Duration.ofMillis(200);
    private static final Duration IDLE = Duration.ofSeconds(60);
    private static final Duration HURRY = Duration.ofSeconds(1);
    private static final long PAUSE_MILLIS = 100;
    private static final Duration PAUSE = Duration.ofMillis(PAUSE_MILLIS);
    private static final int MAX_PATH = 107;

    private final Path path;
    private final Predicate<IncomingRequest> inbox;
    private final Runnable left;
    private final Peers peers;
    private OptionalInt daemonUser = OptionalInt.empty();
    private final ConnectionPool connections = new ConnectionPool();
    private final HangUpWatch hangUps = new HangUpWatch();
    private final ByteBuffer buffer = ByteBuffer.allocate(64 * 1024);
    private ServerSocketChannel listener;
    private Selector selector;
    private volatile boolean closing;
    private Thread thread;

    /**
     * Makes a server that posts to {@code inbox}, which says false if it has no room, and calls
     * {@code left} when a caller has gone.
     */
    public ControlServer(Path path, Predicate<IncomingRequest> inbox, Runnable left) {
        this(path, inbox, left, Optional.empty());
    }

    /** With another rule for who may ask than "the supervisor's user and root". */
    ControlServer(Path path, Predicate<IncomingRequest> inbox, Runnable left,
            Optional<Predicate<UserPrincipal>> isPermitted) {
        this.path = path;
        this.left = left;
        this.inbox = inbox;
        this.peers = new Peers(path, isPermitted);
    }

    /** A daemon that runs as another user may speak for itself, and for nothing else. */
    public ControlServer forDaemonOf(OptionalInt uid) {
        daemonUser = uid;
        return this;
    }

    /** Begins on a thread of its own making. */
    public void start() throws IOException {
        start(Thread.ofPlatform().daemon().factory());
    }

    /**
     * Binds the socket, replacing a stale one: the caller holds the supervisor's lock.
     *
     * @throws OutOfMemoryError if the kernel has no thread left; then nothing is bound, so that callers
     *                          are refused and do not wait, and it may be called again
     */
    public void start(ThreadFactory threads) throws IOException {
        Json.prepare();
        if (path.toString().getBytes(StandardCharsets.UTF_8).length > MAX_PATH) {
            throw new IllegalArgumentException("Cannot use " + path + ": the path of a socket has "
                    + "at most " + MAX_PATH + " bytes; give a shorter --run-dir");
        }
        Files.deleteIfExists(path);
        listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            bind();
            Thread fresh = threads.newThread(this::run);
            fresh.setName("control");
            fresh.start();
            thread = fresh;
        } catch (IOException | OutOfMemoryError unable) {
            closeAll();
            throw unable;
        }
    }

    private void bind() throws IOException {
        listener.bind(UnixDomainSocketAddress.of(path), 64);
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
        if (daemonUser.isPresent()) {
            // root needs no permission; the daemon's user could not connect otherwise
            Files.setAttribute(path, "unix:uid", daemonUser.getAsInt());
        }
        listener.configureBlocking(false);
        selector = Selector.open();
        listener.register(selector, SelectionKey.OP_ACCEPT);
    }

    private void run() {
        while (!closing) {
            try {
                runOnce();
            } catch (IOException | RuntimeException | OutOfMemoryError trouble) {
                if (!closing) {
                    survive(trouble);
                }
            }
        }
    }

    /** One caller's trouble, or no descriptors: the next one may fare better. */
    private static void survive(Throwable trouble) {
        try {
            LOG.warn("control socket: {}", trouble.toString());
            Thread.sleep(PAUSE);
        } catch (InterruptedException | OutOfMemoryError goOn) {
            Thread.onSpinWait();
        }
    }

    private void runOnce() throws IOException {
        selector.select(timeout().toMillis());
        Set<SelectionKey> selected = selector.selectedKeys();
        for (SelectionKey key : selected) {
            if (key.isValid() && key.isAcceptable()) {
                accept();
            } else if (key.isValid() && key.attachment() instanceof Connection connection) {
                serve(connection);
            }
        }
        selected.clear();
        for (Connection left : hangUps.gone()) {
            drop(left);
        }
        flushAndExpire();
    }

    /**
     * Zero is for ever: who has gone wakes us, and so does what is answered, but not the time of one that
     * asks nothing. A daemon that is attached stays as long as it likes.
     */
    private Duration timeout() {
        if (!hangUps.isEmpty()) {
            return HANG_UP_INTERVAL;
        }
        if (connections.hasAttachOnly()) {
            return HURRY.dividedBy(4);
        }
        return connections.hasIdle() ? IDLE.dividedBy(4) : Duration.ZERO;
    }

    // ---- connections

    private void accept() throws IOException {
        for (int i = 0; i < MAX_ACCEPTS_A_TURN; i++) {
            SocketChannel channel = listener.accept();
            if (channel == null) {
                return;
            }
            try {
                admit(channel);
            } catch (IOException | RuntimeException gone) {
                channel.close();
            }
        }
    }

    private void admit(SocketChannel channel) throws IOException {
        Optional<Peers.Peer> peer = peers.identify(channel, daemonUser.isPresent());
        if (peer.isPresent()) {
            channel.configureBlocking(false);
            admit(channel, peer.get());
        } else {
            LOG.warn("refused user {} on {}", Peers.name(channel), path);
            channel.close();
        }
    }

    private void admit(SocketChannel channel, Peers.Peer peer) throws IOException {
        SelectionKey key = channel.register(selector, SelectionKey.OP_READ);
        Connection connection = new Connection(channel, key, peer, System.nanoTime(),
                selector::wakeup);
        key.attach(connection);
        List<Connection> evicted = new ArrayList<>();
        if (!connections.admit(connection, evicted)) {
            connection.evict(BUSY);
        }
        for (Connection idlest : evicted) {
            idlest.evict(BUSY);
            drop(idlest);
        }
    }

    private void serve(Connection connection) {
        try {
            connection.read(buffer, System.nanoTime(), line -> take(connection, line));
            hangUps.follow(connection);
        } catch (IOException gone) {
            drop(connection);
        }
    }

    /** Writes what has been answered meanwhile; closes what is finished, idle or does not read. */
    private void flushAndExpire() {
        long now = System.nanoTime();
        for (Connection connection : connections.all()) {
            try {
                if (connection.isAttachOnly() && isIdle(connection, now, HURRY)) {
                    // a slow caller is told, so that it comes back
                    connection.refuse(ErrorCodes.BUSY, BUSY);
                }
                connection.resume(line -> take(connection, line));
                if (connection.isClosed() || connection.replies().overflowed() || !connection.write()
                        || isIdle(connection, now, IDLE)) {
                    drop(connection);
                } else {
                    hangUps.follow(connection);
                }
            } catch (IOException gone) {
                drop(connection);
            }
        }
    }

    private static boolean isIdle(Connection connection, long now, Duration time) {
        return connection.replies().areIdle()
                && now - connection.replies().lastUse() > time.toNanos();
    }

    private void drop(Connection connection) {
        try {
            hangUps.forget(connection);
        } catch (IOException noSelector) {
            LOG.warn("control socket: {}", noSelector.toString());
        }
        connection.close();
        connections.remove(connection);
        if (connection.speaksForTheDaemon()) {
            post(connection, new RequestParser.Line(new DaemonMessage.Disconnected()));
        }
        left.run();
    }

    // ---- requests

    private void take(Connection connection, String line) {
        if (line.isBlank()) {
            return;
        }
        Optional<Object> id = Optional.empty();
        try {
            Map<?, ?> object = RequestParser.object(line);
            id = RequestParser.id(object);
            RequestParser.Line read = RequestParser.read(object);
            if (connection.isAttachOnly() && !(read.request() instanceof DaemonMessage.Attach)) {
                connection.refuse(ErrorCodes.BUSY, BUSY);
                return;
            }
            if (!connection.isPermitted() && !(read.request() instanceof DaemonMessage)) {
                connection.replies().error(read.id().orElse(null), ErrorCodes.REFUSED, "only the "
                        + "supervisor's user and root may ask that; the daemon's speaks for itself");
                return;
            }
            connection.attachOnly(false);
            post(connection, read);
        } catch (BadRequest bad) {
            connection.replies().error(id.orElse(null), bad.code(), bad.getMessage());
        }
    }

    private void post(Connection connection, RequestParser.Line line) {
        String words = line.origin().word() + " (" + connection.user() + ")"
                + (line.reason().isEmpty() ? "" : ": " + line.reason());
        Caller caller = new Caller(connection.user(), line.origin(), words);
        boolean message = line.request() instanceof DaemonMessage;
        boolean room = message || connection.replies().haveRoom();
        ReplyTo replyTo = connection.replies().replyTo(line);
        if (message) {
            connection.spokeForTheDaemon();
        }
        if (!room || !inbox.test(new IncomingRequest(line.request(), caller, replyTo))) {
            replyTo.error(ErrorCodes.BUSY, "busy: try again shortly", Map.of());
        }
    }

    /** Sends what has been answered, for a moment at the most, and removes the socket. */
    @Override
    public void close() throws IOException {
        closing = true;
        if (thread != null) {
            selector.wakeup();
            try {
                thread.join(PAUSE);
            } catch (InterruptedException hurry) {
                Thread.currentThread().interrupt();
            }
            try {
                flushAndExpire();
            } finally {
                closeAll();
            }
        }
    }

    /**
     * Closes everything although memory may be short: who waits for an answer is better told at once that
     * there will be none. Does not throw.
     */
    public void abandon() {
        try {
            closing = true;
            if (thread != null) {
                selector.wakeup();
                thread.join(PAUSE_MILLIS);
            }
        } catch (InterruptedException | RuntimeException | OutOfMemoryError hurry) {
            // what is open is closed all the same
        }
        if (listener != null) {
            try {
                closeAll();
            } catch (IOException | RuntimeException | OutOfMemoryError stuck) {
                // there is no other way left to tell them
            }
        }
    }

    /** One after the other, whatever becomes of the one before; who would connect is refused first. */
    private void closeAll() throws IOException {
        try {
            listener.close();
        } finally {
            try {
                connections.closeAll();
            } finally {
                try {
                    hangUps.close();
                    if (selector != null) {
                        // as long as it is open, the kernel has the connections open, too
                        selector.close();
                    }
                } finally {
                    Files.deleteIfExists(path);
                }
            }
        }
    }
}
