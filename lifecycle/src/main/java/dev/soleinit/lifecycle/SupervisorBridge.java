package dev.soleinit.lifecycle;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/**
 * Between the gate and the link: what happens to work is told to the supervisor, what the
 * supervisor orders is done to the gate. For any thread.
 */
final class SupervisorBridge implements WorkGate.Listener, SupervisorConnection.SupervisorCommands {
    private final LongConsumer reload;
    private final Runnable resume;
    private final AtomicLong generation;
    private Optional<SupervisorConnection> link = Optional.empty();
    private WorkGate gate;
    private volatile boolean ready;
    private volatile boolean attached;
    private volatile Optional<String> instance = Optional.empty();
    private volatile boolean draining;

    SupervisorBridge(LongConsumer reload, Runnable resume, AtomicLong generation) {
        this.reload = reload;
        this.resume = resume;
        this.generation = generation;
    }

    void connect(WorkGate knownGate, Optional<SupervisorConnection> knownLink) {
        gate = knownGate;
        link = knownLink;
    }

    // ---- to the supervisor

    @Override
    public void begun(Work work) {
        say("work.begin", item(work));
    }

    @Override
    public void changed(Work work) {
        say("work.begin", item(work));
    }

    @Override
    public void ended(Work work) {
        say("work.end", Map.of("id", work.id()));
    }

    @Override
    public void drained() {
        if (draining) {
            say("drained", Map.of());
        }
    }

    /** Said once on each connection: here if there is one, else when there is. */
    synchronized void ready() {
        ready = true;
        if (attached) {
            say("ready", Map.of("generation", generation.get()));
        }
    }

    /** A new connection is not told of the life that ends. */
    void notReady() {
        ready = false;
    }

    boolean isAttached() {
        return attached;
    }

    /** The id of the supervisor's life, once it was attached to. */
    Optional<String> instance() {
        return instance;
    }

    void failed(String reason) {
        say("failed", Map.of("reason", reason));
    }

    private void say(String method, Map<String, Object> params) {
        link.ifPresent(connected -> connected.send(method, params));
    }

    private static Map<String, Object> item(Work work) {
        Map<String, Object> item = new LinkedHashMap<>();
        item.put("kind", work.kind());
        item.put("id", work.id());
        item.put("description", work.description());
        item.put("running", work.isRunning());
        work.lastCheckpoint().ifPresent(checkpoint -> item.put("checkpoint", checkpoint));
        return item;
    }

    /** False if there is no supervisor to ask. */
    boolean askForReload() {
        if (link.isEmpty()) {
            return false;
        }
        say("reload", Map.of("reason", "asked for by the daemon", "block", false));
        return true;
    }

    // ---- from the supervisor

    @Override
    public synchronized void attached(Map<String, Object> answer) {
        instance = Optional.ofNullable(answer.get("instance")).map(Object::toString);
        attached = true;
        gate.report(open -> say("work.report", Map.of("items",
                open.stream().map(SupervisorBridge::item).toList())));
        if (ready) {
            ready();
        }
    }

    @Override
    public synchronized void detached() {
        attached = false;
    }

    @Override
    public void fence(boolean overlap) {
        draining = false;
        close(overlap || gate.isLeaving());
    }

    @Override
    public void unfence() {
        draining = false;
        gate.unfence();
    }

    @Override
    public void drain() {
        draining = true;
        close(gate.isLeaving());
    }

    private void close(boolean overlap) {
        if (!overlap) {
            gate.fence();
            return;
        }
        try {
            gate.leave();
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void resume() {
        resume.run();
    }

    @Override
    public void reload(long next) {
        reload.accept(next);
    }

    @Override
    public void stopping(String reason, Duration expected) {
        gate.announceStop();
    }
}
