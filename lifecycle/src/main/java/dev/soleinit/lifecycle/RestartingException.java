package dev.soleinit.lifecycle;

/** New work is refused, because the daemon is about to restart; the client is to try again shortly. */
public final class RestartingException extends Exception {
    private static final long serialVersionUID = 1L;

    RestartingException() {
        super("restarting, try again shortly");
    }
}
