package dev.soleinit.supervisor;

import dev.soleinit.process.Child;
import dev.soleinit.statemachine.SupervisorStateMachine;
import dev.soleinit.statemachine.model.Event;
import dev.soleinit.statemachine.settings.Policy;
import dev.soleinit.statemachine.state.State;
import java.util.Optional;

/** States of a supervisor, come to as the loop comes to them. */
public final class LoopStates {
    private static final Child CHILD = new Child(1, 100, 5);

    private LoopStates() {}

    /** Its process exists. */
    public static State starting() {
        return after(new Event.Booted(), new Event.GenerationPersisted(1, Optional.empty()),
                new Event.Forked(CHILD));
    }

    /** It runs, and that is all that readiness means. */
    public static State ready() {
        return after(new Event.Booted(), new Event.GenerationPersisted(1, Optional.empty()),
                new Event.Forked(CHILD), new Event.Spawned(CHILD));
    }

    private static State after(Event... events) {
        State state = State.initial(Policy.defaults(), 0, 0);
        for (Event event : events) {
            state = SupervisorStateMachine.step(state, event, 0, 0.5).state();
        }
        return state;
    }
}
