/**
 * The files that others may read: PID file, generation, marker, counter, event journal; and the
 * kernel locks that alone decide who owns them. Written on the loop's thread, replaced atomically;
 * the readers here serve the CLI. Start at {@link dev.soleinit.storage.StateDir}.
 */
package dev.soleinit.storage;
