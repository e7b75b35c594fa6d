package dev.soleinit.supervisor.children;

import dev.soleinit.os.Kernel;
import dev.soleinit.os.Kernel.Launched;
import dev.soleinit.process.Child;
import dev.soleinit.statemachine.model.Event;
import dev.soleinit.statemachine.state.State;
import dev.soleinit.supervisor.daemon.Daemons;
import java.util.ArrayList;
import java.util.List;

/**
 * Follows the daemon's process from the fork to the exec: what it says or how it ends counts only
 * after it has become the daemon. Used on the loop's thread.
 */
public final class LaunchTracker {
    private final Kernel os;
    private int launching;
    private long generation;
    private int refused;

    public LaunchTracker(Kernel os) {
        this.os = os;
    }

    public void forked(Child child) {
        launching = child.pid();
        generation = child.generation();
    }

    /** Whether this process has not become its program yet. */
    public boolean isLaunching(int pid) {
        return pid != 0 && pid == launching;
    }

    /** What has become of it since the last call. */
    public List<Event> poll(State state) {
        if (launching == 0) {
            return List.of();
        }
        List<Event> events = new ArrayList<>(1);
        for (Launched launched : os.launched()) {
            launching = 0;
            if (launched.error().isPresent()) {
                refused = launched.pid();
                events.add(new Event.SpawnFailed(generation, launched.error().get()));
            } else {
                Daemons.withPid(state, launched.pid()).ifPresent(run ->
                        events.add(new Event.Spawned(run.child())));
            }
        }
        return events;
    }

    /** Whether a dead child is the process that could not execute its program: it is no orphan. */
    public boolean wasRefused(int pid) {
        boolean known = pid == refused;
        refused = known ? 0 : refused;
        return known;
    }
}
