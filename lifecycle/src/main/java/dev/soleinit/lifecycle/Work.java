package dev.soleinit.lifecycle;

import java.util.Optional;

/** A piece of work that {@link WorkGate} has admitted; closing it ends it. For any thread. */
public final class Work implements AutoCloseable {
    private static final int MAX_CHECKPOINT = 4_096;

    private final WorkGate gate;
    private final String kind;
    private final String id;
    private final String description;
    private volatile boolean running;
    private volatile Optional<String> checkpoint = Optional.empty();

    Work(WorkGate gate, String kind, String id, String description, boolean running) {
        this.gate = gate;
        this.kind = kind;
        this.id = id;
        this.description = description;
        this.running = running;
    }

    public String kind() {
        return kind;
    }

    public String id() {
        return id;
    }

    public String description() {
        return description;
    }

    /** Whether it runs; queued work does not keep a safe restart waiting. */
    public boolean isRunning() {
        return running;
    }

    Optional<String> lastCheckpoint() {
        return checkpoint;
    }

    /**
     * Says where to go on, should this be interrupted: comes back with the {@link InterruptedWork}.
     *
     * @param opaque at most 4,096 characters that only the daemon understands: where its data
     *               lies, not the data
     */
    public void checkpoint(String opaque) {
        if (opaque.length() > MAX_CHECKPOINT) {
            throw new IllegalArgumentException("Cannot keep a checkpoint of " + opaque.length()
                    + " characters: at most " + MAX_CHECKPOINT);
        }
        checkpoint = Optional.of(opaque);
        gate.changed(this);
    }

    /** Queued work runs from now on; refused while fenced, and then it stays queued. */
    public void run() throws RestartingException {
        gate.runs(this, () -> running = true);
    }

    /** It has ended. A second time does nothing. */
    @Override
    public void close() {
        gate.ended(this);
    }
}
