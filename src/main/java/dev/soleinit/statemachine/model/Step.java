package dev.soleinit.statemachine.model;

import java.util.List;

/** What a decision yields: the next state, and what is to be done in this order. */
public record Step(State state, List<Effect> effects) {}
