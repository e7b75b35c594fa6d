package dev.soleinit.process;

/**
 * Exit codes of PID 1 that are not the daemon's: with each, no daemon runs. Source of 70 to 78:
 * sysexits(3).
 */
public final class SupervisorExit {
    /** The kernel or the C library does not do what supervision needs. */
    public static final int CANNOT_SUPERVISE = 1;
    /** A command line that cannot be used. */
    public static final int USAGE = 2;
    /** Our own code failed. */
    public static final int SOFTWARE = 70;
    /** Something that this supervisor needs is another's. */
    public static final int TAKEN = 75;
    /** Settings, directories or addresses that cannot be used. */
    public static final int CONFIGURATION = 78;
    /** A command before the first start has taken too long, as timeout(1) says it. */
    public static final int TIMED_OUT = 124;
    /** The command cannot be executed. */
    public static final int NOT_EXECUTABLE = 126;
    /** There is no such command. */
    public static final int NOT_FOUND = 127;
    /** Added to the number of the signal that ended the daemon, or PID 1 before the first start. */
    public static final int SIGNALED = 128;

    private SupervisorExit() {}
}
