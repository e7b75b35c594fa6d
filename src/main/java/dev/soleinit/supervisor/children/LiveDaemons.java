package dev.soleinit.supervisor.children;

import dev.soleinit.os.Kernel.Datagram;
import dev.soleinit.os.Kernel.ProcessEntry;
import dev.soleinit.os.Kernel;
import dev.soleinit.os.host.ProcessMemory;
import dev.soleinit.process.Child;
import dev.soleinit.process.Signal;
import dev.soleinit.statemachine.model.Event;
import dev.soleinit.statemachine.model.Phase;
import dev.soleinit.statemachine.settings.LeftoverSettings.KillMode;
import dev.soleinit.statemachine.state.State;
import dev.soleinit.supervisor.daemon.Daemons;
import dev.soleinit.supervisor.inbox.Inbox;
import dev.soleinit.supervisor.loop.StateObserver;
import dev.soleinit.supervisor.loop.TimedTask;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntPredicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The daemons whose processes are known, oldest first: one, or two while a restart overlaps. What is
 * one's is never done to the other's: a process belongs to whom its group, its parents or its
 * environment say. Used on the loop's thread.
 */
public final class LiveDaemons implements StateObserver, TimedTask {
    private static final Logger LOG = LoggerFactory.getLogger("soleinit");

    private final Kernel os;
    private final KillMode mode;
    private final IntPredicate helper;
    private final Inbox inbox;
    private final List<LiveDaemon> all = new ArrayList<>();
    private State state;

    /** None yet; {@code helper} tells whether the supervisor started a process beside them. */
    public LiveDaemons(Kernel os, KillMode mode, IntPredicate helper, Inbox inbox) {
        this.os = os;
        this.mode = mode;
        this.helper = helper;
        this.inbox = inbox;
    }

    /** A new one, with the INVOCATION_ID of its environment; those that have gone are forgotten. */
    public void forked(Child child, String invocationId, State current) {
        follow(current);
        all.removeIf(one -> !one.isAlive() && !Daemons.isBeingCleared(current, one.child()));
        DaemonProcesses processes = new DaemonProcesses(os);
        all.add(new LiveDaemon(child, processes, new Leftovers(os, processes, new LeftoverRule(os, mode,
                processes, invocationId, helper))));
    }

    /** The processes of the others that live. */
    private List<DaemonProcesses> others(LiveDaemon but) {
        List<DaemonProcesses> others = new ArrayList<>();
        for (LiveDaemon one : all) {
            if (one.isAlive() && one != but) {
                others.add(one.processes());
            }
        }
        return others;
    }

    @Override
    public void follow(State current, long now) {
        follow(current);
    }

    private void follow(State current) {
        state = current;
        for (LiveDaemon one : all) {
            one.follow(current);
        }
    }

    /** Whether one has a process. */
    public boolean anyLive() {
        for (LiveDaemon one : all) {
            if (one.isAlive()) {
                return true;
            }
        }
        return false;
    }

    /** The one of that generation, also if it has ended just now. */
    public Optional<LiveDaemon> of(long generation) {
        for (LiveDaemon one : all) {
            if (one.generation() == generation) {
                return Optional.of(one);
            }
        }
        return Optional.empty();
    }

    /** What the processes of the one of that generation have of memory, in bytes. */
    public long memory(long generation) {
        long bytes = 0;
        for (ProcessEntry process : os.processes()) {
            boolean its = of(generation).isPresent()
                    && of(generation).get().processes().hasGroup(process.group());
            bytes += its ? ProcessMemory.of(process.pid()) : 0;
        }
        return bytes;
    }

    private Optional<LiveDaemon> of(Child child) {
        for (LiveDaemon one : all.reversed()) {
            if (one.is(child)) {
                return Optional.of(one);
            }
        }
        return Optional.empty();
    }

    // ---- what is done to one

    /** Sends a signal to every process of its groups, and to its main process wherever that is. */
    public void signal(Child child, Signal signal) {
        of(child).ifPresent(one -> one.processes().signal(signal));
    }

    public void kill(Child child) {
        of(child).ifPresent(one -> one.processes().kill());
    }

    /** Tells what an ended one has left to stop; answers whether there is anything. */
    public Event stopLeftovers(Child ended, Signal signal) {
        Optional<LiveDaemon> one = of(ended);
        return one.isPresent() ? one.get().leftovers().stop(ended, signal, others(one.get()))
                : new Event.LeftoversGone(ended.pid());
    }

    public void killLeftovers(Child ended) {
        of(ended).ifPresent(one -> one.leftovers().kill(others(one)));
    }

    /** Whether the last one of something that is being ended has gone. */
    public List<Event> pollLeftovers(State state, long now) {
        List<Event> gone = List.of();
        for (LiveDaemon one : all) {
            boolean awaited = Daemons.isBeingCleared(state, one.child());
            Optional<Event> event = one.leftovers()
                    .poll(awaited, awaited ? others(one) : List.of(), now);
            if (event.isPresent()) {
                gone = new ArrayList<>(gone);
                gone.add(event.get());
            }
        }
        return gone;
    }

    // ---- what one says

    /**
     * Whose word a datagram is. A sender that has been reaped already can only be told by its user and
     * the address that it knew, which both have: it counts as the older one's, which is current until
     * the newer one has said, by a process that lives, that it is ready.
     */
    public Optional<LiveDaemon> speaker(Datagram datagram) {
        for (LiveDaemon one : all) {
            if (one.processes().isSaidBy(datagram)) {
                return Optional.of(one);
            }
        }
        for (LiveDaemon one : all) {
            if (one.isAlive() && one.processes().isSaidByReaped(datagram)) {
                return Optional.of(one);
            }
        }
        return Optional.empty();
    }

    /** What one says of its main process; nothing if that is none of its processes. */
    public Optional<Event> onMainPid(LiveDaemon speaker, Datagram datagram, int pid, long now) {
        for (DaemonProcesses other : others(speaker)) {
            if (other.has(pid)) {
                LOG.warn("MAINPID={} is ignored: it is a process of the other generation", pid);
                return Optional.empty();
            }
        }
        return speaker.processes().onMainPid(speaker.generation(), datagram, pid, now);
    }

    /** Looks for main processes that are another's children: the kernel does not tell us their end. */
    @Override
    public void tick(long now) {
        for (LiveDaemon one : all) {
            if (now < one.processes().deadline()) {
                continue;
            }
            boolean runs = one.isAlive() && Daemons.withPid(state, one.child().pid()).isPresent();
            one.processes().pollForeignMain(
                    runs ? Optional.of(one.child()) : Optional.empty(), now).ifPresent(inbox::post);
        }
    }

    /** When one of the polls is due, that of {@link #pollLeftovers} among them. */
    @Override
    public long deadline(long now) {
        long next = Phase.NEVER;
        for (LiveDaemon one : all) {
            next = Math.min(next, Math.min(one.processes().deadline(), one.leftovers().deadline()));
        }
        return next;
    }
}
