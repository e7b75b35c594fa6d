package dev.soleinit.os;

import dev.soleinit.os.ffi.LibC;

/**
 * Ends this process. The JVM's own way waits for a moment in which nothing runs, and for threads of
 * its own: half a millisecond in which PID 1 has nothing left to do. Where the C library is loaded the
 * kernel ends it at once. For any thread. Source: _exit(2).
 */
public final class ProcessEnd {
    /** Null in a process that has no use for it. */
    private static volatile LibC libc;

    private ProcessEnd() {}

    static void by(LibC loaded) {
        libc = loaded;
    }

    /**
     * Whoever has something to write has written it.
     *
     * @param orderly the JVM has something to do at its end
     */
    public static void exit(int code, boolean orderly) {
        LibC loaded = libc;
        if (loaded != null && !orderly) {
            loaded._exit(code);
        }
        Runtime.getRuntime().halt(code);
    }
}
