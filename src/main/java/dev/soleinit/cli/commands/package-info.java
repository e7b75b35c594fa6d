/**
 * The commands that ask a supervisor or show something, a class each. They extend
 * {@link dev.soleinit.cli.ControlCommand}.
 */
package dev.soleinit.cli.commands;
