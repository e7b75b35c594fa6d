package dev.soleinit.supervisor.children;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.IntPredicate;

/** The pipes that take what commands print, in memory. Who floods fills its own whenever it was read. */
public final class FakeOutputs {
    /** The two ends of a pipe are one here. */
    private static final class Pipe {
        final ByteArrayOutputStream printed = new ByteArrayOutputStream();
        int taken;
        boolean floods;
        /** Has been read, and not to its end: the kernel does not wait for it. */
        boolean full;
        int reads;
    }

    private final Map<Integer, Pipe> pipes = new TreeMap<>();

    public void open(int pid) {
        pipes.put(pid, new Pipe());
    }

    /** Whoever prints to one that was closed gets an error, which is its own affair. */
    public void print(int pid, byte[] bytes) {
        if (pipes.containsKey(pid)) {
            pipes.get(pid).printed.writeBytes(bytes);
        }
    }

    public void flood(int pid) {
        if (pipes.containsKey(pid)) {
            pipes.get(pid).floods = true;
        }
    }

    public int read(int pid, byte[] into) {
        Pipe pipe = pipes.get(pid);
        if (pipe == null) {
            return 0;
        }
        pipe.reads++;
        int size = Math.max(0, new ByteArrayInputStream(pipe.printed.toByteArray(), pipe.taken,
                pipe.printed.size()).read(into, 0, into.length));
        pipe.taken += size;
        if (size == 0 && pipe.floods) {
            Arrays.fill(into, (byte) 'y');
            size = into.length;
        }
        pipe.full = size > 0;
        return size;
    }

    public void close(int pid) {
        pipes.remove(pid);
    }

    /** How often that one was read; -1 once it is closed. */
    public int reads(int pid) {
        return pipes.containsKey(pid) ? pipes.get(pid).reads : -1;
    }

    /** Whether a wait ends at once because something was printed. */
    public boolean isReadable() {
        return pipes.values().stream().anyMatch(one -> !one.full
                && (one.floods || one.taken < one.printed.size()));
    }

    /** Whether more is printed to one of them than anybody reads. */
    public boolean isFlooded() {
        return pipes.values().stream().anyMatch(one -> one.floods);
    }

    /** One that is still open although its command is no longer there. */
    public Optional<Integer> leak(IntPredicate isThere) {
        return pipes.keySet().stream().filter(pid -> !isThere.test(pid)).findFirst();
    }
}
