/**
 * Answers in words: what a command of the CLI prints for them, and its exit code. Here and not in
 * the CLI, because the supervisor does it for the launcher, which has no JVM. Stateless, for any
 * thread. Start at {@link dev.soleinit.control.text.Printing}.
 */
package dev.soleinit.control.text;
