/**
 * What the loop knows of the parts that it turns with: when one is due, what it follows, which dead
 * children are its own. Each part says that itself, so a new one is a line where they are put together.
 * Used on the loop's thread.
 */
package dev.soleinit.supervisor.loop;
