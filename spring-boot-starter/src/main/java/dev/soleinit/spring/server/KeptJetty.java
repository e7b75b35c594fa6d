package dev.soleinit.spring.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.channels.SelectableChannel;
import java.nio.channels.ServerSocketChannel;
import java.util.Collections;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.SelectorManager;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Jetty's connector on a kept socket. It has no acceptor: only a selector can stop accepting at once. */
final class KeptJetty implements KeptServer {
    private static final Logger LOG = LoggerFactory.getLogger(KeptJetty.class);
    private static final long GRACE_MS = 1_000;

    private final ServerConnector connector;
    private final ServerSocketChannel channel;

    /** What was accepted, also before Jetty has made a connection of it; who is gone is forgotten. */
    private final Set<SelectableChannel> accepted =
            Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

    private KeptJetty(ServerConnector connector, ServerSocketChannel channel) {
        this.connector = connector;
        this.channel = channel;
        connector.getSelectorManager().addEventListener(new SelectorManager.AcceptListener() {
            @Override
            public void onAccepting(SelectableChannel connection) {
                accepted.add(connection);
            }
        });
    }

    /** Has the connector of that port listen on the kept socket. */
    static void use(Server server, KeptServers servers, InetSocketAddress address) {
        for (Connector one : server.getConnectors()) {
            if (one instanceof ServerConnector connector
                    && connector.getPort() == address.getPort()) {
                try {
                    ServerSocketChannel channel = servers.open(address);
                    connector.open(channel);
                    connector.setShutdownIdleTimeout(GRACE_MS);
                    servers.add(new KeptJetty(connector, channel));
                    return;
                } catch (IOException unusable) {
                    throw new UncheckedIOException(unusable);
                }
            }
        }
    }

    /**
     * Waits until the selector has done so, which is at its next turn: who asks for the contrary before
     * that would have Jetty register a cancelled key, and close the channel for it.
     */
    @Override
    public void accept(boolean accepting) {
        connector.setAccepting(accepting);
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(GRACE_MS);
        while (connector.isStarted() && channel.isOpen() && channel.isRegistered() != accepting) {
            if (System.nanoTime() > deadline) {
                LOG.warn("Jetty's selector does not {} accepting", accepting ? "begin" : "stop");
                return;
            }
            LockSupport.parkNanos(200_000);
        }
    }

    @Override
    public int unanswered() {
        Set<Object> answered = connector.getConnectedEndPoints().stream().filter(KeptJetty::isAnswered)
                .map(EndPoint::getTransport).collect(Collectors.toSet());
        synchronized (accepted) {
            return (int) accepted.stream().filter(SelectableChannel::isOpen)
                    .filter(connection -> !answered.contains(connection)).count();
        }
    }

    private static boolean isAnswered(EndPoint endPoint) {
        Connection connection = endPoint.getConnection();
        return connection != null && connection.getMessagesOut() > 0;
    }

    /** Jetty's own shutdown waits for a request that is being answered. */
    @Override
    public boolean isAnswering() {
        return false;
    }
}
