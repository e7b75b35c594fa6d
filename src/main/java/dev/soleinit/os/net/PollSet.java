package dev.soleinit.os.net;

import dev.soleinit.os.ffi.NativeMemory;
import dev.soleinit.os.ffi.Pointer;
import java.util.List;

/**
 * What one poll(2) waits for: descriptors that are there for good, and behind them those of one call.
 * Used on the loop's thread. Source: poll(2).
 */
public final class PollSet {
    private static final int POLLIN = 1;
    private static final int POLLFD = 8;

    private final NativeMemory memory;
    private Pointer entries;
    private int capacity = 16;
    private int fixed;
    private int count;

    public PollSet(NativeMemory memory) {
        this.memory = memory;
        this.entries = memory.allocate(capacity * POLLFD);
    }

    /** Adds one for good; returns its place. */
    public int add(int fd) {
        put(fixed, fd);
        count = fixed + 1;
        return fixed++;
    }

    /** Adds those to the next wait alone. */
    public void addOnce(List<Integer> descriptors) {
        for (int fd : descriptors) {
            put(count++, fd);
        }
    }

    /** struct pollfd: int fd, short events, short revents. */
    private void put(int index, int fd) {
        if (index == capacity) {
            grow();
        }
        entries.putInt((long) POLLFD * index, fd);
        entries.putShort((long) POLLFD * index + 4, (short) POLLIN);
    }

    private void grow() {
        Pointer before = entries;
        entries = memory.allocate(2 * capacity * POLLFD);
        for (int i = 0; i < capacity; i++) {
            entries.putLong((long) POLLFD * i, before.getLong((long) POLLFD * i));
        }
        capacity *= 2;
    }

    /** Waits; how many are readable. */
    public int poll(int millis) {
        int ready = memory.libc.poll(entries, count, millis);
        count = fixed;
        return ready;
    }

    /** Whether the last wait found that one, by its place, readable. */
    public boolean isReadable(int index) {
        return (entries.getShort((long) POLLFD * index + 6) & POLLIN) != 0;
    }
}
