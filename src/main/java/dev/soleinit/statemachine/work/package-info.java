/**
 * The work that a daemon has on hand, and whether a restart may cut it. Immutable. Start at
 * {@link dev.soleinit.statemachine.work.WorkLedger}.
 */
package dev.soleinit.statemachine.work;
