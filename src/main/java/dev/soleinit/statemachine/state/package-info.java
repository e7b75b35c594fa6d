/**
 * All that decisions depend on, in groups of what changes together. Immutable. Start at
 * {@link dev.soleinit.statemachine.state.State}.
 */
package dev.soleinit.statemachine.state;
