package dev.soleinit.statemachine.restart;

import java.util.Set;

/**
 * A restart that somebody asked for and that has not begun to stop the daemon.
 *
 * @param id       the request
 * @param mode     how it treats work
 * @param ignored  ids of work that it does not wait for
 * @param dueAt    when it may begin (later than at once during a cooldown)
 * @param drainBy  when a graceful one stops waiting for work
 * @param giveUpAt when a safe one gives up
 * @param machine  asked for by a machine: a cooldown follows it
 * @param assumeIdle a safe one takes a daemon for idle of whose work nothing is known
 */
public record PendingRestart(long id, RestartMode mode, Set<String> ignored, long dueAt, long drainBy,
        long giveUpAt, boolean automatic, boolean assumeIdle) {}
