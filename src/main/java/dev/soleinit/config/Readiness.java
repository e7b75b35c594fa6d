package dev.soleinit.config;

import java.net.URI;
import java.util.List;

/** How the daemon is found to be ready. */
public sealed interface Readiness {
    /** It is ready when it has been spawned. */
    record None() implements Readiness {}

    /** It says {@code READY=1} on its NOTIFY_SOCKET. Source: sd_notify(3). */
    record Notify() implements Readiness {}

    /** It says {@code ready} on the control socket. */
    record Attach() implements Readiness {}

    /** A command that exits 0. */
    record Exec(List<String> command) implements Readiness {}

    /** A TCP connection can be made. */
    record Tcp(String host, int port) implements Readiness {}

    /** A GET is answered with 2xx. */
    record Http(URI uri) implements Readiness {}

    /** The word for it in the status. */
    default String name() {
        return switch (this) {
            case None _ -> "none";
            case Notify _ -> "notify";
            case Attach _ -> "attach";
            case Exec _ -> "exec";
            case Tcp _ -> "tcp";
            case Http _ -> "http";
        };
    }

    /** Whether the supervisor finds it out by asking, not by being told. */
    default boolean isProbed() {
        return switch (this) {
            case Exec _, Tcp _, Http _ -> true;
            case None _, Notify _, Attach _ -> false;
        };
    }
}
