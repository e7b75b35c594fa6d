/**
 * What the event journal says of the generations so far, for people. For any one thread. Start at
 * {@link dev.soleinit.storage.history.GenerationHistory}.
 */
package dev.soleinit.storage.history;
