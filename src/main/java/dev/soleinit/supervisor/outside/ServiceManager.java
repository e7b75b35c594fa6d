package dev.soleinit.supervisor.outside;

import dev.soleinit.statemachine.model.Goal;
import dev.soleinit.statemachine.model.Phase;
import dev.soleinit.statemachine.state.State;
import dev.soleinit.supervisor.reporting.StateNames;
import java.util.Optional;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells whoever has started this supervisor, and speaks sd_notify, how the daemon is: READY, RELOADING,
 * STOPPING and STATUS. It says the difference between what that knows and what is, so what could not be
 * said in time is not said late, unless it still holds. Used on the loop's thread. Source: sd_notify(3).
 */
final class ServiceManager {
    static final long RETRY_NANOS = 1_000_000_000L;
    static final long MAX_RETRY_NANOS = 60_000_000_000L;
    /** A daemon may change its status text as often as it likes. */
    static final long MIN_STATUS_INTERVAL_NANOS = 500_000_000L;
    private static final Logger LOG = LoggerFactory.getLogger("soleinit");

    /** What a service manager takes a service to be. */
    private enum Condition { STARTING, READY, RELOADING, STOPPING }

    private final String address;
    private final Function<String, Optional<String>> sender;
    /** What the loop's time 0 is on the kernel's monotonic clock. */
    private final long epoch;
    private Condition known = Condition.STARTING;
    private Condition current = Condition.STARTING;
    private String knownStatus = "";
    private String status = "";
    private long dueAt = Phase.NEVER;
    private long retryNanos = RETRY_NANOS;
    private long statusAt;
    private boolean failing;

    /** @param sender sends a message, or says why it could not */
    ServiceManager(String address, Function<String, Optional<String>> sender, long epoch) {
        this.address = address;
        this.sender = sender;
        this.epoch = epoch;
    }

    /** The state has changed, or may have. */
    void follow(State state, String text, long now) {
        Condition next = condition(state);
        String words = StateNames.state(state) + " (generation " + state.currentGeneration() + ")"
                + (text.isEmpty() ? "" : ": " + text);
        boolean changed = next != current;
        if (!changed && words.equals(status)) {
            return;
        }
        current = next;
        status = words;
        if (changed || now >= statusAt) {
            send(now);
        } else {
            dueAt = Math.min(dueAt, statusAt);
        }
    }

    /** An end that nobody asked for does not make a service start anew: a restart is our business. */
    private Condition condition(State state) {
        if (state.goal() == Goal.EXIT || state.phase() instanceof Phase.Done) {
            return Condition.STOPPING;
        }
        if (StateNames.ready(state)) {
            return Condition.READY;
        }
        boolean changes = state.goal() == Goal.RESTART || state.phase() instanceof Phase.Reloading;
        return changes && current != Condition.STARTING ? Condition.RELOADING : current;
    }

    /** When {@link #tick} wants to be called. */
    long deadline() {
        return dueAt;
    }

    void tick(long now) {
        if (now >= dueAt) {
            send(now);
        }
    }

    private void send(long now) {
        String message = message(now);
        dueAt = Phase.NEVER;
        if (message.isEmpty()) {
            return;
        }
        statusAt = now + MIN_STATUS_INTERVAL_NANOS;
        Optional<String> reason = sender.apply(message);
        if (reason.isEmpty()) {
            known = current;
            knownStatus = status;
            retryNanos = RETRY_NANOS;
            failing = false;
            return;
        }
        dueAt = now + retryNanos;
        retryNanos = Math.min(MAX_RETRY_NANOS, 2 * retryNanos);
        if (!failing) {
            failing = true;
            LOG.warn("Cannot tell {} (NOTIFY_SOCKET) how the daemon is: {}; trying again", address,
                    reason.get());
        }
    }

    private String message(long now) {
        StringBuilder lines = new StringBuilder();
        if (current != known) {
            switch (current) {
                case READY -> lines.append("READY=1\n");
                case RELOADING -> lines.append("RELOADING=1\nMONOTONIC_USEC=")
                        .append((now + epoch) / 1_000).append('\n');
                case STOPPING -> lines.append("STOPPING=1\n");
                case STARTING -> {
                    // from there on there is no way back
                }
            }
        }
        if (!status.equals(knownStatus)) {
            lines.append("STATUS=").append(status).append('\n');
        }
        return lines.toString();
    }
}
