package dev.soleinit.lifecycle;

import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.function.BiPredicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The listening sockets that whoever started this process keeps, as in sd_listen_fds(3): descriptors
 * from 3 on, {@code LISTEN_FDS} of them, {@code LISTEN_FDNAMES} their names, all of it meant for us
 * only if {@code LISTEN_PID} is this process. For any thread.
 */
final class InheritedSockets {
    private static final Logger LOG = LoggerFactory.getLogger("lifecycle");
    private static final int FIRST = 3;
    private static final int BACKLOG = 1_024;
    /** What sd_listen_fds(3) calls a socket without a name. */
    private static final String UNNAMED = "unknown";

    private final int first;
    /** One for each descriptor, in their order. */
    private final List<String> names;
    private final Set<ServerSocketChannel> given = Collections.synchronizedSet(
            Collections.newSetFromMap(new WeakHashMap<>()));

    InheritedSockets(Map<String, String> environment) {
        this(environment, FIRST);
    }

    InheritedSockets(Map<String, String> environment, int first) {
        this.first = first;
        this.names = names(environment);
    }

    private static List<String> names(Map<String, String> environment) {
        String count = environment.getOrDefault("LISTEN_FDS", "");
        if (count.isEmpty() || count.equals("0")) {
            return List.of();
        }
        String pid = environment.getOrDefault("LISTEN_PID", "");
        String self = Long.toString(ProcessHandle.current().pid());
        if (!pid.equals(self)) {
            LOG.info("LISTEN_FDS is ignored: LISTEN_PID is '{}', this process is {}", pid, self);
            return List.of();
        }
        if (!count.matches("[0-9]{1,3}")) {
            LOG.warn("LISTEN_FDS is ignored: '{}' is no number from 0 to 999", count);
            return List.of();
        }
        String[] known = environment.getOrDefault("LISTEN_FDNAMES", "").split(":", -1);
        List<String> names = new ArrayList<>();
        for (int i = 0; i < Integer.parseInt(count); i++) {
            names.add(i < known.length && !known[i].isEmpty() ? known[i] : UNNAMED);
        }
        return names;
    }

    // ---- handing out

    /** The first one of that name; empty if there is none. */
    Optional<ServerSocketChannel> named(String name) throws IOException {
        int index = names.indexOf(name);
        if (index < 0) {
            return Optional.empty();
        }
        if (!InheritedChannels.isOpen()) {
            throw new IOException("Cannot take over the kept socket '" + name + "': "
                    + missingFlag());
        }
        return Optional.of(take(first + index));
    }

    /** The one that is bound to this address, else a new one that is. */
    ServerSocketChannel listen(SocketAddress address) throws IOException {
        if (address instanceof InetSocketAddress inet && inet.isUnresolved()) {
            throw new SocketException("Unresolved address");
        }
        List<SocketAddress> others = new ArrayList<>();
        Optional<ServerSocketChannel> kept = kept(address, others);
        if (kept.isPresent()) {
            return kept.get();
        }
        try {
            return bind(address);
        } catch (BindException taken) {
            throw explain(taken, address, others);
        }
    }

    /** The one that is bound to this address; empty if there is none. */
    Optional<ServerSocketChannel> inherited(SocketAddress address) throws IOException {
        if (any() && !InheritedChannels.isOpen()) {
            throw new IOException("Cannot take over the kept sockets " + names + ": " + missingFlag());
        }
        return kept(address, new ArrayList<>());
    }

    boolean any() {
        return !names.isEmpty();
    }

    private Optional<ServerSocketChannel> kept(SocketAddress address, List<SocketAddress> others) {
        Optional<ServerSocketChannel> kept = find(address, InheritedSockets::same, others);
        if (kept.isEmpty()) {
            others.clear();
            kept = find(address, InheritedSockets::alike, others);
        }
        return kept;
    }

