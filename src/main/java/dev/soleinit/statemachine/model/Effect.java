package dev.soleinit.statemachine.model;

import dev.soleinit.process.Child;
import dev.soleinit.process.Signal;
import dev.soleinit.statemachine.work.WorkItem;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What is to be done. The loop's thread performs the effects of a step in the order of the list, after
 * it has taken the new state; those of the next step come after all of these. What can fail answers
 * with an {@link Event}. What is promised when the next effect of the list is performed:
 *
 * <ul>
 * <li>{@link Spawn}, {@link SendSignal}, {@link KillGroup}, {@link StopLeftovers}, {@link
 *     KillLeftovers}, {@link SignalAllOthers}: the kernel has taken it.
 * <li>{@link PersistGeneration}, {@link SaveManifest}, {@link PersistFailureCount}, {@link
 *     WriteTerminationMessage}, {@link ConfigurationEffect}: it stands in the queue of the thread
 *     "storage", which keeps their order. The first two and {@link ConfigurationEffect} are on disk, or
 *     have failed, when their event says so; of the others nothing is said, and a queue that is full
 *     drops them.
 * <li>{@link RunPreflight}, {@link RunCheck}, {@link RunStopCommand}, {@link RunReloadCommand}: the
 *     command starts as soon as the public files tell the same as the state; its one event comes
 *     later, also if it cannot be started.
 * <li>{@link SendToDaemon}: it was written behind all that was sent before, or dropped because that
 *     daemon is not attached. Nothing says that it was read: a phase that needs that has a deadline.
 * <li>{@link RecordExit}, {@link LogWarning}, {@link LogRefusal}: the line has its place in the journal
 *     and the log.
 * <li>{@link AcceptRequest}, {@link FinishRequest}: it is noted. The caller is answered at the end of
 *     the turn, once the public files tell the same.
 * </ul>
 */
public sealed interface Effect {
    /**
     * Starts the daemon; answered by {@link Event.Forked} and
     * then {@link Event.Spawned}, or by {@link Event.SpawnFailed}.
     */
    record Spawn(long generation, Optional<List<String>> arguments) implements Effect {}

    /** Sends a signal to the daemon's main process or, with {@code group}, to its group. */
    record SendSignal(Child child, Signal signal, boolean group) implements Effect {}

    /** Sends SIGKILL to whatever is in the daemon's process group. */
    record KillGroup(Child child) implements Effect {}

    /**
     * Sends the stop signal to the processes that an ended daemon has left; answered by {@link
     * Event.LeftoversFound} or, if there are none, by {@link Event.LeftoversGone}.
     */
    record StopLeftovers(Child child, Signal signal) implements Effect {}

    /** Sends SIGKILL to those that are still there. */
    record KillLeftovers(Child child) implements Effect {}

    /** Sends a signal to every process that is left. */
    record SignalAllOthers(Signal signal) implements Effect {}

    /** Keeps the count of quick failures for the next life of the supervisor. */
    record PersistFailureCount(int failures) implements Effect {}

    /** What becomes of the file of which a good content is kept. */
    sealed interface ConfigurationEffect extends Effect {}

    /**
     * Keeps a copy of the configuration that has been read with that hash, if it is still that; answered
     * by {@link Event.ConfigurationKept}.
     */
    record KeepConfiguration(String hash) implements ConfigurationEffect {}

    /**
     * Puts the copy in the place of the configuration with that hash, which has failed, if it is still
     * that; answered by {@link Event.ConfigurationRestored}.
     */
    record RestoreConfiguration(String failed) implements ConfigurationEffect {}

    /** Writes an end of the daemon into the journal. */
    record RecordExit(ExitRecord end) implements Effect {}

    /** Says a line to people: the log and the journal. */
    record LogWarning(String line) implements Effect {}

    /** Says why there will be no daemon at all: the only line that there is then, at every level. */
    record LogRefusal(String line) implements Effect {}

    /** Tells the orchestrator, on its termination log, why PID 1 gives up. */
    record WriteTerminationMessage(String line) implements Effect {}

    /** Tells the daemon of that generation something over its connection. */
    record SendToDaemon(long generation, DaemonCommand notice) implements Effect {}

    /**
     * Makes the interrupted work of a generation durable, in place of what was kept of it before;
     * answered by {@link Event.ManifestSaved} or {@link Event.ManifestFailed} with the same number.
     *
     * @param ended its process is gone: what no disk takes is kept in memory
     */
    record SaveManifest(long attempt, long generation, String reason, List<WorkItem> left,
            int drained, boolean ended) implements Effect {}

    /** Runs the preflight command; answered by {@link Event.PreflightFinished}. */
    record RunPreflight() implements Effect {}

    /** Runs the check command; answered by {@link Event.CheckFinished} with the same number. */
    record RunCheck(long run) implements Effect {}

    /** Makes the number durable that a reloaded daemon will have. */
    record PersistGeneration(long generation) implements Effect {}

    /** Runs the stop command; answered by {@link Event.StopCommandFinished}. */
    record RunStopCommand(long generation) implements Effect {}

    /** Runs the reload command; answered by {@link Event.ReloadCommandFinished}. */
    record RunReloadCommand(long generation) implements Effect {}

    /** The request was taken; a machine's has to wait for {@code cooldown} first. */
    record AcceptRequest(long id, Disposition disposition, Duration cooldown) implements Effect {}

    /** What becomes of a request that was taken. */
    enum Disposition {
        /** It is under way. */
        SCHEDULED,
        /** It waits for work to end. */
        DEFERRED,
        /** It has joined one that was under way; both have the same end. */
        COALESCED
    }

    /** The request has its end. */
    record FinishRequest(long id, RequestOutcome outcome) implements Effect {}
}
