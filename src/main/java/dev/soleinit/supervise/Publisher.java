package dev.soleinit.supervise;

import dev.soleinit.machine.Phase;
import dev.soleinit.machine.Run;
import dev.soleinit.machine.State;
import dev.soleinit.rundir.GenerationFile;
import dev.soleinit.rundir.PidFile;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the public files in step with the state: a projection, so that no decision can forget
 * them. What cannot be written (a full disk) is said once and tried again each second. Used on the
 * loop's thread.
 */
final class Publisher {
    private static final Logger LOG = LoggerFactory.getLogger("soleinit");
    private static final long RETRY_NANOS = 1_000_000_000L;

    private final PidFile pidFile;
    private final Path runDir;
    private final Journal journal;
    private final String instance;
    private final String bootId;
    private final Spawner spawner;
    private String shown = "";
    private int shownPid;
    private String startedAt = "";
    private long startedGeneration;
    private long retryAt = Phase.NEVER;
    private boolean failing;
    private boolean off;

    Publisher(Path runDir, Journal journal, Spawner spawner, String instance, String bootId) {
        this.pidFile = new PidFile(runDir);
        this.runDir = runDir;
        this.journal = journal;
        this.spawner = spawner;
        this.instance = instance;
        this.bootId = bootId;
    }

    /** When a write that failed is to be tried again. */
    long deadline() {
        return retryAt;
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
    void turnOff() {
        off = true;
    }

    void publish(State state, long now) {
        int pid = state.phase().current().map(run -> run.child().pid()).orElse(0);
        String phase = Words.state(state);
        String next = state.currentGeneration() + " " + pid + " " + phase;
        if (!next.equals(shown)) {
            shown = next;
            noteStart(state.currentGeneration(), pid);
            journal.phase(phase, state.currentGeneration(), pid);
            write(state, pid, phase, now);
        } else if (now >= retryAt) {
            write(state, pid, phase, now);
        }
    }

    private void noteStart(long generation, int pid) {
        if (pid != 0 && generation != startedGeneration) {
            startedGeneration = generation;
            startedAt = Instant.now().toString();
        }
    }

    private void write(State state, int pid, String phase, long now) {
        if (off) {
            return;
        }
        try {
            writePid(pid);
            new GenerationFile(state.currentGeneration(), instance, pid, ticks(state), bootId, startedAt,
                    phase, reason(state), List.copyOf(spawner.command(state.arguments())))
                    .write(runDir);
            failing = false;
            retryAt = Phase.NEVER;
        } catch (IOException full) {
            if (!failing) {
                LOG.warn("Cannot write into {}: {}; trying again each second", runDir,
                        full.getMessage());
            }
            failing = true;
            retryAt = now + RETRY_NANOS;
        }
    }

    private void writePid(int pid) throws IOException {
        if (pid == 0) {
            pidFile.remove();
        } else if (pid != shownPid || failing) {
            pidFile.write(pid);
        }
        shownPid = pid;
    }

    private static long ticks(State state) {
        Optional<Run> run = state.phase().current();
        return run.map(one -> one.child().startTicks()).orElse(0L);
    }

    private static String reason(State state) {
        return switch (state.phase()) {
            case Phase.BackingOff backingOff -> backingOff.reason();
            case Phase.Terminating terminating -> terminating.failure().orElse("");
            case Phase.Killing killing -> killing.failure().orElse("");
            case Phase.Idle _ -> state.hold().orElse("");
            case Phase.Spawning _, Phase.Starting _, Phase.Ready _, Phase.Draining _,
                    Phase.Reloading _, Phase.Sweeping _,
                    Phase.Done _ -> "";
        };
    }
}
