package dev.soleinit.spring.server;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.NetworkChannel;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.NioEndpoint;
import org.apache.tomcat.util.net.SocketEvent;
import org.apache.tomcat.util.net.SocketWrapperBase;

/**
 * Tomcat's endpoint, which knows when everybody has an answer; and on a kept socket, if there is one for
 * its address. There Tomcat's own acceptor does not do: it ends by connecting to itself, and drops
 * whichever connection comes first.
 */
final class TomcatEndpoint extends NioEndpoint implements KeptServer {
    /** Accepted, and nothing is answered yet. */
    private final Set<SocketChannel> fresh = ConcurrentHashMap.newKeySet();
    private final AtomicInteger busy = new AtomicInteger();
    private KeptServers servers;
    private Optional<InetSocketAddress> address = Optional.empty();
    /** Null where no socket is kept: then Tomcat does what it always does. */
    private volatile Acceptor kept;

    void use(KeptServers known, Optional<InetSocketAddress> keptAddress) {
        servers = known;
        address = keptAddress;
    }

    @Override
    protected void initServerSocket() throws Exception {
        if (address.isPresent()) {
            kept = new Acceptor(servers.open(address.get()));
        } else {
            super.initServerSocket();
        }
        servers.add(this);
    }

    @Override
    protected NetworkChannel getServerSocket() {
        Acceptor open = kept;
        return open == null ? super.getServerSocket() : open.channel();
    }

    @Override
    protected SocketChannel serverSocketAccept() throws Exception {
        Acceptor open = kept;
        SocketChannel connection = open == null ? super.serverSocketAccept() : open.next();
        if (connection != null) {
            fresh.add(connection);
        }
        return connection;
    }

    @Override
    protected void unlockAccept() {
        Acceptor open = kept;
        if (open == null) {
            super.unlockAccept();
        } else {
            open.release();
        }
    }

    /** Null is what a released acceptor returns, and was counted as a connection. */
    @Override
    protected boolean setSocketOptions(SocketChannel connection) {
        if (connection == null) {
            countDownConnection();
            return true;
        }
        return super.setSocketOptions(connection);
    }

    @Override
    protected void destroySocket(SocketChannel connection) {
        if (connection == null) {
            countDownConnection();
        } else {
            super.destroySocket(connection);
        }
    }

    @Override
    protected void doCloseServerSocket() throws IOException {
        Acceptor open = kept;
        if (open == null) {
            super.doCloseServerSocket();
        } else {
            open.close();
        }
    }

    @Override
    public void accept(boolean accepting) {
        Acceptor open = kept;
        if (open != null) {
            open.accept(accepting);
        }
    }

    @Override
    public int unanswered() {
        fresh.removeIf(connection -> !connection.isOpen());
        return fresh.size();
    }

    @Override
    public boolean isAnswering() {
        return busy.get() > 0;
    }

    @Override
    public void setHandler(Handler<NioChannel> handler) {
        super.setHandler(new Counting(handler));
    }

    /** Tomcat's handler, watched: when it returns, the answer has been written. */
    private final class Counting implements Handler<NioChannel> {
        private final Handler<NioChannel> handler;

        Counting(Handler<NioChannel> handler) {
            this.handler = handler;
        }

        @Override
        public SocketState process(SocketWrapperBase<NioChannel> socket, SocketEvent event) {
            SocketChannel connection = socket.getSocket().getIOChannel();
            busy.incrementAndGet();
            try {
                SocketState state = handler.process(socket, event);
                // LONG: a part of the request has come, or another thread will answer
                if (state != SocketState.LONG) {
                    fresh.remove(connection);
                }
                return state;
            } finally {
                busy.decrementAndGet();
            }
        }

        @Override
        public Object getGlobal() {
            return handler.getGlobal();
        }

        @Override
        public void release(SocketWrapperBase<NioChannel> socket) {
            handler.release(socket);
        }

        @Override
        public void pause() {
            handler.pause();
        }

        @Override
        public void recycle() {
            handler.recycle();
        }
    }
}
