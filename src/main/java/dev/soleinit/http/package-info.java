/**
 * What can be seen of the supervisor from outside, over HTTP and read only: probes, status, metrics,
 * events and a page. One thread, "http", which nobody waits for; it serves what the loop has
 * published. Loaded only with {@code --http}. Start at {@link dev.soleinit.http.HttpServer}.
 */
package dev.soleinit.http;
