package dev.soleinit.supervise;

import dev.soleinit.machine.Event;
import dev.soleinit.machine.Phase;
import dev.soleinit.machine.Run;
import dev.soleinit.machine.State;
import dev.soleinit.os.Os;
import dev.soleinit.process.Child;
import dev.soleinit.process.ExitStatus;
import dev.soleinit.process.Signal;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which processes are the daemon's: those of the group it was started in, and since a daemon may go
 * on in another process (MAINPID), that one's, too. Used on the loop's thread.
 */
final class DaemonProcesses {
    private static final Logger LOG = LoggerFactory.getLogger("soleinit");
    /** How often to look after a main process whose death the kernel tells somebody else. */
    private static final long LOOK_NANOS = 500_000_000L;

    private final Os os;
    private final Set<Integer> groups = new LinkedHashSet<>();
    private long lookAt = Phase.NEVER;
    private Child initial = new Child(0, 0, 0);

    DaemonProcesses(Os os) {
        this.os = os;
    }

    void spawned(Child child) {
        initial = child;
        groups.clear();
        groups.add(child.pid());
        lookAt = Phase.NEVER;
    }

    /** The process that this generation began with, whether or not it is still the main one. */
    Child initialProcess() {
        return initial;
    }

    boolean hasGroup(int group) {
        return groups.contains(group);
    }

    boolean has(int pid) {
        return groups.stream().anyMatch(group -> os.isMemberOf(pid, group));
    }

    /** Sends a signal to every process of its groups. */
    void kill(Signal signal) {
        groups.forEach(group -> os.killGroup(group, signal));
    }

    /**
     * What the daemon says of its main process; nothing if that is none of its processes. One that has
     * left its group and its parent has become ours.
     */
    Optional<Event> mainIs(long generation, int pid, long now) {
        long ticks = pid == os.self() ? 0 : os.startTicks(pid);
        if (ticks == 0 || !has(pid) && !os.isOwnChild(pid)) {
            LOG.warn("MAINPID={} is ignored: it is no living process of the daemon", pid);
            return Optional.empty();
        }
        int group = os.groupOf(pid);
        if (group > 1) {
            // every process descends from PID 1, so its group says nothing of whose they are
            groups.add(group);
        }
        lookAt = os.isOwnChild(pid) ? Phase.NEVER : now;
        return Optional.of(new Event.MainTold(generation, pid, ticks));
    }

    /** When {@link #look} wants to be called. */
    long deadline() {
        return lookAt;
    }

    /** Whether a main process that is somebody else's child has ended. */
    Optional<Event> look(State state, long now) {
        if (now < lookAt) {
            return Optional.empty();
        }
        Optional<Child> foreign = state.phase().current().map(Run::child)
                .filter(main -> !os.isOwnChild(main.pid()));
        lookAt = foreign.isPresent() ? now + LOOK_NANOS : Phase.NEVER;
        return foreign.filter(main -> os.startTicks(main.pid()) != main.startTicks())
                .map(main -> new Event.Ended(main.pid(), new ExitStatus.Unknown()));
    }
}
