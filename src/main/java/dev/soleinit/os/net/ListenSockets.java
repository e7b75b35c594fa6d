package dev.soleinit.os.net;

import dev.soleinit.os.Kernel.Identity;
import dev.soleinit.os.ListenException;
import dev.soleinit.os.ffi.LibC;
import dev.soleinit.os.ffi.NativeMemory;
import dev.soleinit.os.ffi.Pointer;
import dev.soleinit.process.ListenAddress;
import dev.soleinit.process.ListenAddress.Place;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The listening sockets that are kept while daemons come and go: what connects meanwhile waits in
 * their backlogs. Used on the loop's thread. Sources: socket(7), tcp(7), listen(2), poll(2).
 */
public final class ListenSockets {
    private static final int STREAM_CLOEXEC = 1 | 02000000;
    private static final int SOL_SOCKET = 1;
    private static final int SO_REUSEADDR = 2;
    private static final int IPPROTO_IPV6 = 41;
    private static final int IPV6_V6ONLY = 26;
    private static final int F_GETFL = 3;
    private static final int F_SETFL = 4;
    private static final int O_NONBLOCK = 04000;
    private static final int POLLERR_HUP_RDHUP = 0x8 | 0x10 | 0x2000;
    private static final int POLLRDHUP = 0x2000;

    private final NativeMemory nativeCode;
    private final LibC libc;
    private final Optional<Identity> owner;
    private final int lowest;
    private final List<ListenSocket> all = new ArrayList<>();
    private final Pointer polled;

    /** One socket; {@code file} is set if it is one, so that it is removed in the end. */
    private record ListenSocket(ListenAddress wanted, int fd, int port, Optional<SocketFile> file) {}

    /**
     * None yet.
     *
     * @param owner  who socket files belong to unless they say otherwise
     * @param lowest the least number that a descriptor of these may have: above whatever they become
     *               in the daemon
     */
    public ListenSockets(NativeMemory nativeCode, Optional<Identity> owner, int lowest) {
        this.nativeCode = nativeCode;
        this.libc = nativeCode.libc;
        this.owner = owner;
        this.lowest = lowest;
        this.polled = nativeCode.allocate(8);
    }

    /** Opens one. Throws {@link ListenException} with what to do. */
    public void open(ListenAddress wanted) {
        all.add(open(wanted, wanted.place() instanceof Place.Port(var _, int port) ? port : 0));
    }

    /** Where each listens, in the order of the daemon's descriptors from 3 on. */
    public List<String> addresses() {
        return all.stream().map(one -> switch (one.wanted().place()) {
            case Place.Port(var address, int _) -> (SocketAddresses.family(address)
                    == SocketAddresses.AF_INET6 ? "tcp6:[" + address.getHostAddress() + "]:"
                    : "tcp:" + address.getHostAddress() + ":") + one.port();
            case Place.File file -> "unix:" + file.path();
        }).toList();
    }

    /** Undoes what the last daemon did to the open file description that it had shared with us. */
    public void makeBlocking() {
        for (ListenSocket one : all) {
            libc.fcntl(one.fd(), F_SETFL, libc.fcntl(one.fd(), F_GETFL, 0) & ~O_NONBLOCK);
        }
    }

    /** The descriptors in their order, as each daemon gets them. */
    public List<Integer> inheritableFds() {
        return all.stream().map(ListenSocket::fd).toList();
    }

