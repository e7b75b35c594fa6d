/**
 * Sockets that are kept for the daemon, and the one on which it notifies. Used by {@code os} alone.
 */
package dev.soleinit.os.net;
