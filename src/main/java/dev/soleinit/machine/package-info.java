/**
 * Decides. A pure function from (state, event, now, random) to (state, effects): no I/O, clock,
 * logger or thread. Start at {@link dev.soleinit.machine.Event}, {@link dev.soleinit.machine.Phase}
 * and {@link dev.soleinit.machine.Effect}, then {@link dev.soleinit.machine.SupervisorStateMachine}.
 */
package dev.soleinit.machine;
