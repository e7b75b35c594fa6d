/**
 * Flags, environment and file become settings, each with its origin. One catalogue
 * ({@link dev.soleinit.config.Setting}) serves them all, the help text included. Runs once, before
 * the loop. Start at {@link dev.soleinit.config.loading.ConfigurationLoader}.
 */
package dev.soleinit.config;
