/**
 * The words of Unix process life: signals, exit statuses, children. Plain values, no I/O, no
 * thread of their own; every other package may use them. Start at {@link dev.soleinit.process.Signal}.
 */
package dev.soleinit.process;
