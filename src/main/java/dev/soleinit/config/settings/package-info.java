/**
 * What the supervisor was told, in groups: the daemon and what surrounds it. What decisions hang on is
 * in {@link dev.soleinit.statemachine.settings}. Immutable. Start at
 * {@link dev.soleinit.config.Configuration}.
 */
package dev.soleinit.config.settings;
