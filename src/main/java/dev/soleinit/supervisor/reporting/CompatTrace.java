package dev.soleinit.supervisor.reporting;

import dev.soleinit.config.CompatMode;
import dev.soleinit.config.Configuration;
import dev.soleinit.os.Kernel.Reaped;
import dev.soleinit.process.Child;
import dev.soleinit.process.ExitStatus;
import dev.soleinit.process.Signal;
import dev.soleinit.process.SpawnError;
import dev.soleinit.statemachine.model.Event;
import java.util.Optional;

/**
 * What a supervisor says that stands in for another init: plain lines on standard error that begin
 * with its name, as much as that program was asked to say. Used on the loop's thread.
 */
public final class CompatTrace {
    private static final int WARNINGS = 1;
    private static final int EVENTS = 2;
    private static final int SIGNALS = 3;

    private final Optional<CompatMode> mode;
    private final String program;

    public CompatTrace(Configuration configuration) {
        mode = configuration.compat();
        program = configuration.daemon().command().getFirst();
    }

    /** Whether this signal is to stop the supervisor, once it has been handed on. */
    public boolean suspendsAt(Signal signal) {
        return mode.isPresent() && mode.get().suspends() && (signal.equals(Signal.TSTP)
                || signal.equals(Signal.TTIN) || signal.equals(Signal.TTOU));
    }

    /** A failed start is always worth a line. */
    public void deciding(Event event) {
        if (mode.isEmpty()) {
            return;
        }
        if (event instanceof Event.SpawnFailed(long _, SpawnError error)) {
            say(0, reason(error));
        } else if (event instanceof Event.Forked(Child child)) {
            say(EVENTS, program + " is process " + child.pid());
        } else if (event instanceof Event.SignalReceived(Signal signal)) {
            say(SIGNALS, "got " + signal + ", which goes on to it");
        }
    }

    public void reaped(Reaped dead, int daemon) {
        if (mode.isEmpty()) {
            return;
        }
        int pid = dead.pid();
        ExitStatus status = dead.status();
        say(SIGNALS, "Received SIGCHLD");
        if (pid == daemon) {
            say(EVENTS, program + " has ended: " + status.words());
        } else if (mode.get().warnOfReaped()) {
            say(WARNINGS, "Reaped zombie process with pid=" + pid);
        } else {
            say(SIGNALS, "orphan " + pid + " has ended: " + status.words());
        }
    }

    private String reason(SpawnError error) {
        return error.kind() == SpawnError.Kind.NOT_FOUND ? program + ": No such file or directory"
                : error.message();
    }

    private void say(int verbosity, String line) {
        if (mode.isPresent() && mode.get().verbosity() >= verbosity) {
            // not flushed: that waits for whoever reads, and the log writes each line at once
            System.err.print("[" + mode.get().name() + "] " + line + "\n");
        }
    }
}
