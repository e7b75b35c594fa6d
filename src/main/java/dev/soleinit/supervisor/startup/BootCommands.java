package dev.soleinit.supervisor.startup;

import dev.soleinit.config.Configuration;
import dev.soleinit.os.Kernel;
import dev.soleinit.os.Kernel.Reaped;
import dev.soleinit.os.Kernel.SpawnResult;
import dev.soleinit.process.ExitStatus;
import dev.soleinit.process.Signal;
import dev.soleinit.process.SupervisorExit;
import dev.soleinit.statemachine.model.Event;
import dev.soleinit.statemachine.model.ShutdownRequest;
import dev.soleinit.supervisor.inbox.Inbox;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the commands of --before, one after the other, as the daemon would run. One that fails, or takes
 * too long, ends PID 1, and so does a stop, which the command gets, too. Used once, before the loop.
 */
public final class BootCommands {
    private static final Duration POLL_INTERVAL = Duration.ofMillis(200);
    private static final Logger LOG = LoggerFactory.getLogger("soleinit");

    private final Kernel os;
    private final Duration limit;
    private final Duration stopTimeout;
    private final List<Signal> others = new ArrayList<>();

    private BootCommands(Kernel os, Configuration configuration) {
        this.os = os;
        this.limit = configuration.policy().ready().timeout();
        this.stopTimeout = configuration.policy().stop().timeout();
    }

    /** Runs them all; signals that come meanwhile and are no stop wait in the inbox for the daemon. */
    public static void run(Kernel os, Configuration configuration,
            Function<List<String>, SpawnResult> spawn, Inbox inbox) {
        BootCommands commands = new BootCommands(os, configuration);
        configuration.bootTasks().before().forEach(command -> commands.run(command, spawn));
        commands.others.forEach(signal -> inbox.post(new Event.SignalReceived(signal)));
    }

    private void run(List<String> command, Function<List<String>, SpawnResult> spawn) {
        LOG.info("before the first start: {}", command.getLast());
        switch (spawn.apply(command)) {
            case SpawnResult.Started(int pid, long _) -> requireSuccess(command, await(command, pid));
            case SpawnResult.Failed(var error) -> throw failure(error.kind().exitCode(), command,
                    error.message());
        }
    }

    private static StartupException failure(int code, List<String> command, String why) {
        return new StartupException(code, "Cannot start: '" + command.getLast()
                + "', which is to run before the first start, " + why);
    }

    private static void requireSuccess(List<String> command, ExitStatus status) {
        if (status.code() != 0) {
            throw failure(status.code(), command, "ended with " + status.words());
        }
    }

    private ExitStatus await(List<String> command, int pid) {
        long deadline = limit.isZero() ? Long.MAX_VALUE : os.nanoTime() + limit.toNanos();
        while (true) {
            Optional<ExitStatus> ended = pause(pid);
            if (ended.isPresent()) {
                return ended.get();
            }
            for (Signal signal : os.pollSignals()) {
                if (ShutdownRequest.isMadeBy(signal)) {
                    stop(command, pid, signal);
                }
                others.add(signal);
            }
            if (os.nanoTime() >= deadline) {
                os.killGroup(pid, Signal.KILL);
                throw failure(SupervisorExit.TIMED_OUT, command, "has taken longer than "
                        + limit.toMillis() + " ms (ready-timeout)");
            }
        }
    }

    /** Never returns: PID 1 ends by the signal. */
    private void stop(List<String> command, int pid, Signal signal) {
        os.killGroup(pid, signal);
        long deadline = os.nanoTime() + stopTimeout.toNanos();
        while (os.nanoTime() < deadline && pause(pid).isEmpty()) {
            os.pollSignals();
        }
        os.killGroup(pid, Signal.KILL);
        throw new StartupException(SupervisorExit.SIGNALED + signal.number(), "Stopped by " + signal
                + " before the first start, while '" + command.getLast() + "' was running");
    }

    /** Waits a little; orphans die here as well. */
    private Optional<ExitStatus> pause(int pid) {
        os.await(POLL_INTERVAL);
        Optional<ExitStatus> ended = Optional.empty();
        for (Optional<Reaped> dead = os.reap(); dead.isPresent(); dead = os.reap()) {
            if (dead.get().pid() == pid) {
                ended = Optional.of(dead.get().status());
            }
        }
        return ended;
    }
}
