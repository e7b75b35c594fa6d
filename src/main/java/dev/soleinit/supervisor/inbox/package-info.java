/**
 * What reaches the loop from elsewhere: requests, messages and events of other threads
 * ({@link dev.soleinit.supervisor.inbox.Inbox}), and datagrams of sd_notify.
 */
package dev.soleinit.supervisor.inbox;
