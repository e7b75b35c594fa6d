package dev.soleinit.supervise;

import dev.soleinit.config.Configuration;
import dev.soleinit.process.Listening;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The environment of each generation: the supervisor's own less its private variables, plus what
 * a daemon may want to know. Made by {@link Supervisor}, used on the loop's thread.
 */
final class ChildEnvironment {
    /** Kernel source of random ids that costs no start-up time in the JVM. */
    private static final Path UUID = Path.of("/proc/sys/kernel/random/uuid");

    private final Map<String, String> base;
    private final List<Listening> listen;

    ChildEnvironment(Configuration configuration, Map<String, String> own, Path notifySocket) {
        base = new HashMap<>(own);
        base.keySet().removeIf(ChildEnvironment::isPrivate);
        base.putAll(configuration.env());
        base.putIfAbsent("DAEMON_SUPERVISOR", "host");
        base.put("DAEMON_RUN_DIR", configuration.runDir().toString());
        base.put("DAEMON_STATE_DIR", configuration.stateDir().toString());
        base.put("NOTIFY_SOCKET", notifySocket.toString());
        base.put("DAEMON_DRAIN_TIMEOUT", configuration.drainTimeout().toMillis() + "ms");
        List.of("DAEMON_TOKEN", "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES").forEach(base::remove);
        this.listen = configuration.listen();
        base.remove("WATCHDOG_USEC");
        base.remove("WATCHDOG_PID");
        Duration watchdog = configuration.settings().coordination().watchdog();
        if (!watchdog.isZero()) {
            base.put("WATCHDOG_USEC", Long.toString(watchdog.toNanos() / 1_000));
        }
    }

    Map<String, String> of(long generation) {
        Map<String, String> environment = new HashMap<>(base);
        environment.put("DAEMON_GENERATION", Long.toString(generation));
        environment.put("INVOCATION_ID", randomId());
        return environment;
    }

    /** The same with what only the daemon's own process gets: its token, and its sockets' names. */
    Map<String, String> of(long generation, String token) {
        Map<String, String> environment = of(generation);
        environment.put("DAEMON_TOKEN", token);
        if (!listen.isEmpty()) {
            environment.put("LISTEN_FDS", Integer.toString(listen.size()));
            environment.put("LISTEN_FDNAMES", String.join(":",
                    listen.stream().map(Listening::name).toList()));
        }
        return environment;
    }

    /** What the launcher sets for this JVM alone. */
    private static boolean isPrivate(String name) {
        return name.equals("_JAVA_SR_SIGNUM") || name.startsWith("SOLEINIT_");
    }

    /** 32 hexadecimal digits that nobody else has. */
    static String randomId() {
        try {
            return Files.readString(UUID).strip().replace("-", "");
        } catch (IOException noProc) {
            return java.util.UUID.randomUUID().toString().replace("-", "");
        }
    }
}
