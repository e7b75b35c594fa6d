/** The command that shows what the event journal tells of the generations so far. */
package dev.soleinit.cli.history;
