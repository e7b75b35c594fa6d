package dev.soleinit.supervisor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Lives of the whole loop on a virtual clock, from {@code -Dseeds=} seeds, while nobody reads the log.
 * {@code -Dseed=} lives one again.
 */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LoopSimulationTest {
    @RegisterExtension
    static final StalledLog LOG = new StalledLog();

    @Test
    void whateverHappensTheInvariantsHold() {
        Optional<Long> one = Optional.ofNullable(Long.getLong("seed"));
        long from = one.orElse(1L);
        long to = one.orElse(Long.getLong("seeds", 300L));
        int overlaps = 0;
        for (long seed = from; seed <= to; seed++) {
            LoopLife life = new LoopLife(seed, (os, _) -> os);
            assertEquals("", life.live(), "-Dseed=" + seed);
            overlaps += life.world.invariants.overlaps();
        }
        System.out.printf("the loop: %d times a daemon was started beside another one%n", overlaps);
        assertTrue(one.isPresent() || overlaps > (to - from) / 10, "too little of it overlaps: " + overlaps);
    }
}
