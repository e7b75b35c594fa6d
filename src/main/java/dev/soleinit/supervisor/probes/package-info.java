/**
 * Questions to the daemon whether it is ready, and whether it still answers. Asked on the loop's
 * thread; what
 * waits for a network has a thread of its own.
 */
package dev.soleinit.supervisor.probes;
