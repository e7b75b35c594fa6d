/**
 * Restarts and checks that are asked for and not begun, and what the daemon is told about them.
 * Immutable.
 * Start at {@link dev.soleinit.statemachine.restart.RestartState}.
 */
package dev.soleinit.statemachine.restart;
