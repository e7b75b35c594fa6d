package dev.soleinit.supervisor.outside;

import dev.soleinit.config.Configuration;
import dev.soleinit.os.Kernel;
import dev.soleinit.os.host.ManagerSocket;
import dev.soleinit.process.ExitStatus;
import dev.soleinit.statemachine.model.Phase;
import dev.soleinit.statemachine.state.State;
import dev.soleinit.supervisor.children.Spawner;
import dev.soleinit.supervisor.inbox.Inbox;
import dev.soleinit.supervisor.loop.ChildOwner;
import dev.soleinit.supervisor.loop.StateObserver;
import dev.soleinit.supervisor.loop.TimedTask;
import dev.soleinit.supervisor.reporting.EventLog;
import dev.soleinit.supervisor.startup.BackgroundThreads;
import java.util.List;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells of the state to whoever looks from outside, if anybody does. Used on the loop's thread. Made by
 * the supervisor, which lets it know of them.
 */
public final class Outside implements StateObserver, TimedTask, ChildOwner, LongSupplier {
    private static final String NOTIFY_SOCKET = "NOTIFY_SOCKET=";
    private static final Logger LOG = LoggerFactory.getLogger("soleinit");

    /** Null where nobody asks for it, so that its code is not loaded. */
    private HttpReporter http;
    /** Null where there is no such command. */
    private EventHook hook;
    /** Null where none has started this supervisor. */
    private ServiceManager manager;
    private HttpReporter.Source source;

    /** Tells a service manager, where the supervisor's own environment names one. */
    public void notifyManager(List<String> environment, boolean compat, long epoch) {
        String address = "";
        for (String entry : environment) {
            address = entry.startsWith(NOTIFY_SOCKET) ? entry.substring(NOTIFY_SOCKET.length()) : address;
        }
        if (compat || address.isEmpty()) {
            return;
        }
        try {
            ManagerSocket socket = new ManagerSocket(address);
            manager = new ServiceManager(address, socket::send, epoch);
        } catch (IllegalArgumentException unusable) {
            LOG.warn("Cannot use {} (NOTIFY_SOCKET): {}; nobody is told how the daemon is", address,
                    unusable.getMessage());
        }
    }

    /** Listens and answers, and tells of events, where that was asked for. */
    public void serve(Kernel os, Spawner spawner, Configuration configuration, Inbox inbox,
            EventLog journal, BackgroundThreads threads, HttpReporter.Source source) {
        this.source = source;
        if (!configuration.commands().event().isEmpty()) {
            hook = new EventHook(os, configuration.commands().event(), spawner::helper);
            journal.follow(hook::event);
        }
        if (configuration.http().isPresent()) {
            http = HttpReporter.open(configuration.http().get(), configuration, inbox, journal,
                    source, this);
            http.start(threads);
        }
    }

    @Override
    public void follow(State state, long now) {
        if (http != null) {
            http.follow(state, now);
        }
        if (manager != null) {
            manager.follow(state, source.statusText(), now);
        }
    }

    @Override
    public void tick(long now) {
        if (hook != null) {
            hook.tick(source.state(), now);
        }
        if (manager != null) {
            manager.follow(source.state(), source.statusText(), now);
            manager.tick(now);
        }
    }

    @Override
    public long deadline(long now) {
        return Math.min(hook == null ? Phase.NEVER : hook.deadline(now),
                manager == null ? Phase.NEVER : manager.deadline());
    }

    @Override
    public boolean has(int pid) {
        return hook != null && hook.has(pid);
    }

    @Override
    public boolean reaped(int pid, ExitStatus status, long now) {
        return hook != null && hook.reaped(pid, status, now);
    }

    /** Events that the command of --on-event never got. */
    @Override
    public long getAsLong() {
        return hook == null ? 0 : hook.dropped();
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
