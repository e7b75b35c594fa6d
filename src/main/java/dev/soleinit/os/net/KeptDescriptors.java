package dev.soleinit.os.net;

import dev.soleinit.os.DescriptorStore;
import dev.soleinit.os.ffi.Errno;
import dev.soleinit.os.ffi.LibC;
import dev.soleinit.os.ffi.NativeMemory;
import dev.soleinit.os.ffi.Pointer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/**
 * The descriptor store of one daemon. One epoll instance watches them all, so that the loop's poll does
 * not get longer with what is stored. Used on the loop's thread. Sources: sd_notify(3), fcntl(2),
 * epoll_ctl(2), poll(2).
 */
public final class KeptDescriptors implements DescriptorStore {
    private static final int EPOLL_CLOEXEC = 02000000;
    private static final int EPOLL_CTL_ADD = 1;
    private static final int EPOLL_CTL_DEL = 2;
    /** struct epoll_event has 12 bytes on x86-64 and 16 elsewhere; no event is asked for by name. */
    private static final int EPOLL_EVENT = 16;
    private static final int POLLFD = 8;
    private static final int POLLERR_HUP = 0x8 | 0x10;

    private final NativeMemory memory;
    private final LibC libc;
    private final int max;
    private final int lowest;
    private final int epoll;
    private final Pointer noEvents;
    private final Pointer polled;
    private final List<Kept> all = new ArrayList<>();

    /** One; {@code file} tells sockets apart, {@code watched} whether it goes when its peer does. */
    private record Kept(String name, int fd, String file, boolean watched) {}

    /**
     * An empty one.
     *
     * @param max    how many it holds at the most
     * @param lowest the least number that a descriptor of it may have: above whatever they become in
     *               the daemon
     */
    public KeptDescriptors(NativeMemory memory, int max, int lowest) {
        this.memory = memory;
        this.libc = memory.libc;
        this.max = max;
        this.lowest = lowest;
        this.epoll = libc.epoll_create1(EPOLL_CLOEXEC);
        this.noEvents = memory.allocate(EPOLL_EVENT);
        this.polled = memory.allocate(POLLFD);
    }

    /** Readable as soon as one of them has lost its other end; -1 where the kernel gave none. */
    public int watch() {
        return epoll;
    }

    /** The descriptors in the order of {@link #names}. */
    public List<Integer> descriptors() {
        List<Integer> descriptors = new ArrayList<>(all.size());
        for (Kept one : all) {
            descriptors.add(one.fd());
        }
        return descriptors;
    }

    @Override
    public Optional<String> add(List<Integer> descriptors, String name, boolean untilHangUp) {
        for (int fd : descriptors) {
            String file = file(fd);
            if (isKept(file)) {
                continue;
            }
            if (all.size() >= max) {
                return Optional.of("Cannot store a descriptor named '" + name + "': all " + max
                        + " of --fd-store-max are in use; raise it, or have the daemon send "
                        + "FDSTOREREMOVE=1");
            }
            int copy = libc.duplicateFrom(lowest, fd);
            if (copy < 0) {
                return Optional.of("Cannot store a descriptor named '" + name + "': "
                        + Errno.name(memory.errno()) + "; is the container's limit of open files "
                        + "(--ulimit nofile) too low?");
            }
            // epoll takes no plain files: these have no other end that could go
            boolean watched = untilHangUp && libc.epoll_ctl(epoll, EPOLL_CTL_ADD, copy, noEvents) == 0;
            all.add(new Kept(name, copy, file, watched));
        }
        return Optional.empty();
    }

    /** Of sockets alone: two descriptors of one file may differ in their position, or in their mode. */
    private boolean isKept(String file) {
        for (Kept one : all) {
            if (file.startsWith("socket:") && file.equals(one.file())) {
                return true;
            }
        }
        return false;
    }

    private static String file(int fd) {
        try {
            return Files.readSymbolicLink(Path.of("/proc/self/fd", Integer.toString(fd))).toString();
        } catch (IOException unknown) {
            return "";
        }
    }

    @Override
    public void remove(String name) {
        for (Iterator<Kept> each = all.iterator(); each.hasNext();) {
            Kept one = each.next();
            if (one.name().equals(name)) {
                close(one);
                each.remove();
            }
        }
    }

    @Override
    public void clear() {
        all.forEach(this::close);
        all.clear();
    }

    /** Drops those whose other end is gone. */
    public void dropHungUp() {
        for (Iterator<Kept> each = all.iterator(); each.hasNext();) {
            Kept one = each.next();
            if (one.watched() && hasHungUp(one.fd())) {
                close(one);
                each.remove();
            }
        }
    }

    private boolean hasHungUp(int fd) {
        polled.putInt(0, fd);
        polled.putInt(4, 0);
        return libc.poll(polled, 1, 0) > 0 && (polled.getShort(6) & POLLERR_HUP) != 0;
    }

    /** Others may have the same file open, and then closing alone would leave it in the epoll set. */
    private void close(Kept one) {
        if (one.watched()) {
            libc.epoll_ctl(epoll, EPOLL_CTL_DEL, one.fd(), noEvents);
        }
        libc.close(one.fd());
    }

    @Override
    public List<String> names() {
        List<String> names = new ArrayList<>(all.size());
        for (Kept one : all) {
            names.add(one.name());
        }
        return names;
    }
}
