/**
 * The side of the supervisor: one thread, many connections, answers in the order of the requests.
 * Start at
 * {@link dev.soleinit.control.server.ControlServer}.
 */
package dev.soleinit.control.server;
