package dev.soleinit.supervisor.startup;

/** A reason for which supervision cannot begin, with the exit code it means. */
public final class StartupException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int exitCode;

    public StartupException(int exitCode, String message) {
        super(message);
        this.exitCode = exitCode;
    }

    public int exitCode() {
        return exitCode;
    }
}
