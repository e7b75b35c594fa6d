package dev.soleinit.simulation;

import static org.junit.jupiter.api.Assertions.fail;

import dev.soleinit.statemachine.SupervisorStateMachine;
import org.junit.jupiter.api.Test;

class SimulationTest {
    private static final long SEEDS = 20_000;

    @Test
    void whateverHappensTheInvariantsHold() {
        Long only = Long.getLong("seed");
        long first = only == null ? 0 : only;
        long last = only == null ? SEEDS : only + 1;
        for (long seed = first; seed < last; seed++) {
            try {
                new SimulatedHost(seed, SupervisorStateMachine::step).run();
            } catch (InvariantViolation broken) {
                fail("seed " + seed + ": " + broken.getMessage()
                        + "\nreplay: mvn test -Dtest=SimulationTest -Dseed=" + seed);
            }
        }
    }
}
