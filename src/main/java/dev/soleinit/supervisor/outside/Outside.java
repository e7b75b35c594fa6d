package dev.soleinit.supervisor.outside;

import dev.soleinit.config.Configuration;
import dev.soleinit.statemachine.state.State;
import dev.soleinit.supervisor.inbox.Inbox;
import dev.soleinit.supervisor.reporting.EventLog;
import dev.soleinit.supervisor.startup.BackgroundThreads;

/**
 * Tells of the state to whoever looks from outside, if anybody does. Used on the loop's thread. Made by
 * the supervisor, which lets it know of them.
 */
public final class Outside {
    /** Null where nobody asks for it, so that its code is not loaded. */
    private HttpReporter http;

    /** Listens and answers, where that was asked for. */
    public void serve(Configuration configuration, Inbox inbox, EventLog journal,
            BackgroundThreads threads, HttpReporter.Source source) {
        if (configuration.http().isPresent()) {
            http = HttpReporter.open(configuration.http().get(), configuration, inbox, journal, source);
            http.start(threads);
        }
    }

    /** The state has changed. */
    public void follow(State state, long now) {
        if (http != null) {
            http.follow(state, now);
        }
    }

    /** The loop has failed, and will not turn again. */
    public void fallenBack() {
        if (http != null) {
            http.fallenBack();
        }
    }

    public void close() {
        if (http != null) {
            http.close();
        }
    }
}
