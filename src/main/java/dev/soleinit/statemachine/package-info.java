/**
 * Decides. A pure function from (state, event, now, random) to (state, effects): no I/O, clock,
 * logger or thread. Start at {@link dev.soleinit.statemachine.model.Event}, {@link
 * dev.soleinit.statemachine.model.Phase}
 * and {@link dev.soleinit.statemachine.model.Effect}, then {@link
 * dev.soleinit.statemachine.SupervisorStateMachine}.
 */
package dev.soleinit.statemachine;
