package dev.soleinit.http.metrics;

import java.util.List;

/**
 * A metric with its samples, at one moment.
 *
 * @param name    without the {@code _total} of a counter
 * @param type    what its numbers mean
 * @param help    one sentence
 * @param samples in their order; of a histogram, its buckets with {@code le}, its sum, its count
 */
public record MetricFamily(String name, Type type, String help, List<Sample> samples) {
    /** What the numbers of a metric mean. */
    public enum Type { COUNTER, GAUGE, HISTOGRAM }

    /**
     * One number.
     *
     * @param suffix behind the family's name, for example {@code _bucket}
     * @param labels {@code name="value"}, separated by commas; empty for none
     */
    public record Sample(String suffix, String labels, double value) {}

    public static MetricFamily gauge(String name, String help, double value) {
        return new MetricFamily(name, Type.GAUGE, help, List.of(new Sample("", "", value)));
    }

    public static MetricFamily counter(String name, String help, double value) {
        return new MetricFamily(name, Type.COUNTER, help, List.of(new Sample("_total", "", value)));
    }

    /** A label with its value, whatever characters that has. */
    public static String label(String name, String value) {
        return name + "=\"" + value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n")
                + "\"";
    }
}
