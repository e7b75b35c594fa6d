/**
 * Thousands of lives of a supervisor on a virtual clock. {@link dev.soleinit.simulation.World} is
 * the kernel, the daemon and everybody who asks; {@link dev.soleinit.simulation.Invariants} watches
 * from outside, from what goes in and what comes out, never from the machine's own fields.
 */
package dev.soleinit.simulation;
