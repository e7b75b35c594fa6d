package dev.soleinit.supervisor.children;

import dev.soleinit.os.Kernel;
import dev.soleinit.os.Kernel.SpawnResult;
import dev.soleinit.process.ExitStatus;
import dev.soleinit.process.Signal;
import dev.soleinit.statemachine.model.Phase;
import dev.soleinit.supervisor.loop.ChildOwner;
import dev.soleinit.supervisor.loop.TimedTask;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongPredicate;

/**
 * Commands that the supervisor runs beside the daemon: preflight, check, reload. Each has a
 * timeout, after which its group is killed, and the end of its output is in the answer. What it prints is
 * taken all the time, so that it never waits for us, and costs no more than a moment of each turn. A
 * command may read the public files (the daemon's pid), so it starts only when they are as the state
 * is. Used on the loop's thread.
 */
public final class CommandRunner implements TimedTask, ChildOwner {
    private static final int BUFFER_BYTES = 4_096;
    /** What is kept of the output of a command that is only to give a reason. */
    private static final int REASON_BYTES = 2_000;
    /** As much as a pipe holds: what is left when the command has ended is read at one stroke. */
    private static final int MAX_READS = 16;
    /** Who prints without end is read so often, in place of whenever there is something. */
    private static final long FLOOD_INTERVAL_NANOS = 1_000_000;

    /**
     * How a command ended.
     *
     * @param code   its exit code, or -1 if it was not to be had: not started, or killed in time
     * @param output the last 2,000 bytes of what it printed, or as many as were asked for, or why there
     *               is no code; before them how many bytes are left out
     */
    public record Result(int code, String output) {}

    /** Makes the process of a command. */
    @FunctionalInterface
    public interface Starter {
        SpawnResult start(List<String> command, long generation);
    }

    private record Waiting(List<String> command, long generation, Duration timeout, int bytes,
            Consumer<Result> done) {}

    private record Running(int pid, OutputTail output, long deadline, Duration timeout,
            Consumer<Result> done) {}

    private final Kernel os;
    private final Starter starter;
    private final LongPredicate filesAreBehind;
    private final Deque<Waiting> waiting = new ArrayDeque<>();
    private final List<Running> running = new ArrayList<>();
    private byte[] buffer = {};
    private long drainAt = Phase.NEVER;

    /** {@code filesAreBehind} tells at a time whether the public files lag behind the state. */
    public CommandRunner(Kernel os, Starter starter, LongPredicate filesAreBehind) {
        this.os = os;
        this.starter = starter;
        this.filesAreBehind = filesAreBehind;
    }

    /**
     * Starts a command, in a moment if the public files are not written yet; {@code done} is called
     * later, on this thread, exactly once.
     */
    public void run(List<String> command, long generation, Duration timeout, long now,
            Consumer<Result> done) {
        run(command, generation, timeout, REASON_BYTES, now, done);
    }

    /** The same of one of whose output up to {@code bytes} are wanted. */
    public void run(List<String> command, long generation, Duration timeout, int bytes, long now,
            Consumer<Result> done) {
        waiting.add(new Waiting(command, generation, timeout, bytes, done));
        startWaiting(now);
    }

    private void startWaiting(long now) {
        while (!waiting.isEmpty() && !filesAreBehind.test(now)) {
            start(waiting.remove(), now);
        }
    }

    private void start(Waiting next, long now) {
        switch (starter.start(next.command(), next.generation())) {
            case SpawnResult.Started(int pid, long _) -> running.add(new Running(pid,
                    new OutputTail(next.bytes()), now + next.timeout().toNanos(), next.timeout(),
                    next.done()));
            case SpawnResult.Failed(var error) -> next.done().accept(new Result(-1, error.message()));
        }
    }

    @Override
    public long deadline(long now) {
        if (!waiting.isEmpty() && !filesAreBehind.test(now)) {
            return now;
        }
        long next = running.isEmpty() ? Phase.NEVER : drainAt;
        for (Running one : running) {
            next = Math.min(next, one.deadline());
        }
        return next;
    }

    /** Starts what has waited for the files, takes what they print, and kills what takes too long. */
    @Override
    public void tick(long now) {
        startWaiting(now);
        drainAt = Phase.NEVER;
        if (running.isEmpty()) {
            return;
        }
        for (Running one : List.copyOf(running)) {
            if (now >= one.deadline()) {
                String said = end(one);
                one.done().accept(new Result(-1, "no answer within " + one.timeout().toMillis()
                        + " ms" + (said.isEmpty() ? "" : ": " + said)));
            } else if (drain(one)) {
                drainAt = now + FLOOD_INTERVAL_NANOS;
            }
        }
    }

    /** Takes what it has printed; whether there may be more. */
    private boolean drain(Running one) {
        if (buffer.length == 0) {
            buffer = new byte[BUFFER_BYTES];
        }
        for (int i = 0; i < MAX_READS; i++) {
            int size = os.readOutput(one.pid(), buffer);
            if (size == 0) {
                return false;
            }
            one.output().add(buffer, size);
        }
        return true;
    }

    /**
     * It has ended, or has to: its group goes with it, and whoever of its own has left that and still
     * holds its output writes to nobody.
     */
    private String end(Running one) {
        running.remove(one);
        os.killGroup(one.pid(), Signal.KILL);
        drain(one);
        os.closeOutput(one.pid());
        return one.output().text();
    }

    /** Ends all that run or wait, whose results say {@code why}. */
    public void killAll(String why) {
        for (Running one : List.copyOf(running)) {
            end(one);
            one.done().accept(new Result(-1, why));
        }
        while (!waiting.isEmpty()) {
            waiting.remove().done().accept(new Result(-1, why));
        }
    }

    @Override
    public boolean has(int pid) {
        return running.stream().anyMatch(one -> one.pid() == pid);
    }

    @Override
    public boolean reaped(int pid, ExitStatus status, long now) {
        for (Running one : running) {
            if (one.pid() == pid) {
                one.done().accept(new Result(status.code(), end(one)));
                return true;
            }
        }
        return false;
    }
}
