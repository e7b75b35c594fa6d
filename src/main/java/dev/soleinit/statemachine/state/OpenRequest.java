package dev.soleinit.statemachine.state;

import dev.soleinit.process.RestartMode;
import dev.soleinit.statemachine.model.Event.RequestEvent;
import dev.soleinit.statemachine.model.Phase;
import dev.soleinit.statemachine.model.RequestOutcome;
import dev.soleinit.statemachine.work.WorkOutcome;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A request that has not had its end yet. {@link OpenRequests} is the one list of them. */
public sealed interface OpenRequest {
    /** What it is answered by. */
    long id();

    /** What it waits for. */
    Kind kind();

    /** What it is answered by that, with what it alone knows. */
    default RequestOutcome ending(RequestOutcome outcome) {
        return outcome;
    }

    /** What a request can wait for; all of a kind have their end together. */
    enum Kind {
        /** A ready daemon. */
        START,
        /** No daemon. */
        STOP,
        /** A ready daemon of a newer generation. */
        RESTART,
        /** A daemon that has read its configuration anew. */
        RELOAD,
        /** The check command; after that it is decided on. */
        CHECK
    }

    /** Waits for a ready daemon. */
    record Start(long id) implements OpenRequest {
        @Override
        public Kind kind() {
            return Kind.START;
        }
    }

    /** Waits until there is no daemon. */
    record Stop(long id) implements OpenRequest {
        @Override
        public Kind kind() {
            return Kind.STOP;
        }
    }

    /**
     * Waits for a ready daemon of a newer generation, which is on its way.
     *
     * @param id   the request
     * @param tale what it has done to the work, if that was with a process that has gone since
     */
    record Restart(long id, Optional<WorkOutcome> tale) implements OpenRequest {
        public Restart(long id) {
            this(id, Optional.empty());
        }

        @Override
        public RequestOutcome ending(RequestOutcome outcome) {
            return tale.isPresent() ? outcome.with(tale) : outcome;
        }

        @Override
        public Kind kind() {
            return Kind.RESTART;
        }
    }

    /** Waits for a daemon that has read its configuration anew. */
    record Reload(long id) implements OpenRequest {
        @Override
        public Kind kind() {
            return Kind.RELOAD;
        }
    }

    /**
     * A restart that has not begun to stop the daemon.
     *
     * @param id         the request
     * @param mode       how it treats work
     * @param ignored    ids of work that it does not wait for
     * @param dueAt      when it may begin (later than at once during a cooldown)
     * @param drainBy    when a graceful one stops waiting for work
     * @param giveUpAt   when a safe one gives up
     * @param automatic  asked for by a machine: a cooldown follows it
     * @param assumeIdle a safe one takes a daemon for idle of whose work nothing is known
     * @param overlap    the new process is to start beside the old one
     * @param arguments  what it is started with then, if that is new
     */
    record PendingRestart(long id, RestartMode mode, Set<String> ignored, long dueAt, long drainBy,
            long giveUpAt, boolean automatic, boolean assumeIdle, boolean overlap,
            Optional<List<String>> arguments) implements OpenRequest {
        /** The new process has begun: from {@code now} on it is about the end of the old one. */
        public PendingRestart since(long now) {
            long later = now - dueAt;
            return new PendingRestart(id, mode, ignored, now, drainBy + later,
                    giveUpAt == Phase.NEVER ? giveUpAt : giveUpAt + later, automatic, assumeIdle,
                    false, arguments);
        }

        @Override
        public Kind kind() {
            return Kind.RESTART;
        }
    }

    /**
     * A reload or restart that is not decided on before the check command has passed.
     *
     * @param asked   what it will be then
     * @param covered the run that is under way is for it; else it came after that had begun, and may
     *                be about newer files
     */
    record Unchecked(RequestEvent asked, boolean covered) implements OpenRequest {
        @Override
        public long id() {
            return asked.id();
        }

        @Override
        public Kind kind() {
            return Kind.CHECK;
        }
    }
}
