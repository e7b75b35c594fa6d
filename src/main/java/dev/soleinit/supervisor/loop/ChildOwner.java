package dev.soleinit.supervisor.loop;

import dev.soleinit.process.ExitStatus;

/** Something that starts processes beside the daemon. Called on the loop's thread. */
public interface ChildOwner {
    /** Whether this is one of its processes that runs. */
    boolean has(int pid);

    /** Whether the dead child was one of its own. */
    boolean reaped(int pid, ExitStatus status, long now);
}
