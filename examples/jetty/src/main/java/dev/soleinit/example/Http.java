package dev.soleinit.example;

import java.nio.channels.ServerSocketChannel;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Jetty on a channel that is bound already. It can be told to leave connections in the backlog for who
 * listens next. One request a connection: one that is kept open could bring a request just when a
 * restart closes it.
 */
final class Http implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger("node");
    private static final int MAX_THREADS = 4_096;
    private static final int GRACE_MS = 1_000;

    private final ServerSocketChannel channel;
    private final Server server;
    private final ServerConnector connector;

    /**
     * Serves from now on.
     *
     * @param channel becomes the server's: closed with it, or if this fails
     */
    Http(ServerSocketChannel channel, Handler handler) throws Exception {
        this.channel = channel;
        // no virtual threads: their poller stays in epoll_wait(2), for 300 ms of a JVM that ends
        QueuedThreadPool threads = new QueuedThreadPool(MAX_THREADS);
        threads.setName("http");
        threads.setDaemon(true);
        this.server = new Server(threads);
        HttpConfiguration configuration = new HttpConfiguration();
        configuration.setPersistentConnectionsEnabled(false);
        configuration.setSendServerVersion(false);
        // no acceptor: only a selector can stop accepting without taking one connection more
        this.connector = new ServerConnector(server, null, null, null, 0, 1,
                new HttpConnectionFactory(configuration));
        connector.setShutdownIdleTimeout(GRACE_MS);
        server.addConnector(connector);
        server.setHandler(handler);
        server.setStopTimeout(GRACE_MS);
        try {
            connector.open(channel);
            server.start();
            await(true);
        } catch (Exception failed) {
            close();
            throw failed;
        }
        // no line on the way to readiness: whoever reads the log may stand still
        LOG.debug("serves on {}", channel.getLocalAddress());
    }

    /** Leaves connections in the backlog from now on, or takes them again. */
    void accept(boolean accepting) {
        connector.setAccepting(accepting);
        await(accepting);
    }

    /**
     * Waits until the selector has done so, which is at its next turn: who asks for the contrary before
     * that would have Jetty register a cancelled key, and close the channel for it.
     */
    private void await(boolean accepting) {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(GRACE_MS);
        while (channel.isOpen() && channel.isRegistered() != accepting) {
            if (System.nanoTime() > deadline) {
                LOG.warn("the selector does not {} accepting", accepting ? "begin" : "stop");
                return;
            }
            LockSupport.parkNanos(200_000);
        }
    }

    /**
     * Accepts no more, and lets answers that are on their way, and requests that have just come, end
     * within 1 s.
     */
    @Override
    public void close() throws Exception {
        // first: what Jetty accepts while its selector stops stays open, and without an answer, for ever
        accept(false);
        // who has its answer and does not go holds nobody up
        connector.getConnectedEndPoints().stream().filter(EndPoint::isOutputShutdown)
                .forEach(EndPoint::close);
        try (channel) {
            server.stop();
        } catch (TimeoutException cut) {
            LOG.warn("connections were cut: they did not end within {} ms", GRACE_MS);
        }
    }
}
