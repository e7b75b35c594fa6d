package dev.soleinit.supervisor;

import dev.soleinit.os.Kernel.SpawnRequest;
import dev.soleinit.process.ExitStatus;
import dev.soleinit.process.Signal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A process of {@link FakeKernel}: what the kernel knows of it, and what it has been sent. */
final class FakeProcess {
    final int pid;
    final int group;
    final long startTicks;
    /** What it was started with; empty for one that a daemon has forked. */
    final Optional<SpawnRequest> request;
    int parent;
    boolean executed;
    /** The supervisor can find out whether it has become its program. */
    boolean reported;
    private Optional<ExitStatus> status = Optional.empty();
    private boolean reaped;
    /** The turn of the loop in which it died. */
    int diedInTurn;
    final List<Signal> received = new ArrayList<>();

    FakeProcess(int pid, int parent, int group, long startTicks, Optional<SpawnRequest> request) {
        this.pid = pid;
        this.parent = parent;
        this.group = group;
        this.startTicks = startTicks;
        this.request = request;
        this.executed = request.isEmpty() || !request.get().reported();
    }

    /** Whether it is the main process of a generation, as it was started. */
    boolean isDaemon() {
        return request.isPresent() && request.get().reported();
    }

    boolean isAlive() {
        return status.isEmpty();
    }

    boolean isZombie() {
        return status.isPresent() && !reaped;
    }

    boolean isReaped() {
        return reaped;
    }

    ExitStatus status() {
        return status.orElseThrow();
    }

    void die(ExitStatus how, int turn) {
        if (isAlive()) {
            status = Optional.of(how);
            diedInTurn = turn;
        }
    }

    void reap() {
        reaped = true;
    }

    boolean wasKilled() {
        return received.contains(Signal.KILL);
    }

    @Override
    public String toString() {
        return "process " + pid + (isDaemon() ? " (daemon)" : "") + (isAlive() ? "" : " (dead)");
    }
}
