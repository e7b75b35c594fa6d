package dev.soleinit.supervisor.loop;

import dev.soleinit.process.ExitStatus;
import dev.soleinit.statemachine.model.Phase;
import dev.soleinit.statemachine.state.State;
import java.util.List;

/**
 * The parts that the loop turns with, in the order in which they are told and asked. Arrays, since
 * going through a list would leave something to collect in every turn. Used on the loop's thread.
 */
public final class Collaborators {
    private final StateObserver[] observers;
    private final TimedTask[] tasks;
    private final ChildOwner[] owners;

    public Collaborators(List<StateObserver> observers, List<TimedTask> tasks, List<ChildOwner> owners) {
        this.observers = observers.toArray(StateObserver[]::new);
        this.tasks = tasks.toArray(TimedTask[]::new);
        this.owners = owners.toArray(ChildOwner[]::new);
    }

    public void follow(State state, long now) {
        for (StateObserver observer : observers) {
            observer.follow(state, now);
        }
    }

    public void tick(long now) {
        for (TimedTask task : tasks) {
            task.tick(now);
        }
    }

    /** When the first of them is due. */
    public long deadline(long now) {
        long earliest = Phase.NEVER;
        for (TimedTask task : tasks) {
            earliest = Math.min(earliest, task.deadline(now));
        }
        return earliest;
    }

    /** Whether the dead child was started by one of them. */
    public boolean reaped(int pid, ExitStatus status, long now) {
        for (ChildOwner owner : owners) {
            if (owner.reaped(pid, status, now)) {
                return true;
            }
        }
        return false;
    }
}
