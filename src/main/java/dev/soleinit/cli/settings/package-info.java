/** The commands that show settings, and ask no supervisor: {@code config} and {@code presets}. */
package dev.soleinit.cli.settings;
