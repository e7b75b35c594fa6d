/**
 * Processes that PID 1 makes or inherits: the daemon's, commands beside it, and what an ended one
 * has left.
 * Used on the loop's thread. Start at {@link dev.soleinit.supervisor.children.Spawner}.
 */
package dev.soleinit.supervisor.children;
