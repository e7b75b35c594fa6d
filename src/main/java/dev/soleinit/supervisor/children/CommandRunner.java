package dev.soleinit.supervisor.children;

import dev.soleinit.os.Kernel;
import dev.soleinit.os.Kernel.SpawnResult;
import dev.soleinit.process.ExitStatus;
import dev.soleinit.process.Signal;
import dev.soleinit.statemachine.model.Phase;
import dev.soleinit.storage.files.CommandOutput;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongPredicate;

/**
 * Commands that the supervisor runs beside the daemon: preflight, check, reload. Each has a
 * timeout, after which its group is killed, and its output ends up in the answer. A command may read
 * the public files (the daemon's pid), so it starts only when they are as the state is. Used on the
 * loop's thread.
 */
public final class CommandRunner {
    private static final int MAX_OUTPUT_BYTES = 2_000;

    /**
     * How a command ended.
     *
     * @param code   its exit code, or -1 if it was not to be had: not started, or killed in time
     * @param output the last 2,000 bytes of what it printed, or why there is no code
     */
    public record Result(int code, String output) {}

    /** Makes the process of a command. */
    @FunctionalInterface
    public interface Starter {
        SpawnResult start(List<String> command, long generation, Path output);
    }

    private record Waiting(List<String> command, long generation, Duration timeout,
            Consumer<Result> done) {}

    private record Running(int pid, Path output, long deadline, Duration timeout,
            Consumer<Result> done) {}

    private final Kernel os;
    private final Starter starter;
    private final Path directory;
    private final LongPredicate filesAreBehind;
    private final Deque<Waiting> waiting = new ArrayDeque<>();
    private final List<Running> running = new ArrayList<>();

    /** {@code filesAreBehind} tells at a time whether the public files lag behind the state. */
    public CommandRunner(Kernel os, Starter starter, Path directory, LongPredicate filesAreBehind) {
        this.os = os;
        this.starter = starter;
        this.directory = directory;
        this.filesAreBehind = filesAreBehind;
    }

    /**
     * Starts a command, in a moment if the public files are not written yet; {@code done} is called
     * later, on this thread, exactly once.
     */
    public void run(List<String> command, long generation, Duration timeout, long now,
            Consumer<Result> done) {
        waiting.add(new Waiting(command, generation, timeout, done));
        startWaiting(now);
    }

    private void startWaiting(long now) {
        while (!waiting.isEmpty() && !filesAreBehind.test(now)) {
            start(waiting.remove(), now);
        }
    }

    private void start(Waiting next, long now) {
        Path output = CommandOutput.create(directory);
        Duration timeout = next.timeout();
        Consumer<Result> done = next.done();
        switch (starter.start(next.command(), next.generation(), output)) {
            case SpawnResult.Started(int pid, long _) -> running.add(new Running(pid, output,
                    now + timeout.toNanos(), timeout, done));
            case SpawnResult.Failed(var error) -> {
                CommandOutput.remove(output);
                done.accept(new Result(-1, error.message()));
            }
        }
    }

    /** When {@link #tick} wants to be called. */
    public long deadline(long now) {
        if (!waiting.isEmpty() && !filesAreBehind.test(now)) {
            return now;
        }
        return running.stream().mapToLong(Running::deadline).min().orElse(Phase.NEVER);
    }

    /** Starts what has waited for the files, and kills what takes too long. */
    public void tick(long now) {
        startWaiting(now);
        for (Running one : List.copyOf(running)) {
            if (now >= one.deadline()) {
                os.killGroup(one.pid(), Signal.KILL);
                running.remove(one);
                String said = CommandOutput.take(one.output(), MAX_OUTPUT_BYTES);
                one.done().accept(new Result(-1, "no answer within " + one.timeout().toMillis()
                        + " ms" + (said.isEmpty() ? "" : ": " + said)));
            }
        }
    }

    /** Whether this is one that runs. */
    public boolean has(int pid) {
        return running.stream().anyMatch(one -> one.pid() == pid);
    }

    /** Whether the dead child was one of these. */
    public boolean reaped(int pid, ExitStatus status) {
        for (Running one : List.copyOf(running)) {
            if (one.pid() == pid) {
                running.remove(one);
                os.killGroup(pid, Signal.KILL);
                one.done().accept(new Result(status.code(),
                        CommandOutput.take(one.output(), MAX_OUTPUT_BYTES)));
                return true;
            }
        }
        return false;
    }
}
