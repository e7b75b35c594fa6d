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

    /** A request of ours, which the daemon answers under {@code id}. */
    void request(long id, String method, Map<String, Object> params);

    /** Whether somebody waits for it: what came without an id is told, and answered by nothing. */
    default boolean isAwaited() {
        return false;
    }

    /** The same for all that comes over one connection, and for nothing else. */
    Object connection();

    /** This connection is the daemon's: it is not closed for being silent. */
    void keepOpen();

    /** Whether the caller has left. */
    boolean isClosed();

    /** Where answers go that nobody waits for. */
    ReplyTo DISCARD = new ReplyTo() {
        @Override
        public void result(Map<String, Object> fields) {}

        @Override
        public void error(int code, String message, Map<String, Object> data) {}

        @Override
        public void notice(String method, Map<String, Object> params) {}

        @Override
        public void request(long id, String method, Map<String, Object> params) {}

        @Override
        public Object connection() {
            return this;
        }

        @Override
        public void keepOpen() {}

        @Override
        public boolean isClosed() {
            return false;
        }
    };
}
