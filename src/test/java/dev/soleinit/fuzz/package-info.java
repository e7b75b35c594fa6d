/** What is fuzzed: a target for each parser lies beside it, in its package. */
package dev.soleinit.fuzz;
