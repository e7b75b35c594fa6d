package dev.soleinit.statemachine.model;

import dev.soleinit.process.Child;
import dev.soleinit.process.ExitStatus;
import dev.soleinit.process.RestartMode;
import dev.soleinit.process.Signal;
import dev.soleinit.process.SpawnError;
import dev.soleinit.statemachine.settings.ReadySettings.Source;
import dev.soleinit.statemachine.work.PreflightVerdict;
import dev.soleinit.statemachine.work.WorkItem;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What can happen. Words of a daemon carry its generation; those of an older one do nothing.
 * Requests carry an id, and each id is answered exactly once with {@link Effect.FinishRequest}.
 */
public sealed interface Event {
    /** The supervisor is set up. */
    record Booted() implements Event {}

    /**
     * The number that {@link Effect.PersistGeneration} names is on disk, or it cannot be had there and
     * {@code failure} says why.
     */
    record GenerationPersisted(long generation, Optional<String> failure) implements Event {}

    /**
     * The kernel made the process that {@link Effect.Spawn} asked for; it is about to execute the
     * program, which {@link Spawned} or {@link SpawnFailed} reports.
     */
    record Forked(Child child) implements Event {}

    /** The process executes the program. */
    record Spawned(Child child) implements Event {}

    /** There is no process for that generation, or it could not execute the program and ends. */
    record SpawnFailed(long generation, SpawnError error) implements Event {}

    /** A child was reaped; {@code why} says more than the status, where more is known. */
    record ChildExited(int pid, ExitStatus status, Optional<String> why) implements Event {
        public ChildExited(int pid, ExitStatus status) {
            this(pid, status, Optional.empty());
        }
    }

    /** No process is left beside the supervisor (looked for only while sweeping). */
    record AllProcessesGone() implements Event {}

    /** The daemon that was {@code pid} has left processes; they have the stop signal now. */
    record LeftoversFound(int pid, String description) implements Event {}

    /** None is left of those, or there were none. */
    record LeftoversGone(int pid) implements Event {}

    /** A signal came to the supervisor. */
    record SignalReceived(Signal signal) implements Event {}

    /** The phase's deadline has passed. */
    record DeadlinePassed() implements Event {}

    /** What {@link Effect.SaveManifest} asked for with that number is on disk. */
    record ManifestSaved(long attempt) implements Event {}

    /** It could not be written. */
    record ManifestFailed(long attempt, String why) implements Event {}

    /** The reload command has ended; empty if it went well. */
    record ReloadCommandFinished(long generation, Optional<String> failure) implements Event {}

    /** The check command of that run has ended; empty if it passed. */
    record CheckFinished(long run, Optional<String> failure) implements Event {}

    /** The stop command has ended; empty if it went well. */
    record StopCommandFinished(long generation, Optional<String> failure) implements Event {}

    /** What becomes of the file of which a good content is kept; see {@link LastGood}. */
    sealed interface ConfigurationEvent extends Event {}

    /** What that generation finds in the file when it starts or reloads; empty if that is unknown. */
    record ConfigurationRead(long generation, String hash) implements ConfigurationEvent {}

    /** Whether {@link Effect.KeepConfiguration} has this content on disk now. */
    record ConfigurationKept(String hash, boolean kept) implements ConfigurationEvent {}

    /**
     * After {@link Effect.RestoreConfiguration}, as the words say.
     *
     * @param restored another content than the one that failed is there now, and can be tried
     */
    record ConfigurationRestored(boolean restored, String words)
            implements ConfigurationEvent {}

    /** The caller of a request that waits has left. */
    record CallerDisconnected(long id) implements Event {}

    /** What the daemon, or a probe of it, says. */
    sealed interface DaemonEvent extends Event {
        /** Which life it is that speaks. */
        long generation();
    }

    /** It is ready. What is said on NOTIFY_SOCKET names no generation: that is the speaker's. */
    record DaemonReady(long generation, Source source) implements DaemonEvent {}

    /** A probe finds it not ready, after it was. */
    record DaemonNotReady(long generation) implements DaemonEvent {}

    /** It lives. */
    record WatchdogPing(long generation) implements DaemonEvent {}

    /** It wants another watchdog interval from now on, 0 for none. */
    record WatchdogChanged(long generation, Duration interval) implements DaemonEvent {}

    /** It hangs, as it says itself or as probes find. */
    record DaemonHung(long generation, String reason) implements DaemonEvent {}

    /** It has begun to reload, by its own word at {@code at}. */
    record DaemonReloading(long generation, long at) implements DaemonEvent {}

    /** Another of its processes is the main one from now on. */
    record MainPidChanged(long generation, int pid, long startTicks) implements DaemonEvent {}

    /** It needs so much more time for what it does, from now on. */
    record TimeoutExtended(long generation, Duration by) implements DaemonEvent {}

    /** It is going down. */
    record DaemonStopping(long generation) implements DaemonEvent {}

    /** It could not start or reload. */
    record DaemonFailed(long generation, String reason) implements DaemonEvent {}

    /** It has begun to speak the protocol. */
    record DaemonAttached(long generation) implements DaemonEvent {}

    /** Its connection has gone; what it had said still holds. */
    record DaemonDetached(long generation) implements DaemonEvent {}

    /** It takes no new work. */
    record DaemonFenced(long generation) implements DaemonEvent {}

    /** The last piece of its work has ended. */
    record DaemonDrained(long generation) implements DaemonEvent {}

    /** It has taken on a piece of work, or tells more of it. */
    record WorkBegun(long generation, WorkItem item) implements DaemonEvent {}

    /** A piece of work has ended. */
    record WorkEnded(long generation, String id) implements DaemonEvent {}

    /** What the preflight command says of it. */
    record PreflightFinished(long generation, PreflightVerdict look) implements DaemonEvent {}

    /** This is all its work. */
    record WorkReported(long generation, List<WorkItem> items) implements DaemonEvent {}

    /** What somebody wants; the id is answered exactly once. */
    sealed interface RequestEvent extends Event {
        long id();
    }

    /** Somebody wants it to run. */
    record StartRequested(long id) implements RequestEvent {}

    /** Somebody wants it held down. */
    record StopRequested(long id, String reason) implements RequestEvent {}

    /**
     * Somebody wants a new process.
     *
     * @param drain     how long a graceful one waits for work
     * @param patience  how long a safe one waits, 0 for no bound
     * @param ignored   ids of work that it does not wait for
     * @param machine   asked for by a machine: there is a cooldown between two of these
     * @param arguments replace the command's own from then on
     * @param assumeIdle a safe one takes a daemon for idle of whose work nothing is known
     * @param unchecked  the check command is not asked
     * @param overlap    the new process starts beside the old one, which ends once that is ready
     */
    record RestartRequested(long id, RestartMode mode, Duration drain, Duration maxWait,
            Set<String> ignored,
            boolean machine, Optional<List<String>> arguments, boolean assumeIdle,
            boolean unchecked, boolean overlap) implements RequestEvent {}

    /**
     * Somebody wants it to read its configuration anew, in the same process.
     *
     * @param unchecked the check command is not asked
     */
    record ReloadRequested(long id, boolean unchecked) implements RequestEvent {}

    /** Somebody wants a signal sent to it. */
    record SignalRequested(long id, Signal signal) implements RequestEvent {}
}
