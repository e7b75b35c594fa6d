package dev.soleinit.supervisor.outside;

import dev.soleinit.os.Kernel;
import dev.soleinit.os.Kernel.SpawnResult;
import dev.soleinit.process.ExitStatus;
import dev.soleinit.statemachine.model.Phase;
import dev.soleinit.statemachine.state.State;
import dev.soleinit.supervisor.children.CommandRunner;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the command of --on-event for each line of the journal, one after the other, and waits for none:
 * what waits is bounded, and what comes beyond that is dropped and counted. Once the daemon has ended
 * for good nothing is started any more, and the command that runs is killed. What goes wrong is said in
 * the log alone: a line of the journal would be the next event. Used on the loop's thread.
 */
final class EventHook {
    static final int MAX_WAITING = 100;
    static final Duration TIMEOUT = Duration.ofSeconds(10);
    /** Less than a pipe takes at one stroke, so that nobody has to wait for who reads. */
    static final int MAX_LINE_BYTES = 60 * 1024;
    private static final Logger LOG = LoggerFactory.getLogger("soleinit");

    /** Makes the process of a command that has {@code input} on its standard input. */
    @FunctionalInterface
    interface Starter {
        SpawnResult start(List<String> command, long generation, byte[] input);
    }

    private final List<String> command;
    private final CommandRunner commands;
    private final Deque<byte[]> waiting = new ArrayDeque<>();
    private boolean running;
    private boolean failing;
    private boolean over;
    private long dropped;
    /** Of these, those that the log has not named yet. */
    private long unsaid;

    EventHook(Kernel os, List<String> command, Starter starter) {
        this.command = command;
        this.commands = new CommandRunner(os,
                (words, generation) -> starter.start(words, generation, waiting.remove()), _ -> false);
    }

    /** A line of the journal; the command is started in the next {@link #tick}. */
    void event(String line) {
        byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
        if (over || waiting.size() >= MAX_WAITING || bytes.length > MAX_LINE_BYTES) {
            dropped++;
            unsaid++;
        } else {
            waiting.add(bytes);
        }
    }

    /** Events that the command never got. */
    long dropped() {
        return dropped;
    }

    /** When {@link #tick} wants to be called. */
    long deadline(long now) {
        return !running && !waiting.isEmpty() && !over ? now : commands.deadline(now);
    }

    void tick(State state, long now) {
        commands.tick(now);
        if (state.phase() instanceof Phase.Sweeping || state.phase() instanceof Phase.Done) {
            abandon();
        } else if (!running && !waiting.isEmpty()) {
            sayDropped();
            running = true;
            commands.run(command, state.currentGeneration(), TIMEOUT, now, this::ended);
        }
    }

    private void sayDropped() {
        if (unsaid > 0) {
            LOG.warn("{} events were not given to the command of --on-event, which is too slow for them; "
                    + "the journal has them", unsaid);
            unsaid = 0;
        }
    }

    /** A failure is said once, until the command succeeds again. */
    private void ended(CommandRunner.Result result) {
        running = false;
        boolean failed = result.code() != 0;
        if (failed && !failing && !over) {
            LOG.warn("The command of --on-event {}{}; this is said once, until it succeeds",
                    result.code() < 0 ? "failed" : "ended with code " + result.code(),
                    result.output().isEmpty() ? "" : ": " + result.output().strip());
        }
        failing = failed;
    }

    /** The end of PID 1 waits for no command. */
    private void abandon() {
        if (over) {
            return;
        }
        over = true;
        long left = waiting.size() + (running ? 1 : 0);
        commands.killAll("PID 1 ends");
        dropped += left;
        waiting.clear();
        if (left + unsaid > 0) {
            LOG.info("{} events were not given to the command of --on-event, since PID 1 ends; the "
                    + "journal has them", left + unsaid);
        }
    }

    boolean has(int pid) {
        return commands.has(pid);
    }

    boolean reaped(int pid, ExitStatus status, long now) {
        return commands.reaped(pid, status, now);
    }
}
