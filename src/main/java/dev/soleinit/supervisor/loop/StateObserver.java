package dev.soleinit.supervisor.loop;

import dev.soleinit.statemachine.state.State;

/** Something that goes along with the state. Called on the loop's thread. */
public interface StateObserver {
    /** The state has changed. */
    void follow(State state, long now);
}
