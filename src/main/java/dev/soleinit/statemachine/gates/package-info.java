/**
 * What stands before the phases: whether it is the daemon of now that speaks, whether its end counts
 * yet, whether a check has to come first. Pure, as all of {@code statemachine}. Start at
 * {@link dev.soleinit.statemachine.gates.ExitGate}.
 */
package dev.soleinit.statemachine.gates;
