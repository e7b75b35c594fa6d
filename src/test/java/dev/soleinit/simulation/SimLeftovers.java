package dev.soleinit.simulation;

import dev.soleinit.process.Signal;
import java.util.Random;
import java.util.function.BiConsumer;

/**
 * What daemons leave: processes that obey the stop signal sooner or later, that ignore it, and that the
 * kernel cannot end.
 */
final class SimLeftovers {
    private final Random random;
    private final BiConsumer<Long, Runnable> later;
    private final Runnable gone;
    private final boolean killable;
    private int living;

    SimLeftovers(Random random, BiConsumer<Long, Runnable> later, Runnable gone, boolean killable) {
        this.random = random;
        this.later = later;
        this.gone = gone;
        this.killable = killable;
    }

    int living() {
        return living;
    }

    /** The daemon ends; most leave nobody. */
    void daemonEnded() {
        living += random.nextInt(3) == 0 ? 1 + random.nextInt(3) : 0;
    }

    void signal(Signal signal) {
        int reached = living;
        for (int i = 0; i < reached; i++) {
            if (signal.equals(Signal.KILL) && killable) {
                later.accept((long) random.nextInt(5), this::end);
            } else if (!signal.equals(Signal.KILL) && random.nextInt(4) != 0) {
                later.accept((long) random.nextInt(3_000), this::end);
            }
        }
    }

    private void end() {
        if (living > 0) {
            living--;
            if (living == 0) {
                gone.run();
            }
        }
    }
}
