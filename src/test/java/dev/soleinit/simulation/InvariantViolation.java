package dev.soleinit.simulation;

/** An invariant did not hold; the message begins with its name. */
final class InvariantViolation extends AssertionError {
    private static final long serialVersionUID = 1L;

    InvariantViolation(String invariant, String what) {
        super(invariant + ": " + what);
    }
}
