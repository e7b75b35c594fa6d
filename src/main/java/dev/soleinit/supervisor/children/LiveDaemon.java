package dev.soleinit.supervisor.children;

import dev.soleinit.process.Child;
import dev.soleinit.statemachine.model.DaemonProcess;
import dev.soleinit.statemachine.state.State;

/**
 * One daemon: the processes that are its, what it leaves, and what it last said of itself. Made by {@link
 * LiveDaemons}; used on the loop's thread.
 */
public final class LiveDaemon {
    private final DaemonProcesses processes;
    private final Leftovers leftovers;
    /** As it was last seen: a reload changes the generation, MAINPID the process, never both. */
    private Child child;
    private boolean alive = true;
    private String statusText = "";

    LiveDaemon(Child child, DaemonProcesses processes, Leftovers leftovers) {
        this.child = child;
        this.processes = processes;
        this.leftovers = leftovers;
        processes.spawned(child);
    }

    DaemonProcesses processes() {
        return processes;
    }

    Leftovers leftovers() {
        return leftovers;
    }

    Child child() {
        return child;
    }

    /** What it is called now. */
    public long generation() {
        return child.generation();
    }

    /** Whether it has a process, as far as is known. */
    public boolean isAlive() {
        return alive;
    }

    /** Its last STATUS=. */
    public String statusText() {
        return statusText;
    }

    public void statusText(String text) {
        statusText = text;
    }

    boolean is(Child other) {
        return child.pid() == other.pid() && child.startTicks() == other.startTicks()
                || child.generation() == other.generation();
    }

    void follow(State state) {
        alive = false;
        for (DaemonProcess one : state.processes()) {
            if (is(one.child())) {
                child = one.child();
                alive = true;
            }
        }
    }
}
