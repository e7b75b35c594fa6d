package dev.soleinit.machine;

import dev.soleinit.process.Child;
import dev.soleinit.process.ExitStatus;
import dev.soleinit.process.Signal;
import dev.soleinit.process.SpawnError;
import java.util.List;
import java.util.Optional;

/**
 * What can happen. Words of a daemon carry its generation; those of an older one do nothing.
 * Requests carry an id, and each id is answered exactly once with {@link Effect.Finish}.
 */
public sealed interface Event {
    /** The supervisor is set up. */
    record Booted() implements Event {}

    /** The kernel made the process that {@link Effect.Spawn} asked for. */
    record Spawned(Child child) implements Event {}

    /** The kernel refused it. */
    record SpawnFailed(SpawnError error) implements Event {}

    /** A child was reaped. */
    record Ended(int pid, ExitStatus status) implements Event {}

    /** No process is left beside the supervisor (looked for only while sweeping). */
    record NobodyLeft() implements Event {}

    /** A signal came to the supervisor. */
    record SignalCame(Signal signal) implements Event {}

    /** The phase's deadline has passed. */
    record DeadlinePassed() implements Event {}

    /** The daemon, or a probe of it, says that it is ready. */
    record ReadyTold(long generation) implements Event {}

    /** The daemon says that it is going down. */
    record StoppingTold(long generation) implements Event {}

    /** Somebody wants it to run. */
    record StartAsked(long id) implements Event {}

    /** Somebody wants it held down. */
    record StopAsked(long id, String reason) implements Event {}

    /** Somebody wants a new process; {@code arguments} replace the command's own from then on. */
    record RestartAsked(long id, boolean force, Optional<List<String>> arguments)
            implements Event {}

    /** Somebody wants a signal sent to it. */
    record SignalAsked(long id, Signal signal) implements Event {}
}
