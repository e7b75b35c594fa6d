package dev.soleinit.supervisor;

import dev.soleinit.os.Kernel;
import dev.soleinit.process.Child;
import dev.soleinit.process.Signal;
import dev.soleinit.statemachine.model.Effect;
import dev.soleinit.statemachine.model.Event;
import dev.soleinit.statemachine.model.Phase;
import dev.soleinit.statemachine.state.State;
import dev.soleinit.storage.StateDir;
import dev.soleinit.supervisor.children.LiveDaemons;
import dev.soleinit.supervisor.children.Spawner;
import dev.soleinit.supervisor.daemon.PidFiles;
import dev.soleinit.supervisor.inbox.Inbox;
import dev.soleinit.supervisor.reporting.EventLog;
import dev.soleinit.supervisor.reporting.StorageWriter;
import dev.soleinit.supervisor.requests.RequestRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;

/**
 * Does what was decided. What can fail answers with an event or is said aloud; nothing is thrown
 * for what the outside does. Used on the loop's thread.
 */
final class EffectExecutor {
    private static final String STALLED = "the disk does not answer, and too much waits for it";

    private final Kernel os;
    private final Spawner spawner;
    private final StateDir stateDir;
    private final EventLog journal;
    private final RequestRegistry requests;
    private final DaemonEffects daemon;
    private final Optional<Path> terminationLog;
    private final LiveDaemons daemons;
    private final StorageWriter storage;
    private final Inbox inbox;
    private final PidFiles pidFiles;
    private volatile boolean durable = true;

    EffectExecutor(Kernel os, Spawner spawner, StateDir stateDir, EventLog journal,
            RequestRegistry requests,
            DaemonEffects daemon, LiveDaemons daemons, PidFiles pidFiles,
            StorageWriter storage, Inbox inbox, Optional<Path> terminationLog) {
        this.storage = storage;
        this.inbox = inbox;
        this.pidFiles = pidFiles;
        this.daemons = daemons;
        this.daemon = daemon;
        this.os = os;
        this.spawner = spawner;
        this.stateDir = stateDir;
        this.journal = journal;
        this.requests = requests;
        this.terminationLog = terminationLog;
    }

    /** Whether the newest generation number has reached the disk. */
    boolean generationIsDurable() {
        return durable;
    }

    /** INVOCATION_ID of the last start. */
    String invocationId() {
        return spawner.invocationId();
    }

    /** Does before it is needed what the next start would have to wait for. */
    void prepare(State state) {
        if (state.phase() instanceof Phase.Spawning) {
            spawner.prepare(state.generation(), state.arguments());
        } else {
            spawner.prepare();
        }
    }

    /** Does nothing, in the way in which the end of a daemon and the next start are done. */
    void rehearse(int calls) {
        for (int i = 0; i < calls; i++) {
            journal.rehearse(TransitionWarmup.run());
            spawner.rehearse();
        }
        storage.submit(() -> {
            for (int i = 0; i < calls; i++) {
                stateDir.rehearse();
            }
            inbox.run(() -> { });
        });
    }

