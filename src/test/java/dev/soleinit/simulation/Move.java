package dev.soleinit.simulation;

import dev.soleinit.statemachine.model.Event;

/**
 * One thing that can happen next.
 *
 * @param event   what
 * @param at      when
 * @param refused the kernel makes no process if it is asked for one now
 */
record Move(Event event, long at, boolean refused) {}
