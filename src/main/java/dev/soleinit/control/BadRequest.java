package dev.soleinit.control;

/** A line that is no request of ours. */
public final class BadRequest extends Exception {
    private static final long serialVersionUID = 1L;

    private final int code;

    BadRequest(int code, String message) {
        super(message);
        this.code = code;
    }

    public int code() {
        return code;
    }
}
