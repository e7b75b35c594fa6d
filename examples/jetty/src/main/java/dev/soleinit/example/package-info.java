/**
 * The reference daemon: a small HTTP server, Jetty, on {@link dev.soleinit.lifecycle}. The image's
 * default command, and what the smoke suite restarts. Start at {@link dev.soleinit.example.Node}.
 */
package dev.soleinit.example;
