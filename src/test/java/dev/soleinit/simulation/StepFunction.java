package dev.soleinit.simulation;

import dev.soleinit.machine.Event;
import dev.soleinit.machine.State;
import dev.soleinit.machine.Step;

/** The decider under test: the real one, or one with a bug planted around it. */
interface StepFunction {
    Step step(State state, Event event, long now, double random);
}
