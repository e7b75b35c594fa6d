package dev.soleinit.statemachine.model;

import dev.soleinit.process.Signal;

/**
 * the supervisor was told to end.
 *
 * @param signal      the first stop signal that came
 * @param since       when
 * @param interrupted an INT has come; the next one kills at once
 */
public record ShutdownRequest(Signal signal, long since, boolean sigintSeen) {}