    private Optional<ServerSocketChannel> find(SocketAddress address,
            BiPredicate<SocketAddress, SocketAddress> fits, List<SocketAddress> others) {
        for (int i = 0; i < names.size() && InheritedChannels.isOpen(); i++) {
            try {
                ServerSocketChannel channel = take(first + i);
                if (fits.test(channel.getLocalAddress(), address)) {
                    return Optional.of(channel);
                }
                others.add(channel.getLocalAddress());
                channel.close();
            } catch (IOException unusable) {
                LOG.warn("kept socket '{}' is passed over: {}", names.get(i),
                        unusable.getMessage());
            }
        }
        return Optional.empty();
    }

    boolean isInherited(ServerSocketChannel channel) {
        return given.contains(channel);
    }

    private ServerSocketChannel take(int descriptor) throws IOException {
        ServerSocketChannel channel = InheritedChannels.listening(descriptor);
        given.add(channel);
        return channel;
    }

    // ---- comparing

    private static boolean same(SocketAddress kept, SocketAddress wanted) {
        if (kept instanceof UnixDomainSocketAddress one
                && wanted instanceof UnixDomainSocketAddress other) {
            return real(one.getPath()).equals(real(other.getPath()));
        }
        return kept.equals(wanted);
    }

    /**
     * A wildcard of one family for that of the other, where the very one is not kept; but for no
     * host: who asks for 127.0.0.1 is not to be given to the world.
     */
    private static boolean alike(SocketAddress kept, SocketAddress wanted) {
        return kept instanceof InetSocketAddress one && wanted instanceof InetSocketAddress other
                && one.getPort() == other.getPort() && one.getAddress().isAnyLocalAddress()
                && other.getAddress().isAnyLocalAddress();
    }

    private static Path real(Path path) {
        try {
            return path.toRealPath();
        } catch (IOException gone) {
            return path.toAbsolutePath().normalize();
        }
    }

    private BindException explain(BindException taken, SocketAddress wanted,
            List<SocketAddress> others) {
        String why = taken.getMessage();
        if (!names.isEmpty() && !InheritedChannels.isOpen()) {
            why += ". Sockets are kept for this daemon: " + missingFlag();
        }
        for (SocketAddress kept : others) {
            if (kept instanceof InetSocketAddress one && wanted instanceof InetSocketAddress other
                    && one.getPort() == other.getPort()) {
                why += ". The kept socket is bound to " + one.getAddress().getHostAddress()
                        + ": name the same address in both places";
            }
        }
        BindException explained = new BindException(why);
        explained.initCause(taken);
        return explained;
    }

    private static String missingFlag() {
        return "taking one over needs " + InheritedChannels.flag() + " on the java command line";
    }

    // ---- where none is kept

    private static ServerSocketChannel bind(SocketAddress address) throws IOException {
        boolean unix = address instanceof UnixDomainSocketAddress;
        ServerSocketChannel channel = unix ? ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                : ServerSocketChannel.open();
        try {
            if (unix) {
                removeLeftOver(((UnixDomainSocketAddress) address).getPath());
            } else {
                channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            }
            return channel.bind(address, BACKLOG);
        } catch (IOException | RuntimeException failed) {
            channel.close();
            throw failed;
        }
    }

    /** A Unix socket outlives who bound it as a file, and keeps the next one from binding. */
    private static void removeLeftOver(Path path) throws IOException {
        if (Files.notExists(path, LinkOption.NOFOLLOW_LINKS) || !Files.readAttributes(path,
                BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS).isOther()) {
            return;
        }
        try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            // not waiting: who has a full backlog is there, too
            probe.configureBlocking(false);
            probe.connect(UnixDomainSocketAddress.of(path));
        } catch (ConnectException nobody) {
            Files.deleteIfExists(path);
        } catch (IOException inDoubt) {
            LOG.warn("{} is not removed: {}", path, inDoubt.getMessage());
        }
    }
}
