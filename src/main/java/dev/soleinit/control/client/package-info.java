/**
 * The side of who asks: the command line, and daemons in Java. Start at
 * {@link dev.soleinit.control.client.ControlClient}.
 */
package dev.soleinit.control.client;
