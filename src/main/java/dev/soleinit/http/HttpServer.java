package dev.soleinit.http;

import dev.soleinit.http.HttpConnection.Phase;
import dev.soleinit.http.page.PageContent;
import dev.soleinit.process.ListenAddress;
import dev.soleinit.process.ListenAddress.Place;
import java.io.IOException;
import java.net.BindException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadFactory;

/**
 * Answers GET on one address, with one thread of its own, "http". Clients are bounded in number, in
 * the length of what they ask and in the time that they take for it; where there are too many, the one
 * that has been silent for longest makes room. Whatever they do, nobody else waits for this thread.
 */
public final class HttpServer implements AutoCloseable {
    static final int MAX_CONNECTIONS = 64;
    private static final int MAX_FOLLOWERS = 8;
    private static final int MAX_ACCEPTS_A_TURN = 64;
    private static final int BACKLOG = 128;
    /** How long an answer waits for the loop. */
    private static final long MAX_WAIT_NANOS = 2_000_000_000L;
    private static final long PAUSE_MILLIS = 100;
    private static final long MAX_SELECT_MILLIS = 60_000;
    private static final long FOLLOW_MILLIS = 1_000;

    private final ListenAddress address;
    private final Published published;
    private final Endpoints endpoints;
    private final EventStreams streams;
    /** In the order in which they were last heard of. */
    private final Set<HttpConnection> connections = new LinkedHashSet<>();
    private final ByteBuffer buffer = ByteBuffer.allocate(RequestHead.MAX_BYTES);
    private ServerSocketChannel listener;
    private Selector selector;
    private volatile boolean closing;

    public HttpServer(ListenAddress address, Published published, PageContent content) {
        this.address = address;
        this.published = published;
        this.endpoints = new Endpoints(published, content);
        this.streams = new EventStreams(endpoints);
    }

    /**
     * Listens, but answers nobody before {@link #start}.
     *
     * @throws BindException if somebody else listens there
     * @throws IOException   if nobody can
     */
    public void open() throws IOException {
        if (address.place() instanceof Place.File place) {
            listener = UnixListener.open(place.path(), BACKLOG);
        } else if (address.place() instanceof Place.Port place) {
            listener = ServerSocketChannel.open();
            try {
                listener.bind(new java.net.InetSocketAddress(place.address(), place.port()), BACKLOG);
            } catch (IOException unusable) {
                listener.close();
                throw unusable;
            }
        }
        listener.configureBlocking(false);
        selector = Selector.open();
        listener.register(selector, SelectionKey.OP_ACCEPT);
        published.wakes(selector);
    }

    /** The port that a 0 has become, 0 for a file. */
    public int port() throws IOException {
        return listener.getLocalAddress() instanceof java.net.InetSocketAddress bound
                ? bound.getPort() : 0;
    }

    /**
     * Begins.
     *
     * @throws OutOfMemoryError if the kernel has no thread left; it may be called again
     */
    public void start(ThreadFactory threads) {
        Thread thread = threads.newThread(new Runnable() {
            @Override
            public void run() {
                serveOn();
            }
        });
        thread.setName("http");
        thread.start();
    }

    private void serveOn() {
        while (!closing) {
            try {
                runOnce();
            } catch (IOException | RuntimeException | OutOfMemoryError trouble) {
                survive();
            }
        }
    }

    /** No memory or no descriptors: without these clients the next ones may fare better. */
    private void survive() {
        try {
            for (HttpConnection one : connections) {
                one.close();
            }
            connections.clear();
            Thread.sleep(PAUSE_MILLIS);
        } catch (InterruptedException | OutOfMemoryError goOn) {
            Thread.onSpinWait();
        }
    }

    private void runOnce() throws IOException {
        selector.select(timeout(System.nanoTime()));
        Set<SelectionKey> selected = selector.selectedKeys();
        for (SelectionKey key : selected) {
            if (key.isValid() && key.isAcceptable()) {
                accept();
            } else if (key.isValid() && key.attachment() instanceof HttpConnection connection) {
                serve(connection);
            }
        }
        selected.clear();
        long now = System.nanoTime();
        answerWaiting(now);
        follow(now);
        expire(now);
    }

    private long timeout(long now) {
        long next = Long.MAX_VALUE;
        boolean followed = false;
        for (HttpConnection one : connections) {
            followed |= one.phase() == Phase.FOLLOWING;
            next = one.phase() == Phase.FOLLOWING ? next : Math.min(next, one.deadline() - now);
        }
        long millis = next == Long.MAX_VALUE ? MAX_SELECT_MILLIS : Math.max(1, next / 1_000_000 + 1);
        return Math.min(millis, followed ? FOLLOW_MILLIS : MAX_SELECT_MILLIS);
    }

