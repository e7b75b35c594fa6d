/**
 * From flags, variables and a file to a {@link dev.soleinit.config.Configuration}, with an error for each
 * value that is none. Start at {@link dev.soleinit.config.loading.ConfigurationLoader}.
 */
package dev.soleinit.config.loading;
