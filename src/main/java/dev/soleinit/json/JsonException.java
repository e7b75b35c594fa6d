package dev.soleinit.json;

/** Text that is not the JSON it should be; says where. */
public final class JsonException extends Exception {
    private static final long serialVersionUID = 1L;

    private final int line;

    JsonException(String message, int line) {
        super(message);
        this.line = line;
    }

    /** The line of the text, from 1. */
    public int line() {
        return line;
    }
}