    /** Does it at the time {@code now}, for the daemon of {@code generation}. */
    Optional<Event> execute(Effect effect, long generation, long now) {
        switch (effect) {
            case Effect.Spawn(long next, var arguments) -> {
                return Optional.of(spawn(next, arguments));
            }
            case Effect.PersistGeneration(long next) -> storeGeneration(next);
            case Effect.SaveManifest keep -> {
                if (!storage.submit(() -> daemon.saveManifest(keep))) {
                    return Optional.of(new Event.ManifestFailed(keep.attempt(), STALLED));
                }
            }
            case Effect.SendToDaemon(long to, var notice) -> daemon.send(to, notice);
            case Effect.RunPreflight _ -> daemon.runPreflight(generation, now);
            case Effect.RunCheck(long run) -> daemon.check(run, generation, now);
            case Effect.RunStopCommand(long stopped) -> daemon.stop(stopped, now);
            case Effect.RunReloadCommand(long next) -> daemon.reload(next, now);
            case Effect.SendSignal send -> sendSignal(send);
            case Effect.KillGroup(Child child) -> daemons.kill(child);
            case Effect.StopLeftovers(Child ended, Signal signal) -> {
                return Optional.of(daemons.stopLeftovers(ended, signal));
            }
            case Effect.KillLeftovers(Child ended) -> daemons.killLeftovers(ended);
            case Effect.SignalAllOthers(Signal signal) -> os.signalAllOthers(signal);
            case Effect.PersistFailureCount(int failures) -> persistFailureCount(failures);
            case Effect.ConfigurationEffect file -> configuration(file);
            case Effect.RecordExit(var end) -> {
                journal.ended(end);
                os.reopenShutDownSockets().forEach(journal::warn);
            }
            case Effect.LogWarning(String line) -> journal.warn(line);
            case Effect.LogRefusal(String line) -> journal.warnRefused(line);
            case Effect.WriteTerminationMessage(String line) -> writeTerminationMessage(line);
            case Effect.AcceptRequest accept -> requests.accepted(accept);
            case Effect.FinishRequest(long id, var outcome) -> requests.finished(id, outcome);
        }
        return Optional.empty();
    }

    private Event spawn(long generation, Optional<List<String>> arguments) {
        os.reopenShutDownSockets().forEach(journal::warn);
        boolean beside = daemons.anyLive();
        if (!beside) {
            // those of a daemon that lives name it rightly
            pidFiles.remove();
        }
        String token = spawner.newToken();
        daemon.expectDaemon(generation, token);
        return spawner.start(generation, arguments, token, beside);
    }

    private void sendSignal(Effect.SendSignal send) {
        if (send.group()) {
            daemons.signal(send.child(), send.signal());
        } else {
            os.kill(send.child().pid(), send.signal());
        }
    }

    private void storeGeneration(long generation) {
        durable = false;
        boolean taken = storage.submit(() -> {
            daemon.recordAppliedHash(generation);
            Optional<String> failure = persistGeneration(generation);
            inbox.post(new Event.GenerationPersisted(generation, failure));
            // the start waits for the durable number alone
            if (failure.isEmpty()) {
                stateDir.publish(generation);
            }
        });
        if (!taken) {
            inbox.post(new Event.GenerationPersisted(generation, Optional.of(STALLED)));
        }
    }

    /** A full disk does not keep the daemon down: the number still rises in memory. */
    private Optional<String> persistGeneration(long generation) {
        try {
            stateDir.store(generation);
            durable = true;
            return Optional.empty();
        } catch (IOException full) {
            return Optional.of("Cannot write generation " + generation + " to the state directory: "
                    + full.getMessage() + "; starting anyway, but the number is not safe as a "
                    + "fencing token until there is room");
        }
    }

    private void configuration(Effect.ConfigurationEffect effect) {
        switch (effect) {
            case Effect.KeepConfiguration(String hash) -> {
                if (!storage.submit(() -> daemon.keepConfiguration(hash))) {
                    daemon.cannotKeep(hash);
                }
            }
            case Effect.RestoreConfiguration(String failed) -> {
                if (!storage.submit(() -> daemon.restoreConfiguration(failed))) {
                    daemon.cannotRestore(STALLED);
                }
            }
        }
    }

    private void persistFailureCount(int failures) {
        storage.submit(() -> writeFailureCount(failures));
    }

    private void writeFailureCount(int failures) {
        try {
            stateDir.storeBackoff(new StateDir.Backoff(failures));
        } catch (IOException full) {
            warn("Cannot keep the count of failures: " + full.getMessage());
        }
    }

    /** From the storage thread. */
    private void warn(String line) {
        inbox.run(() -> journal.warn(line));
    }

    private void writeTerminationMessage(String line) {
        storage.submit(() -> appendTerminationMessage(line));
    }

    private void appendTerminationMessage(String line) {
        terminationLog.filter(Files::exists).ifPresent(file -> {
            try {
                Files.writeString(file, line + "\n", StandardOpenOption.WRITE,
                        StandardOpenOption.APPEND);
            } catch (IOException unwritable) {
                warn("Cannot write " + file + ": " + unwritable.getMessage());
            }
        });
    }
}
