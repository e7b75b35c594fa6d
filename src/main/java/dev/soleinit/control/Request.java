package dev.soleinit.control;

import dev.soleinit.process.Signal;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What a caller can ask for; one record a method. */
public sealed interface Request {
    /** {@code status}: how things are. */
    record Status() implements Request {}

    /** {@code start}: releases a hold, ends a backoff; with {@code block} waits until ready. */
    record Start(boolean block) implements Request {}

    /** {@code stop}: holds the daemon down; with {@code block} waits until it is. */
    record Stop(boolean block) implements Request {}

    /**
     * {@code restart.request}: a new process; {@code arguments} replace the command's own from
     * then on.
     */
    record Restart(boolean force, boolean graceful, Optional<Duration> timeout, String reason,
            Optional<List<String>> arguments, boolean block) implements Request {}

    /** {@code signal}: sends one to the daemon. */
    record SendSignal(Signal signal) implements Request {}

    /** {@code wait}: answers when the condition holds, or with an error after the timeout. */
    record Wait(Condition condition, long generation, Optional<Duration> timeout)
            implements Request {}

    /** {@code events.subscribe}: the journal's lines after {@code since}, then as they come. */
    record Subscribe(boolean follow, Optional<Long> since) implements Request {}

    /** What can be waited for. */
    enum Condition { READY, STOPPED, GENERATION }
}
