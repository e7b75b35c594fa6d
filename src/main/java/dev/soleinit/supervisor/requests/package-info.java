/**
 * Who has asked for something and waits for the answer. Used on the loop's thread. Start at
 * {@link dev.soleinit.supervisor.requests.RequestRegistry}.
 */
package dev.soleinit.supervisor.requests;
