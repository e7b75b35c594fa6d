/**
 * What the state machine decides by: limits, delays and modes, read once at the start. Immutable.
 * Start at
 * {@link dev.soleinit.statemachine.settings.Policy}.
 */
package dev.soleinit.statemachine.settings;
