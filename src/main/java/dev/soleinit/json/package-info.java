/**
 * JSON as plain maps, lists, strings, numbers, booleans and null: the one place that knows
 * Jackson. Streaming only, since it loads a tenth of the classes that data binding would, and PID 1
 * starts the sooner. Stateless, for any thread.
 */
package dev.soleinit.json;
