/**
 * What the state machine works on: what is ({@link dev.soleinit.statemachine.state.State} with its
 * {@link dev.soleinit.statemachine.model.Phase} and {@link dev.soleinit.statemachine.model.Goal}),
 * what happens
 * ({@link dev.soleinit.statemachine.model.Event}) and what is to be done
 * ({@link dev.soleinit.statemachine.model.Effect}). Immutable values for any thread.
 */
package dev.soleinit.statemachine.model;
