package dev.soleinit.control.server;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.util.Optional;
import java.util.function.Predicate;
import jdk.net.ExtendedSocketOptions;

/**
 * Who may connect, as the kernel vouches for it: the supervisor's user and root may ask, the
 * daemon's user may speak for the daemon. Used on the server's thread. Source: SO_PEERCRED in
 * unix(7).
 */
public final class Peers {
    /**
     * Somebody who may connect.
     *
     * @param isPermitted it is the supervisor's user or root, not the daemon's
     */
    public record Peer(String user, boolean isPermitted) {}

    private final Path socket;
    private final Optional<Predicate<UserPrincipal>> isPermitted;

    /** @param isPermitted another rule for who may ask, if there is one */
    Peers(Path socket, Optional<Predicate<UserPrincipal>> isPermitted) {
        this.socket = socket;
        this.isPermitted = isPermitted;
    }

    static String name(SocketChannel channel) throws IOException {
        return channel.getOption(ExtendedSocketOptions.SO_PEERCRED).user().getName();
    }

    /** Empty for a stranger. A socket that has been given to the daemon's user belongs to it. */
    Optional<Peer> identify(SocketChannel channel, boolean daemonHasUser) throws IOException {
        UserPrincipal user = channel.getOption(ExtendedSocketOptions.SO_PEERCRED).user();
        boolean asks = isPermitted.isPresent() ? isPermitted.get().test(user) : isOwnerOrRoot(user);
        return asks || daemonHasUser && user.equals(Files.getOwner(socket))
                ? Optional.of(new Peer(user.getName(), asks)) : Optional.empty();
    }

    /** Principals are equal if their numbers are; /proc belongs to root whatever its name is. */
    private static boolean isOwnerOrRoot(UserPrincipal user) throws IOException {
        return user.equals(Files.getOwner(Path.of("/proc/self")))
                || user.equals(Files.getOwner(Path.of("/proc")));
    }
}
