package dev.soleinit.control;

/** There is a supervisor, but it does not answer: it is stopped, starved or stuck. */
public final class SilentSupervisorException extends NoSupervisorException {
    private static final long serialVersionUID = 1L;

    SilentSupervisorException(String message) {
        super(message, null);
    }
}
