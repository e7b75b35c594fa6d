package dev.soleinit.simulation;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.statemachine.Kinds;
import dev.soleinit.statemachine.SupervisorStateMachine;
import dev.soleinit.statemachine.model.Event;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever can happen in the first few events, in every order and at every time that matters: not some
 * of it, as in the {@link SimulationTest}, but all. {@code -Dwalk.seconds=120} goes further.
 */
class WalkTest {
    private static final double SECONDS = Double.parseDouble(
            System.getProperty("walk.seconds", "18"));

    static List<WalkSettings> walks() {
        return WalkSettings.all();
    }

    @Test
    void everyEventHappensSomewhere() {
        Set<String> seen = new TreeSet<>();
        for (WalkSettings settings : walks()) {
            new Walk(settings, (state, event, now, random) -> {
                seen.add(Kinds.name(event));
                return SupervisorStateMachine.step(state, event, now, random);
            }, 600, ".*").run(1_000);
        }
        Kinds.checkAllMet(Event.class, seen, "say in Possible when it can come");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("walks")
    void theInvariantsHoldEverywhere(WalkSettings settings) {
        Walk.Result result = new Walk(settings, SupervisorStateMachine::step,
                SECONDS / walks().size()).run();
        System.out.println(result.words());
        assertTrue(result.story().isEmpty(), () -> settings.name() + ": "
                + result.story().orElseThrow());
    }
}
