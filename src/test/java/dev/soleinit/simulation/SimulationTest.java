package dev.soleinit.simulation;

import static org.junit.jupiter.api.Assertions.fail;

import dev.soleinit.statemachine.Kinds;
import dev.soleinit.statemachine.SupervisorStateMachine;
import dev.soleinit.statemachine.model.Effect;
import dev.soleinit.statemachine.model.Event;
import dev.soleinit.statemachine.state.Step;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class SimulationTest {
    private static final long SEEDS = 20_000;
    private static final long SEEDS_FOR_KINDS = 1_000;

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

    @Test
    void everyEventAndEveryEffectIsOfSomeLife() {
        Set<String> events = new TreeSet<>();
        Set<String> effects = new TreeSet<>();
        for (long seed = 0; seed < SEEDS_FOR_KINDS; seed++) {
            new SimulatedHost(seed, (state, event, now, random) -> {
                events.add(Kinds.name(event));
                Step step = SupervisorStateMachine.step(state, event, now, random);
                step.effects().forEach(effect -> effects.add(Kinds.name(effect)));
                return step;
            }).run();
        }
        Kinds.checkAllMet(Event.class, events, "let it come in SimulatedHost, from outside() or as the "
                + "answer to an effect in perform()");
        Kinds.checkAllMet(Effect.class, effects, "no life of SimulatedHost leads to it");
    }
}
