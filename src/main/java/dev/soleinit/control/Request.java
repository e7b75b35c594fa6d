package dev.soleinit.control;

import dev.soleinit.process.RestartMode;
import dev.soleinit.process.Signal;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What a caller can ask for; one record a method. */
public sealed interface Request permits Request.Status, Request.Start, Request.Stop,
        Request.Restart, Request.Preflight, Request.Reload, Request.SendSignal, Request.Wait,
        Request.Subscribe, DaemonMessage {
    /** {@code status}: how things are. */
    record Status() implements Request {}

    /** {@code start}: releases a hold, ends a backoff; with {@code block} waits until ready. */
    record Start(boolean block) implements Request {}

    /** {@code stop}: holds the daemon down; with {@code block} waits until it is. */
    record Stop(boolean block) implements Request {}

    /**
     * {@code restart.request}: a new process; {@code arguments} replace the command's own from
     * then on.
     *
     * @param how     what becomes of the work that is under way
     * @param timeout of the drain, if not the default
     * @param patience how long a safe one waits, if not the default; 0 for no bound
     * @param ignored ids of work that it does not wait for
     * @param assumeIdle a safe one takes a daemon for idle of whose work nothing is known
     * @param unchecked  the check command is not asked
     * @param overlap    whether the next generation is started beside the running one, if not as set
     */
    record Restart(RestartMode mode, Optional<Duration> timeout, Optional<Duration> maxWait,
            Set<String> ignored, String reason, Optional<List<String>> arguments, boolean block,
            boolean assumeIdle, boolean unchecked, Optional<Overlap> overlap) implements Request {}

    /**
     * Whether two generations may run at once: {@code IF_ROOM} if there is memory for both, else one
     * after the other; {@code SHARED_PORT} although no socket is kept, since the daemon shares its port.
     */
    enum Overlap {
        NO, YES, IF_ROOM, SHARED_PORT, IF_ROOM_SHARED_PORT;

        /** Where memory is short it is an ordinary restart. */
        public boolean yieldsToRoom() {
            return this == IF_ROOM || this == IF_ROOM_SHARED_PORT;
        }

        /** The daemon binds by itself, in a way that a second one can, too. */
        public boolean sharesPort() {
            return this == SHARED_PORT || this == IF_ROOM_SHARED_PORT;
        }
    }

    /** {@code restart.preflight}: whether a restart would cut anything, and what. */
    record Preflight(Set<String> ignored) implements Request {}

    /** {@code reload}: the same process, a new generation; {@code unchecked} as in a restart. */
    record Reload(String reason, boolean block, boolean unchecked) implements Request {}

    /** {@code signal}: sends one to the daemon. */
    record SendSignal(Signal signal) implements Request {}

    /** {@code wait}: answers when the condition holds, or with an error after the timeout. */
    record Wait(Condition condition, long generation, Optional<Duration> timeout)
            implements Request {}

    /** {@code events.subscribe}: the journal's lines after {@code since}, then as they come. */
    record Subscribe(boolean follow, Optional<Long> since) implements Request {}

    /**
     * What can be waited for. {@code SETTLED}: ready, or no start is under way any longer, because it
     * failed, or the daemon is held, or the supervisor ends.
     */
    enum Condition { READY, STOPPED, GENERATION, SETTLED }
}
