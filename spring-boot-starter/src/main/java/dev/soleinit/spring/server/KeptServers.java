package dev.soleinit.spring.server;

import dev.soleinit.lifecycle.EmbeddedLifecycle;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.web.server.AbstractConfigurableWebServerFactory;
import org.springframework.boot.web.server.WebServerFactory;

/** The web servers of this application that are on kept sockets, and which socket is whose. */
public final class KeptServers {
    private static final Logger LOG = LoggerFactory.getLogger(KeptServers.class);
    private static final Duration GRACE = Duration.ofSeconds(1);
    private static final long POLL_INTERVAL_MS = 5;

    private final EmbeddedLifecycle lifecycle;
    private final List<KeptServer> servers = new CopyOnWriteArrayList<>();

    public KeptServers(EmbeddedLifecycle lifecycle) {
        this.lifecycle = lifecycle;
    }

    /**
     * Where a server of this factory will listen, if a socket is kept for that address.
     *
     * @throws UncheckedIOException if sockets are kept, and this JVM cannot take one over
     */
    Optional<InetSocketAddress> addressOf(WebServerFactory factory) {
        if (!lifecycle.hasInherited()
                || !(factory instanceof AbstractConfigurableWebServerFactory known)) {
            return Optional.empty();
        }
        InetSocketAddress address = new InetSocketAddress(known.getAddress(), known.getPort());
        try {
            Optional<ServerSocketChannel> kept = lifecycle.inherited(address);
            if (kept.isEmpty()) {
                LOG.info("No socket is kept for {}: the web server binds it itself", address);
                return Optional.empty();
            }
            kept.get().close();
            return Optional.of(address);
        } catch (IOException flag) {
            throw new UncheckedIOException(flag.getMessage(), flag);
        }
    }

    /** A new channel over the kept socket. */
    ServerSocketChannel open(InetSocketAddress address) throws IOException {
        return lifecycle.inherited(address).orElseThrow(() ->
                new IOException("no socket is kept for " + address));
    }

    void add(KeptServer server) {
        servers.add(server);
        if (lifecycle.gate().isFenced()) {
            server.accept(false);
        }
    }

    /** Has all of them stop or go on accepting. */
    public void accept(boolean accepting) {
        servers.forEach(server -> server.accept(accepting));
    }

    /**
     * Waits until whoever was accepted has got an answer. Where a second passes without one more, the
     * rest has not asked yet, or is answered for longer than anybody waits.
     */
    public void settle(Duration within) throws InterruptedException {
        long end = System.nanoTime() + within.toNanos();
        long patience = System.nanoTime() + GRACE.toNanos();
        // where no socket is kept others are accepted meanwhile: only fewer than ever are a progress
        int fewest = Integer.MAX_VALUE;
        int left = unanswered();
        while ((left > 0 || isAnswering()) && System.nanoTime() < Math.min(end, patience)) {
            if (left < fewest) {
                fewest = left;
                patience = System.nanoTime() + GRACE.toNanos();
            }
            Thread.sleep(POLL_INTERVAL_MS);
            left = unanswered();
        }
    }

    private int unanswered() {
        return servers.stream().mapToInt(KeptServer::unanswered).sum();
    }

    private boolean isAnswering() {
        return servers.stream().anyMatch(KeptServer::isAnswering);
    }
}
