package dev.soleinit.process;

/** How a restart treats the work that is under way; later ones are stronger. */
public enum RestartMode {
    /** Waits, serving, until nothing blocks; gives up rather than cut. */
    SAFE,
    /** No new work, and what there is may end until a deadline. */
    GRACEFUL,
    /** The stop ladder at once. */
    IMMEDIATE,
    /** The same with a short grace. */
    FORCE
}
