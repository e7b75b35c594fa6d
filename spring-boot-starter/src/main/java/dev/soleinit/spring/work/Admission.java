package dev.soleinit.spring.work;

import dev.soleinit.lifecycle.RestartingException;
import dev.soleinit.lifecycle.WorkGate;
import java.util.concurrent.atomic.AtomicLong;
import org.springframework.core.Ordered;

/** Gives each piece of Spring's work its id. */
public final class Admission {
    /** Of the filters: behind Spring's observation of requests, which so counts what is refused. */
    static final int ORDER = Ordered.HIGHEST_PRECEDENCE + 10;
    private static final int MAX_DESCRIPTION = 80;

    private final WorkGate gate;
    private final long generation;
    private final AtomicLong numbers = new AtomicLong();
    private volatile boolean closing;

    public Admission(WorkGate gate, long generation) {
        this.gate = gate;
        this.generation = generation;
    }

    /** Admits a piece. */
    Piece.Hold begin(String kind, String description) throws RestartingException {
        String id = kind + "-" + generation + "-" + numbers.incrementAndGet();
        return Piece.first(gate.begin(kind, id, description.length() <= MAX_DESCRIPTION
                ? description : description.substring(0, MAX_DESCRIPTION)));
    }

    /** The context closes: whoever waits to be admitted need wait no longer. */
    public void close() {
        closing = true;
    }

    public boolean isClosing() {
        return closing;
    }
}
