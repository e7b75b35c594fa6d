/** Plain values in words for people. Stateless, for any thread. */
package dev.soleinit.process.text;
