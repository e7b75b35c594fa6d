package dev.soleinit.statemachine.settings;

import java.util.Optional;

/**
 * How PID 1 behaves where it does only what an init has to: no signal means an end, all are handed on;
 * the daemon's own end is the end, at once and whatever is left.
 *
 * @param endsGroup    the rest of the daemon's group gets TERM first
 * @param cannotStart  the exit code if the command cannot be executed, where it is not 126 or 127
 */
public record PlainInit(boolean endsGroup, Optional<Integer> cannotStart) {}
