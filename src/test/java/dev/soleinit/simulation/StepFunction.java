package dev.soleinit.simulation;

import dev.soleinit.statemachine.model.Event;
import dev.soleinit.statemachine.state.State;
import dev.soleinit.statemachine.state.Step;

/** The decider under test: the real one, or one with a bug planted around it. */
interface StepFunction {
    Step step(State state, Event event, long now, double random);
}
