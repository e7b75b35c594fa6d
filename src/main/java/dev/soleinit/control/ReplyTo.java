package dev.soleinit.control;

import java.util.Map;

/** Where an answer goes. For any thread; what nobody is there to read is dropped. */
public interface ReplyTo {
    /** The answer. */
    void result(Map<String, Object> fields);

    /** The answer that it did not work; {@code code} from {@link ErrorCodes}. */
    void error(int code, String message, Map<String, Object> data);

    /** A message that answers nothing, for subscribers. */
    void notice(String method, Map<String, Object> params);

    /** Whether the caller has left. */
    boolean isGone();
}
