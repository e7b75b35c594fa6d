/**
 * The commands that make a supervisor, or must not: {@code supervise} and {@code start}. Start at
 * {@link dev.soleinit.cli.start.StartGuard}.
 */
package dev.soleinit.cli.start;
