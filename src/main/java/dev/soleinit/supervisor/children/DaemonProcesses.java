package dev.soleinit.supervisor.children;

import dev.soleinit.os.Kernel;
import dev.soleinit.os.Kernel.Datagram;
import dev.soleinit.process.Child;
import dev.soleinit.process.ExitStatus;
import dev.soleinit.process.Signal;
import dev.soleinit.statemachine.model.Event;
import dev.soleinit.statemachine.model.Phase;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which processes are the daemon's: those of the group it was started in, and since a daemon may go
 * on in another process (MAINPID), that one's, too. It may also have moved into the supervisor's own
 * group (setpgid), which is never signalled: then its processes are found by their parents. Used on
 * the loop's thread.
 */
final class DaemonProcesses {
    private static final Logger LOG = LoggerFactory.getLogger("soleinit");
    /** How often to look after a main process whose death the kernel tells somebody else. */
    private static final long POLL_INTERVAL_NANOS = 500_000_000L;

    private final Kernel os;
    private final Set<Integer> groups = new LinkedHashSet<>();
    /** The processes it was or is, with their start ticks, so that no later process is taken for one. */
    private final Map<Integer, Long> mains = new LinkedHashMap<>();
    private int main;
    private long pollAt = Phase.NEVER;
    private Child initial = new Child(0, 0, 0);

    DaemonProcesses(Kernel os) {
        this.os = os;
    }

    void spawned(Child child) {
        initial = child;
        groups.clear();
        mains.clear();
        groups.add(child.pid());
        mains.put(child.pid(), child.startTicks());
        main = child.pid();
        pollAt = Phase.NEVER;
    }

    /** The process that this generation began with, whether or not it is still the main one. */
    Child initialProcess() {
        return initial;
    }

    boolean hasGroup(int group) {
        return groups.contains(group);
    }

    boolean has(int pid) {
        for (int group : groups) {
            if (os.isMemberOf(pid, group)) {
                return true;
            }
        }
        for (int one : mains.keySet()) {
            if (!groups.contains(one) && os.isMemberOf(pid, one)) {
                return true;
            }
        }
        return false;
    }

    /** Whether a datagram comes from one of its processes. */
    boolean isSaidBy(Datagram datagram) {
        return datagram.pid() > 0 && datagram.pid() != os.self() && has(datagram.pid());
    }

    /**
     * Whether a datagram counts as the daemon's own word. A sender that has been reaped already leaves
     * nothing but the user id that the kernel vouches for, and the address it knew. If that user is the
     * daemon's, it could have done to the daemon whatever its words can do; but what is executed in the
     * container from outside often has the same user, and was not told the address.
     */
    boolean isSaidByReaped(Datagram datagram) {
        int pid = datagram.pid();
        return pid > 0 && pid != os.self() && datagram.toldAddress() && os.userOf(pid) < 0
                && datagram.uid() == os.userOf(main);
    }

    /** Sends a signal to every process of its groups, and to its main process wherever that is. */
    void signal(Signal signal) {
        groups.forEach(group -> os.killGroup(group, signal));
        if (isElsewhere(main)) {
            os.kill(main, signal);
        }
    }

    /**
     * Kills every process of its groups, and a main process that has left them with all that descends
     * from it. The descendants are looked for before: when their parent dies they become the supervisor's
     * own children.
     */
    void kill() {
        Set<Integer> others = new LinkedHashSet<>();
        for (int one : mains.keySet()) {
            if (isElsewhere(one)) {
                others.add(one);
                others.addAll(os.descendants(one));
            }
        }
        groups.forEach(group -> os.killGroup(group, Signal.KILL));
        others.forEach(pid -> os.kill(pid, Signal.KILL));
    }

    /** Whether it still is the process that was meant, in a group that is not signalled. */
    private boolean isElsewhere(int pid) {
        long ticks = os.startTicks(pid);
        return ticks != 0 && ticks == mains.get(pid) && !groups.contains(os.groupOf(pid));
    }

    /**
     * What the daemon says of its main process; nothing if that is none of its processes. One that has
     * left its group and its parent has become ours, as has an orphan of anybody else's: so it has to be
     * of the user who says it.
     */
    Optional<Event> onMainPid(long generation, Datagram datagram, int pid, long now) {
        long ticks = os.startTicks(pid);
        int user = os.userOf(pid);
        boolean its = has(pid) || os.isOwnChild(pid)
                && (datagram.uid() == user || datagram.uid() == 0);
        if (pid <= 1 || pid == os.self() || ticks == 0 || user < 0 || !its) {
            LOG.warn("MAINPID={} is ignored: it is no living process of the daemon", pid);
            return Optional.empty();
        }
        int group = os.groupOf(pid);
        if (group > 1 && group != os.groupOf(os.self())) {
            groups.add(group);
        }
        mains.put(pid, ticks);
        main = pid;
        pollAt = os.isOwnChild(pid) ? Phase.NEVER : now;
        return Optional.of(new Event.MainPidChanged(generation, pid, ticks));
    }

    /** When {@link #pollForeignMain} wants to be called. */
    long deadline() {
        return pollAt;
    }

    /** Whether a main process that is somebody else's child has ended. */
    Optional<Event> pollForeignMain(Optional<Child> current, long now) {
        if (now < pollAt) {
            return Optional.empty();
        }
        Optional<Child> foreign = current.filter(main -> !os.isOwnChild(main.pid()));
        pollAt = foreign.isPresent() ? now + POLL_INTERVAL_NANOS : Phase.NEVER;
        return foreign.filter(main -> os.startTicks(main.pid()) != main.startTicks())
                .map(main -> new Event.ChildExited(main.pid(), new ExitStatus.Unknown()));
    }
}
