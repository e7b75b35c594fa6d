/**
 * The words on the control socket: JSON-RPC 2.0, one object a line, UTF-8. The server has one
 * thread of its own and posts each {@link dev.soleinit.control.IncomingRequest} to the loop; the
 * client is
 * what the CLI uses. {@link dev.soleinit.control.NotifyMessage} reads the other socket's words.
 * Start at {@link dev.soleinit.control.Request}.
 */
package dev.soleinit.control;
