package dev.soleinit.statemachine.model;

/**
 * What is wanted, apart from what is ({@link Phase}). What the daemon's exit means asks the goal
 * alone.
 */
public enum Goal {
    /** It shall run; an exit is judged by the restart policy. */
    UP,
    /** This process shall end and a new one take its place at once. */
    RESTART,
    /** It shall be down until somebody starts it: a hold. */
    DOWN,
    /** It shall end, and PID 1 with it. */
    EXIT
}
