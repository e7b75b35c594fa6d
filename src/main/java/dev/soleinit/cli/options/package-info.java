/** Options that several commands have in common, each read by picocli into one object. */
package dev.soleinit.cli.options;
