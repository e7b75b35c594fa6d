package dev.soleinit.os;

import dev.soleinit.os.ffi.LibC;
import dev.soleinit.os.ffi.NativeMemory;
import dev.soleinit.os.ffi.Pointer;
import java.util.List;

/**
 * The descriptors of which the loop's one poll waits for something to read. Used on the loop's thread.
 * Source: poll(2).
 */
final class PollSet {
    private static final int POLLIN = 1;
    private static final int POLLFD = 8;
    private static final int CAPACITY = 16;

    private final LibC libc;
    private final Pointer entries;
    private int fixed;

    PollSet(NativeMemory memory) {
        libc = memory.libc;
        entries = memory.allocate(CAPACITY * POLLFD);
    }

    /** Watches it from now on; returns its index. */
    int add(int fd) {
        put(fixed, fd);
        return fixed++;
    }

    /** struct pollfd: int fd, short events, short revents. */
    private void put(int index, int fd) {
        entries.putInt((long) POLLFD * index, fd);
        entries.putShort((long) POLLFD * index + 4, (short) POLLIN);
    }

    /** Waits for those, and behind them for some that are there for this time only: what fits. */
    int poll(List<Integer> more, int timeoutMs) {
        int count = fixed;
        for (int fd : more) {
            if (count < CAPACITY) {
                put(count++, fd);
            }
        }
        return libc.poll(entries, count, timeoutMs);
    }

    boolean isReadable(int index) {
        return (entries.getShort((long) POLLFD * index + 6) & POLLIN) != 0;
    }
}
