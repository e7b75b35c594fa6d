package dev.soleinit.simulation;

/** What can happen in a walk beside starts, ends, signals and plain requests. */
enum Feature {
    /** It says when it is ready. */
    READY,
    /** It attaches, and hears what it is told. */
    ATTACHES,
    /** It takes on work and ends it. */
    WORKS,
    /** There is a check command. */
    CHECKS,
    /** There is a preflight command. */
    PREFLIGHT,
    /** It is told to reload by a command. */
    RELOAD_COMMAND,
    /** Probes find it ready or not. */
    PROBES,
    /** It hangs, or gives signs of life. */
    HANGS,
    /** It goes on in another process. */
    FORKS,
    /** It asks for more time. */
    EXTENDS,
    /** The kernel makes no process, or the program cannot be executed. */
    REFUSALS,
    /** The kernel may not end what it was told to kill. */
    UNKILLABLE,
    /** A command stops it. */
    STOP_COMMAND,
    /** It serves on for some time when PID 1 is to end. */
    STOP_DELAY,
    /** Machines ask, too. */
    MACHINES,
    /** Callers leave. */
    LEAVING,
    /** There are other processes that end, and late messages of older generations. */
    STRANGERS,
    /** Restarts that have to do with work are asked for. */
    DRAINS,
    /** No reloads are asked for. */
    NO_RELOADS,
    /** A configuration is kept, changes, and is put back. */
    LAST_GOOD
}
