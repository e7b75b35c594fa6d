/**
 * Thousands of lives of a supervisor on a virtual clock. {@link dev.soleinit.simulation.SimulatedHost} is
 * the kernel, the daemon and everybody who asks; {@link dev.soleinit.simulation.Invariants} watches
 * from outside, from what goes in and what comes out, never from the machine's own fields.
 *
 * <p>{@link dev.soleinit.simulation.Walk} leaves nothing to chance: from a first {@link
 * dev.soleinit.simulation.Situation} on it tries every event that is {@link
 * dev.soleinit.simulation.Possible}, breadth first, under the same watch.
 */
package dev.soleinit.simulation;
