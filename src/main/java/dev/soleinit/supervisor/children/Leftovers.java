package dev.soleinit.supervisor.children;

import dev.soleinit.os.Kernel;
import dev.soleinit.os.Kernel.ProcessEntry;
import dev.soleinit.process.Child;
import dev.soleinit.process.Signal;
import dev.soleinit.statemachine.model.Event;
import dev.soleinit.statemachine.model.Phase;
import java.util.List;
import java.util.Optional;

/**
 * Ends the processes that an ended daemon has left. Which they are, says {@link LeftoverRule}. /proc is
 * walked only where a generation has ended and orphans are there; while leftovers take their time to
 * stop, one that lives is looked at, and before they count as gone /proc is walked once more,
 * for what they have started meanwhile. Used on the loop's thread.
 */
final class Leftovers {
    /** Who is no child of ours, but of another leftover, ends without a SIGCHLD. */
    private static final long POLL_INTERVAL_NANOS = 10_000_000L;
    private static final int MAX_NAMED = 5;

    private final Kernel os;
    private final DaemonProcesses processes;
    private final LeftoverRule rule;
    private int ended;
    private List<ProcessEntry> known = List.of();
    private Signal signal = Signal.TERM;
    private long pollAt = Phase.NEVER;

    Leftovers(Kernel os, DaemonProcesses processes, LeftoverRule rule) {
        this.os = os;
        this.processes = processes;
        this.rule = rule;
    }

    /** Tells them to stop; answers whether there are any. {@code others} are the daemons that live. */
    Event stop(Child child, Signal stopSignal, List<DaemonProcesses> others) {
        ended = child.pid();
        signal = stopSignal;
        // a process that has been the main one from the start leaves nothing but orphans
        boolean initial = ended == processes.initialProcess().pid();
        known = initial && !os.mayHaveOrphans() ? List.of() : find(others);
        if (known.isEmpty()) {
            return new Event.LeftoversGone(ended);
        }
        send();
        return new Event.LeftoversFound(ended, description());
    }

    void kill(List<DaemonProcesses> others) {
        signal = Signal.KILL;
        known = find(others);
        send();
    }

    /** When {@link #poll} wants to be called although no child has died. */
    long deadline() {
        return pollAt;
    }

    /** Whether the last one has gone. */
    Optional<Event> poll(boolean awaited, List<DaemonProcesses> others, long now) {
        if (!awaited) {
            pollAt = Phase.NEVER;
            return Optional.empty();
        }
        pollAt = now + POLL_INTERVAL_NANOS;
        while (!known.isEmpty()) {
            ProcessEntry last = known.getLast();
            if (os.startTicks(last.pid()) == last.startTicks()) {
                return Optional.empty();
            }
            known.removeLast();
        }
        known = find(others);
        if (known.isEmpty()) {
            return Optional.of(new Event.LeftoversGone(ended));
        }
        send();
        return Optional.empty();
    }

    private List<ProcessEntry> find(List<DaemonProcesses> others) {
        return rule.leftovers(os.processes(), others);
    }

    /** A group at one stroke, so that none of it can escape by forking. */
    private void send() {
        processes.signal(signal);
        for (ProcessEntry one : known) {
            if (!processes.hasGroup(one.group())) {
                os.kill(one.pid(), signal);
            }
        }
    }

    private String description() {
        StringBuilder text = new StringBuilder(known.size() == 1 ? "process " : "processes ");
        for (ProcessEntry one : known.subList(0, Math.min(MAX_NAMED, known.size()))) {
            text.append(one == known.getFirst() ? "" : ", ").append(one.pid()).append(" (")
                    .append(printable(one.name())).append(')');
        }
        return text.append(known.size() > MAX_NAMED
                ? " and " + (known.size() - MAX_NAMED) + " more" : "").toString();
    }

    /** A process gives itself any name. */
    private static String printable(String name) {
        StringBuilder text = new StringBuilder(name);
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < ' ' || text.charAt(i) > '~') {
                text.setCharAt(i, '?');
            }
        }
        return text.toString();
    }
}