    // ---- clients

    private void accept() throws IOException {
        for (int i = 0; i < MAX_ACCEPTS_A_TURN; i++) {
            SocketChannel channel = listener.accept();
            if (channel == null) {
                return;
            }
            try {
                channel.configureBlocking(false);
                if (address.place() instanceof Place.Port) {
                    // else the second part of an answer waits 40 ms for the client's ACK of the first
                    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
                }
                SelectionKey key = channel.register(selector, SelectionKey.OP_READ);
                HttpConnection connection = new HttpConnection(channel, key, System.nanoTime());
                key.attach(connection);
                makeRoom();
                connections.add(connection);
                // most have sent their request already: those are answered in any flood
                serve(connection);
            } catch (IOException | RuntimeException gone) {
                channel.close();
            }
        }
    }

    private void makeRoom() {
        if (connections.size() < MAX_CONNECTIONS) {
            return;
        }
        HttpConnection oldest = null;
        for (HttpConnection one : connections) {
            if (one.phase() == Phase.CLOSING || one.phase() == Phase.READING) {
                oldest = one;
                break;
            }
            oldest = oldest == null ? one : oldest;
        }
        endpoints.countEvicted();
        drop(oldest);
    }

    private void drop(HttpConnection connection) {
        connections.remove(connection);
        connection.close();
    }

    private void serve(HttpConnection connection) {
        try {
            long now = System.nanoTime();
            connection.flush(now);
            if (!connection.read(buffer, now)) {
                drop(connection);
                return;
            }
            answerAll(connection, now);
        } catch (IOException | RuntimeException gone) {
            drop(connection);
        }
    }

    /** One after the other, as far as they have come and as the client takes the answers. */
    private void answerAll(HttpConnection connection, long now) throws IOException {
        try {
            while (connection.nextRequest() != null) {
                // heard of just now: the last one to make room
                connections.remove(connection);
                connections.add(connection);
                answer(connection, now);
            }
        } catch (RequestHead.Unacceptable unacceptable) {
            connection.refuse(endpoints.counted(unacceptable.response()), now);
        }
    }

    private void answer(HttpConnection connection, long now) throws IOException {
        RequestHead request = connection.request();
        if (request.path().equals("/events") && request.method().equals("GET")) {
            if (followers() >= MAX_FOLLOWERS) {
                connection.answer(endpoints.counted(Response.text(503, "too many follow already")), now);
            } else {
                connection.follow(streams.begin(request), now);
            }
            return;
        }
        Response response = endpoints.answer(request, now);
        if (response == null) {
            connection.await(now + MAX_WAIT_NANOS);
        } else {
            connection.answer(response, now);
        }
    }

    private int followers() {
        int count = 0;
        for (HttpConnection one : connections) {
            count += one.phase() == Phase.FOLLOWING ? 1 : 0;
        }
        return count;
    }

    // ---- what has become known

    private void answerWaiting(long now) {
        for (HttpConnection one : List.copyOf(connections)) {
            if (one.phase() == Phase.WAITING) {
                try {
                    Response response = endpoints.answerSince(one.request(),
                            one.deadline() - MAX_WAIT_NANOS, now >= one.deadline());
                    if (response != null) {
                        one.answer(response, now);
                        answerAll(one, now);
                    }
                } catch (IOException | RuntimeException gone) {
                    drop(one);
                }
            }
        }
    }

    private void follow(long now) {
        byte[] news = streams.take(published.takeEvents(), now, followers() > 0);
        if (news.length == 0) {
            return;
        }
        for (HttpConnection one : List.copyOf(connections)) {
            if (one.phase() == Phase.FOLLOWING) {
                try {
                    one.append(news);
                    one.flush(now);
                } catch (IOException gone) {
                    drop(one);
                }
            }
        }
    }

    private void expire(long now) {
        for (HttpConnection one : List.copyOf(connections)) {
            if (one.phase() != Phase.FOLLOWING && now >= one.deadline()) {
                drop(one);
            }
        }
    }

    /** Removes a socket file; the rest ends with the process. */
    @Override
    public void close() {
        closing = true;
        if (address.place() instanceof Place.File place && listener != null) {
            UnixListener.remove(place.path());
        }
    }
}