    /**
     * Makes anew what a daemon has shut down: shutdown(2) ends the one socket that all share, and
     * connections would be refused. Returns a line for each.
     */
    public List<String> repair() {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < all.size(); i++) {
            ListenSocket one = all.get(i);
            if (isShutDown(one.fd())) {
                lines.add(repair(i, one));
            }
        }
        return lines;
    }

    /** One that can listen again stays the same one: a daemon that runs has it, too. */
    private String repair(int index, ListenSocket one) {
        boolean again = libc.listen(one.fd(), one.wanted().backlog()) == 0 && !isShutDown(one.fd());
        if (again) {
            return "the daemon had shut down " + one.wanted().words() + "; it is listened on again";
        }
        try {
            one.file().ifPresent(SocketFile::remove);
            ListenSocket fresh = open(one.wanted(), one.port());
            libc.close(one.fd());
            all.set(index, fresh);
            return "the daemon had shut down " + one.wanted().words() + "; it is listened on again";
        } catch (ListenException | IllegalArgumentException taken) {
            return taken.getMessage();
        }
    }

    private boolean isShutDown(int fd) {
        polled.putInt(0, fd);
        polled.putShort(4, (short) POLLRDHUP);
        polled.putShort(6, (short) 0);
        return libc.poll(polled, 1, 0) > 0 && (polled.getShort(6) & POLLERR_HUP_RDHUP) != 0;
    }

    /** Removes socket files; the sockets end with the process. */
    public void close() {
        all.forEach(one -> one.file().ifPresent(SocketFile::remove));
    }

    // ---- opening

    private ListenSocket open(ListenAddress wanted, int port) {
        return switch (wanted.place()) {
            case Place.Port(var address, int _) -> {
                int fd = socket(wanted, SocketAddresses.family(address));
                bind(wanted, fd, SocketAddresses.of(address, port));
                listen(wanted, fd);
                yield new ListenSocket(wanted, fd, boundPort(fd), Optional.empty());
            }
            case Place.File place -> {
                byte[] address = SocketAddresses.of(place.path());
                SocketFile file = new SocketFile(wanted.words(), place, owner);
                file.removeStale();
                int fd = socket(wanted, SocketAddresses.AF_UNIX);
                bind(wanted, fd, address);
                // nobody can connect before listen(2), so nobody sees it with another mode
                listen(wanted, file.prepare(), fd);
                yield new ListenSocket(wanted, fd, 0, Optional.of(file));
            }
        };
    }

    private void listen(ListenAddress wanted, SocketFile prepared, int fd) {
        try {
            listen(wanted, fd);
        } catch (ListenException failed) {
            prepared.remove();
            throw failed;
        }
    }

    private int socket(ListenAddress wanted, int family) {
        int low = libc.socket(family, STREAM_CLOEXEC, 0);
        int fd = low < 0 ? -1 : libc.duplicateFrom(lowest, low);
        if (fd < 0) {
            throw failure(wanted, low);
        }
        libc.close(low);
        int[] yes = {1};
        if (family != SocketAddresses.AF_UNIX) {
            libc.setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, yes, 4);
        }
        if (family == SocketAddresses.AF_INET6) {
            libc.setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, yes, 4);
        }
        return fd;
    }

    private void bind(ListenAddress wanted, int fd, byte[] address) {
        if (libc.bind(fd, address, address.length) != 0) {
            throw failure(wanted, fd);
        }
    }

    private void listen(ListenAddress wanted, int fd) {
        if (libc.listen(fd, wanted.backlog()) != 0) {
            throw failure(wanted, fd);
        }
    }

    private int boundPort(int fd) {
        Pointer room = nativeCode.allocate(SocketAddresses.LONGEST);
        libc.getsockname(fd, room, new int[] {SocketAddresses.LONGEST});
        byte[] address = new byte[SocketAddresses.LONGEST];
        room.get(0, address, 0, address.length);
        return SocketAddresses.port(address);
    }

    private ListenException failure(ListenAddress wanted, int fd) {
        int errno = nativeCode.errno();
        if (fd >= 0) {
            libc.close(fd);
        }
        String why = switch (errno) {
            case 98 -> "somebody else listens there; end that (`ss -ltnp` shows it), or give another";
            case 99 -> "this machine has no such address; give one of its own, or 0.0.0.0 for all";
            case 97 -> "this machine has no IPv6; give tcp: and an IPv4 address";
            case 13, 1 -> "it is not permitted; below port 1024 that takes CAP_NET_BIND_SERVICE, and "
                    + "a socket file a directory that may be written";
            default -> "the kernel answers errno " + errno;
        };
        return new ListenException("Cannot listen on " + wanted.words() + ": " + why, errno == 98);
    }
}
