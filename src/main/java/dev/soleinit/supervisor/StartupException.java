package dev.soleinit.supervisor;

/** A reason for which supervision cannot begin, with the exit code it means. */
final class StartupException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int exitCode;

    StartupException(int exitCode, String message) {
        super(message);
        this.exitCode = exitCode;
    }

    int exitCode() {
        return exitCode;
    }
}
