package dev.soleinit.control;

/** Error numbers of the protocol; those above -32100 are ours. Source: JSON-RPC 2.0, section 5.1. */
public final class ErrorCodes {
    public static final int PARSE = -32700;
    public static final int INVALID_REQUEST = -32600;
    public static final int NO_METHOD = -32601;
    public static final int INVALID_PARAMS = -32602;
    /** Too much at once; try again. */
    public static final int BUSY = -32000;
    /** Not tried. */
    public static final int REFUSED = -32001;
    /** Tried, and it did not work. */
    public static final int FAILED = -32002;
    /** The time to wait is over. */
    public static final int TIMEOUT = -32003;

    /** A safe restart has waited long enough; the daemon goes on serving. */
    public static final int GAVE_UP = -32004;

    private ErrorCodes() {}
}
