package dev.soleinit.simulation;

/** Watches what goes in and what comes out; all that it has to remember is in its fields. */
abstract class Monitor implements Cloneable {
    /** The same, to be led on by itself. */
    Monitor copy() {
        try {
            return (Monitor) clone();
        } catch (CloneNotSupportedException impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** Puts all that matters for what it will still say. */
    abstract void print(Canonical out);

    static void require(boolean holds, String invariant, String what) {
        if (!holds) {
            throw new InvariantViolation(invariant, what);
        }
    }
}
