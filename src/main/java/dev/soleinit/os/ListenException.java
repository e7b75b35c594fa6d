package dev.soleinit.os;

/** A socket cannot be listened on; the message says which, why, and what to do. */
public final class ListenException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final boolean taken;

    public ListenException(String message, boolean taken) {
        super(message);
        this.taken = taken;
    }

    /** Whether somebody else has it at present, so that it may be free later. */
    public boolean taken() {
        return taken;
    }
}
