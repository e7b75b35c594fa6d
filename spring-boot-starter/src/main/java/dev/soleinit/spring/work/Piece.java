package dev.soleinit.spring.work;

import dev.soleinit.lifecycle.Work;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A piece of work that ends when the last of those who have a hold on it lets go: what a request began
 * while new work was still taken belongs to the request.
 */
final class Piece {
    private static final ThreadLocal<Piece> CURRENT = new ThreadLocal<>();

    private final Work work;
    private final AtomicInteger holds = new AtomicInteger();

    private Piece(Work work) {
        this.work = work;
    }

    static Hold first(Work work) {
        return new Piece(work).hold();
    }

    /** The piece that this thread works on. */
    static Optional<Piece> current() {
        return Optional.ofNullable(CURRENT.get());
    }

    Hold hold() {
        holds.incrementAndGet();
        return new Hold();
    }

    /** What keeps the piece open; letting go twice does nothing. */
    final class Hold implements AutoCloseable {
        private final AtomicBoolean over = new AtomicBoolean();

        private Hold() {}

        /** A second one, which is let go by itself. */
        Hold another() {
            return hold();
        }

        /** This thread works on it until the result is closed. */
        Scope enter() {
            Piece before = CURRENT.get();
            CURRENT.set(Piece.this);
            return () -> {
                if (before == null) {
                    CURRENT.remove();
                } else {
                    CURRENT.set(before);
                }
            };
        }

        @Override
        public void close() {
            if (over.compareAndSet(false, true) && holds.decrementAndGet() == 0) {
                work.close();
            }
        }
    }

    /** While a thread works on a piece. */
    interface Scope extends AutoCloseable {
        @Override
        void close();
    }
}
