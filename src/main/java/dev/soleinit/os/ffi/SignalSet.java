package dev.soleinit.os.ffi;

/**
 * Sets of signals as the kernel and glibc lay them out: bit n-1 for signal n. Source: sigsetops(3).
 */
public final class SignalSet {
    /** Size of glibc's sigset_t. */
    private static final int BYTES = 128;
    private static final int KILL = 9;
    private static final int STOP = 19;
    /** ILL, TRAP, BUS, FPE, SEGV: raised for the JVM's own faults; SYS is HotSpot's (launch.c). */
    private static final int[] FAULTS = {4, 5, 7, 8, 11, 31};

    private SignalSet() {}

    /** All that can be collected: everything but KILL, STOP and the faults. */
    public static byte[] collected() {
        return bytes(collectedMask());
    }

    public static long collectedMask() {
        // glibc keeps 32 and 33 for its threads and refuses to block them
        long mask = -1L & ~bit(KILL) & ~bit(STOP) & ~bit(32) & ~bit(33);
        for (int fault : FAULTS) {
            mask &= ~bit(fault);
        }
        return mask;
    }

    static byte[] none() {
        return new byte[BYTES];
    }

    /** All that can have a disposition, glibc's own too: it would leave those ignored. */
    public static byte[] all() {
        return bytes(-1L & ~bit(KILL) & ~bit(STOP));
    }

    private static long bit(int signal) {
        return 1L << (signal - 1);
    }

    private static byte[] bytes(long mask) {
        byte[] set = new byte[BYTES];
        for (int i = 0; i < Long.BYTES; i++) {
            set[i] = (byte) (mask >>> (8 * i));
        }
        return set;
    }
}
