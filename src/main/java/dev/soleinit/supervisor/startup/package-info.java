/**
 * What is needed before the loop turns: locks, the C library, threads, and errors that end PID 1.
 */
package dev.soleinit.supervisor.startup;
