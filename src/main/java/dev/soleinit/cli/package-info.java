/**
 * {@code daemon …}: one class a command. Commands ask the supervisor over the control socket; only
 * {@code supervise} becomes one, and only {@code start} without a marker makes one. Start at
 * {@link dev.soleinit.cli.RootCommand}.
 */
package dev.soleinit.cli;
