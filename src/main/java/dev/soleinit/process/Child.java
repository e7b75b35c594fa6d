package dev.soleinit.process;

/**
 * One life of the daemon. A process is its PID <em>and</em> its start ticks (field 22 of
 * {@code /proc/PID/stat}): PIDs are reused, the pair is not.
 *
 * @param generation the fencing number this life was given
 * @param pid        its process id, also its process group
 * @param startTicks clock ticks since boot at its start, 0 if it had already gone when looked at
 */
public record Child(long generation, int pid, long startTicks) {}
