/** Values in words for people, and text as kernel and terminal take it. Stateless, for any thread. */
package dev.soleinit.process.text;
