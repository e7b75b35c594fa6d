/**
 * The daemon's own side: its connection, the work that it has left, and the files that it reads.
 * Used on the
 * loop's thread. Start at {@link dev.soleinit.supervisor.daemon.DaemonConnection}.
 */
package dev.soleinit.supervisor.daemon;
