package dev.soleinit.control.client;

import dev.soleinit.control.ErrorCodes;
import java.util.Map;

/** The supervisor answered with an error. */
public final class RpcException extends Exception {
    private static final long serialVersionUID = 1L;

    private final int code;
    private final transient Map<String, Object> data;

    RpcException(int code, String message, Map<String, Object> data) {
        super(message);
        this.code = code;
        this.data = data;
    }

    /** One of {@link ErrorCodes}. */
    public int code() {
        return code;
    }

    /** What came with the error; may be empty. */
    public Map<String, Object> data() {
        return data;
    }
}
