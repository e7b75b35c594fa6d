/**
 * Metrics: their form, and those that can be read from what is published or from /proc. Start at {@link
 * dev.soleinit.http.metrics.MetricFamily}.
 */
package dev.soleinit.http.metrics;
