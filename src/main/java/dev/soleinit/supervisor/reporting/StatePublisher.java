package dev.soleinit.supervisor.reporting;

import dev.soleinit.statemachine.model.DaemonProcess;
import dev.soleinit.statemachine.model.Phase;
import dev.soleinit.statemachine.state.OtherProcess;
import dev.soleinit.statemachine.state.State;
import dev.soleinit.storage.GenerationFile;
import dev.soleinit.storage.PidFile;
import dev.soleinit.supervisor.children.Spawner;
import dev.soleinit.supervisor.inbox.Inbox;
import dev.soleinit.supervisor.loop.TimedTask;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the public files in step with the state: a projection, so that no decision can forget
 * them. What cannot be written (a full disk) is said once and tried again each second. Used on the
 * loop's thread; written by the {@link StorageWriter}.
 */
public final class StatePublisher implements TimedTask {
    private static final Logger LOG = LoggerFactory.getLogger("soleinit");
    private static final long RETRY_NANOS = 1_000_000_000L;
    private static final long MAX_LAG_NANOS = 200_000_000L;

    private final PidFile pidFile;
    private final Path runDir;
    private final EventLog journal;
    private final String instance;
    private final String bootId;
    private final Spawner spawner;
    private final StorageWriter storage;
    private final Inbox inbox;
    private final LongSupplier clock;
    private final AtomicReference<Snapshot> newest = new AtomicReference<>();
    private String lastPublished = "";
    private int writtenPid;
    private long submitted;
    private long published;
    private long behindUntil;
    private String startedAt = "";
    private long startedGeneration;
    /** Of a successor, which becomes the current one without being started anew. */
    private String otherStartedAt = "";
    private long otherGeneration;
    private String lastOverlap = "";
    private long retryAt = Phase.NEVER;
    private volatile boolean failing;
    private boolean off;
    /** What is to be public. */
    private State current;

    private record Snapshot(long number, GenerationFile file) {}

    public StatePublisher(Path runDir, EventLog journal, Spawner spawner, StorageWriter storage,
            Inbox inbox, LongSupplier clock, String instance, String bootId) {
        this.storage = storage;
        this.inbox = inbox;
        this.clock = clock;
        this.pidFile = new PidFile(runDir);
        this.runDir = runDir;
        this.journal = journal;
        this.spawner = spawner;
        this.instance = instance;
        this.bootId = bootId;
    }

    /**
     * When a write that failed is to be tried again, or the files count as behind no longer: once that
     * has been, a disk that stands still wakes nobody.
     */
    @Override
    public long deadline(long now) {
        return isBehind(now) ? Math.min(retryAt, behindUntil) : retryAt;
    }

    @Override
    public void tick(long now) {
        if (now >= retryAt) {
            publish(current, now);
        }
    }

    /** Whether the public files lag behind the state. */
    boolean failing() {
        return failing;
    }

    /** Since when the current generation runs, in ISO 8601. */
    String startedAt() {
        return startedAt;
    }

    /** The run directory is another's, or cannot be written in. */
    public void turnOff() {
        off = true;
    }

    /** Has the state published, if anything public has changed or could not be published. */
    public void publish(State state, long now) {
        current = state;
        noteOther(state);
        int pid = state.phase().current().map(run -> run.child().pid()).orElse(0);
        String phase = StateNames.state(state);
        String next = state.currentGeneration() + " " + pid + " " + phase;
        if (!next.equals(lastPublished)) {
            lastPublished = next;
            noteStart(state.currentGeneration(), pid);
            journal.phase(phase, state.currentGeneration(), pid);
            submit(state, pid, phase, now);
        } else if (now >= retryAt) {
            submit(state, pid, phase, now);
        }
    }

    /**
     * Whether the files lag behind the state, though not for long: who is told that the daemon is ready
     * may look into them at once.
     */
    public boolean isBehind(long now) {
        return published != submitted && now < behindUntil;
    }

    private void noteStart(long generation, int pid) {
        if (pid != 0 && generation != startedGeneration) {
            startedGeneration = generation;
            startedAt = generation == otherGeneration ? otherStartedAt : Instant.now().toString();
        }
    }

    private void noteOther(State state) {
        Optional<OtherProcess> other = state.other();
        String next = other.isEmpty() ? "" : StateNames.role(other.get()) + " "
                + StateNames.stage(other.get()) + " " + other.get().generation();
        if (next.equals(lastOverlap)) {
            return;
        }
        lastOverlap = next;
        if (other.isEmpty()) {
            return;
        }
        OtherProcess one = other.get();
        int pid = one.process().map(run -> run.child().pid()).orElse(0);
        if (pid != 0 && one.role() == OtherProcess.Role.SUCCESSOR
                && one.generation() != otherGeneration) {
            otherGeneration = one.generation();
            otherStartedAt = Instant.now().toString();
        }
        journal.overlap(StateNames.role(one), StateNames.stage(one), one.generation(), pid);
    }

    private void submit(State state, int pid, String phase, long now) {
        if (off) {
            return;
        }
        retryAt = Phase.NEVER;
        long number = ++submitted;
        behindUntil = now + MAX_LAG_NANOS;
        newest.set(new Snapshot(number, new GenerationFile(state.currentGeneration(), instance, pid,
                ticks(state), bootId, startedAt, phase, reason(state),
                List.copyOf(spawner.command(state.arguments())))));
        if (!storage.submit(this::write)) {
            retryAt = now + RETRY_NANOS;
        }
    }

    // ---- on the storage thread

    /** Writes the newest: what came before it nobody needs any longer. */
    private void write() {
        Snapshot snapshot = newest.getAndSet(null);
        if (snapshot == null) {
            return;
        }
        Optional<String> failure = Optional.empty();
        try {
            writePid(snapshot.file().pid());
            snapshot.file().write(runDir);
        } catch (IOException full) {
            withdraw();
            failure = Optional.of(full.getMessage());
        }
        Optional<String> result = failure;
        inbox.run(() -> written(snapshot.number(), result));
    }

    private void writePid(int pid) throws IOException {
        if (pid == 0) {
            pidFile.remove();
        } else if (pid != writtenPid || failing) {
            pidFile.write(pid);
        }
        writtenPid = pid;
    }

    /** A file that could not be replaced must not go on saying that the daemon is ready. */
    private void withdraw() {
        try {
            GenerationFile.remove(runDir);
        } catch (IOException readOnly) {
            // what cannot be removed either is as it was: the log has said so
        }
    }

    // ---- on the loop's thread again

    private void written(long number, Optional<String> failure) {
        published = Math.max(published, number);
        failure.filter(_ -> !failing).ifPresent(why ->
                LOG.warn("Cannot write into {}: {}; trying again each second", runDir, why));
        failing = failure.isPresent();
        if (failing && number == submitted) {
            retryAt = clock.getAsLong() + RETRY_NANOS;
        }
    }

    private static long ticks(State state) {
        Optional<DaemonProcess> run = state.phase().current();
        return run.map(one -> one.child().startTicks()).orElse(0L);
    }

    private static String reason(State state) {
        return switch (state.phase()) {
            case Phase.BackingOff backingOff -> backingOff.reason();
            case Phase.Terminating terminating -> terminating.failure().orElse("");
            case Phase.Killing killing -> killing.failure().orElse("");
            case Phase.ClearingLeftovers clearing -> clearing.reason();
            case Phase.Idle _ -> state.hold().orElse("");
            case Phase.Spawning _, Phase.Starting _, Phase.Ready _, Phase.Draining _,
                    Phase.Reloading _, Phase.StopDelayed _, Phase.Sweeping _, Phase.Done _ -> "";
        };
    }
}
