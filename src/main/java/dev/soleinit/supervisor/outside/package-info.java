/**
 * What those get to know who look from outside: the HTTP server's clients, and a service manager that
 * has started this supervisor. Nothing of it is loaded unless one of them is there. Used on the loop's
 * thread. Start at {@link dev.soleinit.supervisor.outside.Outside}.
 */
package dev.soleinit.supervisor.outside;
