package dev.soleinit.control.client;

/** There is a supervisor, but it does not answer: it is stopped, starved or stuck. */
public final class SupervisorSilentException extends SupervisorUnreachableException {
    private static final long serialVersionUID = 1L;

    SupervisorSilentException(String message) {
        super(message, null);
    }
}
