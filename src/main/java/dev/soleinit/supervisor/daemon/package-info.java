/**
 * The daemon's own side: its connection, the work that it has left, the files that it reads and writes.
 * Used on the loop's thread. Start at {@link dev.soleinit.supervisor.daemon.DaemonConnection}.
 */
package dev.soleinit.supervisor.daemon;
