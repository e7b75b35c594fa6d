package dev.soleinit.process;

import java.net.InetAddress;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A listening socket that outlives the process which serves it.
 *
 * @param words   as it was asked for, for example {@code tcp:0.0.0.0:8080}
 * @param name    what a process finds it by in LISTEN_FDNAMES: no colon, no control character
 * @param backlog how many connections may wait, at the most what net.core.somaxconn allows
 * @param place   where it listens
 */
public record ListenAddress(String words, String name, int backlog, Place place) {
    /** Where it listens. */
    public sealed interface Place {
        /** An internet address; port 0 stands for any, which is then kept. */
        record Port(InetAddress address, int port) implements Place {}

        /** A socket file with its mode; {@code owner} is {@code user} or {@code user:group}. */
        record File(Path path, int mode, Optional<String> owner) implements Place {}
    }
}
