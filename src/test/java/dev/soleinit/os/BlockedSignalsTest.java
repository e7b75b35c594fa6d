package dev.soleinit.os;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/**
 * PID 1 refuses to begin with a thread that would take a signal, and with no other. Of 240,000 looks at threads that came and went,
 * some ten met one that was ending: its status shows empty sets and {@code Threads: 0}, in any state.
 */
class BlockedSignalsTest {
    private static final long NO_SIGNALS = 0L;
    private static final long TERM = 1L << 14;
    private static final long ANY = -1L;

    @Test
    void aThreadTakesWhatItDoesNotBlock() {
        String status = "Name:\tmain\nState:\tS (sleeping)\nThreads:\t12\nSigQ:\t0/95\nSigBlk:\t%016x\nSigIgn:\t0\n";
        assertEquals(TERM, ProcFs.blockedSignals(status.formatted(TERM)));
        assertEquals(NO_SIGNALS, ProcFs.blockedSignals(status.formatted(NO_SIGNALS)));
        assertEquals(NO_SIGNALS, ProcFs.blockedSignals("no status at all"));
    }

    @Test
    void aThreadThatIsEndingTakesNone() {
        for (String state : new String[] {"X (dead)", "Z (zombie)", "R (running)"}) {
            assertEquals(ANY, ProcFs.blockedSignals("Name:\tmain\nState:\t" + state
                    + "\nThreads:\t0\nSigQ:\t0/0\nSigBlk:\t0000000000000000\n"), state);
        }
    }
}
