package dev.soleinit.supervisor.children;

import dev.soleinit.config.Configuration;
import dev.soleinit.process.ListenAddress;
import dev.soleinit.storage.files.RandomName;
import dev.soleinit.supervisor.Supervisor;
import dev.soleinit.supervisor.inbox.NotifyAddresses;
import dev.soleinit.supervisor.startup.DaemonVariables;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The environment of each generation: the supervisor's own, byte for byte, plus what
 * a daemon may want to know. Made by {@link Supervisor}, used on the loop's thread.
 */
public final class ChildEnvironment {
    /** What an outer supervisor may have set, and what is set anew for each start. */
    private static final Set<String> OF_EACH_START = Set.of("DAEMON_GENERATION", "DAEMON_TOKEN",
            "INVOCATION_ID", "NOTIFY_SOCKET", "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES",
            "FDSTORE", "WATCHDOG_USEC", "WATCHDOG_PID");

    /** INVOCATION_ID and the token. */
    private static final int IDS_OF_A_START = 2;

    private final Deque<String> stock = new ArrayDeque<>();
    private final List<String> base = new ArrayList<>();
    private final List<ListenAddress> listen;
    /** The command of another init gets what that was given, and nothing else. */
    private final boolean bare;
    private final NotifyAddresses notify;

    /**
     * For all generations of one supervisor.
     *
     * @param own  the entries of the supervisor's own environment
     * @param user what {@code --user} sets, or has nobody set
     * @param read what comes from files
     */
    public ChildEnvironment(Configuration configuration, List<String> own,
            Map<String, Optional<String>> user, DaemonVariables read, NotifyAddresses notify) {
        this.notify = notify;
        listen = configuration.descriptors().listen();
        bare = configuration.compat().isPresent();
        if (bare) {
            base.addAll(own);
            return;
        }
        Map<String, String> ours = new LinkedHashMap<>();
        user.forEach((name, value) -> value.ifPresent(text -> ours.put(name, text)));
        ours.putAll(read.added());
        ours.putAll(configuration.daemon().env());
        if (!hasName(own, "DAEMON_SUPERVISOR")) {
            ours.putIfAbsent("DAEMON_SUPERVISOR", "host");
        }
        ours.put("DAEMON_RUN_DIR", configuration.directories().run().toString());
        ours.put("DAEMON_STATE_DIR", configuration.directories().state().toString());
        ours.remove("NOTIFY_SOCKET");
        ours.put("DAEMON_DRAIN_TIMEOUT", configuration.work().drainTimeout().toMillis() + "ms");
        Duration watchdog = configuration.policy().ready().watchdog();
        if (configuration.descriptors().storeMax() > 0) {
            ours.put("FDSTORE", Integer.toString(configuration.descriptors().storeMax()));
        }
        if (!watchdog.isZero()) {
            ours.put("WATCHDOG_USEC", Long.toString(watchdog.toNanos() / 1_000));
        }
        // as it came, entries without a name and those that are there twice among it
        for (String entry : own) {
            String name = name(entry);
            if (!ours.containsKey(name) && !user.containsKey(name) && !OF_EACH_START.contains(name)
                    && !read.removed().contains(name)) {
                base.add(entry);
            }
        }
        ours.forEach((name, value) -> base.add(name + "=" + value));
    }

    private static String name(String entry) {
        int equals = entry.indexOf('=', 1);
        return equals < 0 ? "" : entry.substring(0, equals);
    }

    private static boolean hasName(List<String> entries, String name) {
        for (String entry : entries) {
            if (name(entry).equals(name)) {
                return true;
            }
        }
        return false;
    }

    List<String> of(long generation) {
        return of(generation, notify.known());
    }

    private List<String> of(long generation, Path notifySocket) {
        List<String> environment = new ArrayList<>(base);
        if (bare) {
            return environment;
        }
        environment.add("DAEMON_GENERATION=" + generation);
        environment.add("INVOCATION_ID=" + nextId());
        environment.add("NOTIFY_SOCKET=" + notifySocket);
        return environment;
    }

    /**
     * The same with what only the daemon's own process gets: its token, and the names of its sockets and
     * of what an earlier one has stored for it.
     */
    List<String> of(long generation, String token, List<String> stored) {
        if (bare) {
            return of(generation);
        }
        List<String> environment = of(generation, notify.told());
        environment.add("DAEMON_TOKEN=" + token);
        List<String> names = new ArrayList<>();
        for (ListenAddress one : listen) {
            names.add(one.name());
        }
        names.addAll(stored);
        if (!names.isEmpty()) {
            environment.add("LISTEN_FDS=" + names.size());
            environment.add("LISTEN_FDNAMES=" + String.join(":", names));
        }
        return environment;
    }

    /** INVOCATION_ID of such an environment; the last entry of a name is the one that we have added. */
    static String invocationId(List<String> environment) {
        String found = "";
        for (String entry : environment) {
            if (entry.startsWith("INVOCATION_ID=")) {
                found = entry.substring("INVOCATION_ID=".length());
            }
        }
        return found;
    }

    /** A random id, without asking the kernel if there is one in stock. */
    String nextId() {
        String id = stock.poll();
        return id == null ? RandomName.hex() : id;
    }

    /** One that nobody has been told. */
    void giveBack(String id) {
        stock.add(id);
    }

    /** Has in stock what the next start needs: it should not wait for that. */
    void stockIds() {
        while (stock.size() < IDS_OF_A_START) {
            stock.add(RandomName.hex());
        }
    }
}
