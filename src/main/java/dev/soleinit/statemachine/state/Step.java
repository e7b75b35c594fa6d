package dev.soleinit.statemachine.state;

import dev.soleinit.statemachine.model.Effect;
import java.util.List;

/** What a decision yields: the next state, and what is to be done in this order. */
public record Step(State state, List<Effect> effects) {}
