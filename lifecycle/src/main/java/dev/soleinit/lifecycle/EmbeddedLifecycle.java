package dev.soleinit.lifecycle;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What a framework needs that has a run loop of its own: the gate, the kept sockets and the connection
 * to the supervisor, without {@link Lifecycle#run}. It is rebuilt by a new process only, so a reload is
 * answered as failed. For any thread.
 */
public final class EmbeddedLifecycle implements AutoCloseable {
    private static final String NO_RELOAD =
            "it reads its configuration only at its start: restart it instead";

    private final Duration drainTimeout;
    private final AtomicLong generation;
    private final SupervisorBridge bridge;
    private final WorkGate gate;
    private final Optional<SupervisorConnection> link;
    private final InheritedSockets sockets;
    private volatile Optional<Context.Resumer> resumer = Optional.empty();

    private EmbeddedLifecycle(Map<String, String> environment, InheritedSockets sockets) {
        this.drainTimeout = Lifecycle.drainTimeout(environment);
        this.generation = new AtomicLong(Long.parseLong(
                environment.getOrDefault("DAEMON_GENERATION", "0")));
        this.bridge = new SupervisorBridge(this::refuseReload, this::resume, generation);
        this.gate = new WorkGate(bridge);
        this.link = SupervisorConnection.of(environment, generation, bridge);
        this.sockets = sockets;
        bridge.connect(gate, link);
    }

    /** Made of what a supervisor puts into a daemon's environment; connects with {@link #start}. */
    public static EmbeddedLifecycle of(Map<String, String> environment) {
        return new EmbeddedLifecycle(environment, new InheritedSockets(environment));
    }

    /** For tests: with kept sockets from another descriptor on. */
    static EmbeddedLifecycle of(Map<String, String> environment, int firstSocket) {
        return new EmbeddedLifecycle(environment, new InheritedSockets(environment, firstSocket));
    }

    private void refuseReload(long next) {
        bridge.failed(NO_RELOAD);
    }

    /** Attaches to the supervisor, and does so anew whenever the connection is lost. */
    public void start() {
        link.ifPresent(SupervisorConnection::start);
    }

    /** Whether the environment names a supervisor. */
    public boolean isSupervised() {
        return link.isPresent();
    }

    /** Whether the supervisor has accepted this daemon's connection, and that is still there. */
    public boolean isAttached() {
        return bridge.isAttached();
    }

    /** The generation; 0 without a supervisor. */
    public long generation() {
        return generation.get();
    }

    /** The id of the supervisor's life, once it was attached to. */
    public Optional<String> instance() {
        return bridge.instance();
    }

    /** The door for all work. */
    public WorkGate gate() {
        return gate;
    }

    /** Whether sockets are kept for this process. */
    public boolean hasInherited() {
        return sockets.any();
    }

    /**
     * The kept socket that is bound to this address, in blocking mode; empty if there is none. Closing
     * it leaves the kept one open. What {@link Context#listen} says of addresses holds here, too.
     *
     * @throws IOException if sockets are kept and this JVM was started without the flag that taking
     *                     one over needs
     */
    public Optional<ServerSocketChannel> inherited(SocketAddress address) throws IOException {
        return sockets.inherited(address);
    }

    /**
     * Has servers stop and go on accepting connections, as {@link Context#onFence} says; a second call
     * takes the place of the first.
     */
    public void onFence(Runnable fenced, Runnable unfenced) {
        gate.onFence(new WorkGate.FenceListener(fenced, unfenced));
    }

    /** It serves; said to the supervisor again on each new connection. */
    public void ready() {
        bridge.ready();
    }

    /** Has interrupted work of earlier lives handed over, as {@link Context#resume} says. */
    public void resume(Context.Resumer handler) {
        resumer = Optional.of(handler);
        resume();
    }

    /** Also what was not there yet when this life began. */
    private void resume() {
        resumer.ifPresent(handler -> new ResumeWorker(link, handler, List.of()).start());
    }

    /**
     * Refuses new work, and waits until what runs has ended, unless the supervisor has announced the
     * stop: then it has waited already, or decided not to.
     *
     * @return how many pieces still run
     */
    public int drain(Duration within) throws InterruptedException {
        gate.fence();
        return gate.drain(within).size();
    }

    /** How long a drain may last by the supervisor ({@code DAEMON_DRAIN_TIMEOUT}); else 5 s. */
    public Duration drainTimeout() {
        return drainTimeout;
    }

    /** What is still open counts as interrupted; what was said goes out, and the connection ends. */
    @Override
    public void close() {
        gate.fence();
        gate.abandon();
        link.ifPresent(SupervisorConnection::close);
    }
}
