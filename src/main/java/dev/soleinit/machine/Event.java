package dev.soleinit.machine;

import dev.soleinit.process.Child;
import dev.soleinit.process.ExitStatus;
import dev.soleinit.process.Signal;
import dev.soleinit.process.SpawnError;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What can happen. Words of a daemon carry its generation; those of an older one do nothing.
 * Requests carry an id, and each id is answered exactly once with {@link Effect.Finish}.
 */
public sealed interface Event {
    /** The supervisor is set up. */
    record Booted() implements Event {}

    /**
     * The number that {@link Effect.StoreGeneration} names is on disk, or it cannot be had there and
     * {@code failure} says why.
     */
    record GenerationStored(long generation, Optional<String> failure) implements Event {}

    /**
     * The kernel made the process that {@link Effect.Spawn} asked for; it is about to execute the
     * program, which {@link Spawned} or {@link SpawnFailed} reports.
     */
    record Forked(Child child) implements Event {}

    /** The process executes the program. */
    record Spawned(Child child) implements Event {}

    /** There is no process, or it could not execute the program and ends. */
    record SpawnFailed(SpawnError error) implements Event {}

    /** A child was reaped; {@code why} says more than the status, where more is known. */
    record Ended(int pid, ExitStatus status, Optional<String> why) implements Event {
        public Ended(int pid, ExitStatus status) {
            this(pid, status, Optional.empty());
        }
    }

    /** No process is left beside the supervisor (looked for only while sweeping). */
    record NobodyLeft() implements Event {}

    /** An ended daemon has left processes; they have the stop signal now. */
    record LeftoversFound(String description) implements Event {}

    /** None is left of those, or there were none. */
    record LeftoversGone() implements Event {}

    /** A signal came to the supervisor. */
    record SignalCame(Signal signal) implements Event {}

    /** The phase's deadline has passed. */
    record DeadlinePassed() implements Event {}

    /** What {@link Effect.KeepManifest} asked for is on disk. */
    record ManifestKept() implements Event {}

    /** It could not be written. */
    record ManifestFailed(String why) implements Event {}

    /** The reload command has ended; empty if it went well. */
    record ReloadRan(long generation, Optional<String> failure) implements Event {}

    /** The check command of that run has ended; empty if it passed. */
    record CheckFinished(long run, Optional<String> failure) implements Event {}

    /** The stop command has ended; empty if it went well. */
    record StopRan(long generation, Optional<String> failure) implements Event {}

    /** The caller of a request that waits has left. */
    record CallerLeft(long id) implements Event {}

    /** What the daemon, or a probe of it, says. */
    sealed interface Told extends Event {
        /** Which life it is that speaks. */
        long generation();
    }

    /** It is ready. */
    record ReadyTold(long generation) implements Told {}

    /** A probe finds it not ready, after it was. */
    record NotReadyTold(long generation) implements Told {}

    /** It lives. */
    record AliveTold(long generation) implements Told {}

    /** It wants another watchdog interval from now on, 0 for none. */
    record WatchdogChanged(long generation, Duration interval) implements Told {}

    /** It hangs, as it says itself or as probes find. */
    record HungTold(long generation, String reason) implements Told {}

    /** It has begun to reload, by its own word at {@code at}. */
    record ReloadingTold(long generation, long at) implements Told {}

    /** Another of its processes is the main one from now on. */
    record MainTold(long generation, int pid, long startTicks) implements Told {}

    /** It needs so much more time for what it does, from now on. */
    record ExtendTold(long generation, Duration by) implements Told {}

    /** It is going down. */
    record StoppingTold(long generation) implements Told {}

    /** It could not start or reload. */
    record FailedTold(long generation, String reason) implements Told {}

    /** It has begun to speak the protocol. */
    record AttachedTold(long generation) implements Told {}

    /** Its connection has gone; what it had said still holds. */
    record DetachedTold(long generation) implements Told {}

    /** It takes no new work. */
    record FencedTold(long generation) implements Told {}

    /** The last piece of its work has ended. */
    record DrainedTold(long generation) implements Told {}

    /** It has taken on a piece of work, or tells more of it. */
    record WorkBegun(long generation, Item item) implements Told {}

    /** A piece of work has ended. */
    record WorkEnded(long generation, String id) implements Told {}

    /** What the preflight command says of it. */
    record Looked(long generation, Look look) implements Told {}

    /** This is all its work. */
    record WorkReported(long generation, List<Item> items) implements Told {}

    /** What somebody wants; the id is answered exactly once. */
    sealed interface Asked extends Event {
        long id();
    }

    /** Somebody wants it to run. */
    record StartAsked(long id) implements Asked {}

    /** Somebody wants it held down. */
    record StopAsked(long id, String reason) implements Asked {}

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
     */
    record RestartAsked(long id, Mode mode, Duration drain, Duration patience, Set<String> ignored,
            boolean machine, Optional<List<String>> arguments, boolean assumeIdle,
            boolean unchecked) implements Asked {}

    /**
     * Somebody wants it to read its configuration anew, in the same process.
     *
     * @param unchecked the check command is not asked
     */
    record ReloadAsked(long id, boolean unchecked) implements Asked {}

    /** Somebody wants a signal sent to it. */
    record SignalAsked(long id, Signal signal) implements Asked {}
}
