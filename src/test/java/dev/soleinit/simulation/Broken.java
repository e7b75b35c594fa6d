package dev.soleinit.simulation;

/** An invariant did not hold; the message begins with its name. */
final class Broken extends AssertionError {
    private static final long serialVersionUID = 1L;

    Broken(String invariant, String what) {
        super(invariant + ": " + what);
    }
}
