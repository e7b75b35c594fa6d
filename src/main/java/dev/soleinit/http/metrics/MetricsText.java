package dev.soleinit.http.metrics;

import dev.soleinit.http.metrics.MetricFamily.Sample;
import java.util.List;
import java.util.Locale;

/**
 * Metrics as text: in OpenMetrics 1.0 for who asks for it, else in the older form of Prometheus, which
 * names a counter's type with its {@code _total} and has no units and no end.
 */
public final class MetricsText {
    private static final List<String> UNITS = List.of("seconds", "bytes");

    private final boolean open;
    private final StringBuilder text = new StringBuilder(8 * 1024);

    private MetricsText(boolean open) {
        this.open = open;
    }

    public static String of(List<MetricFamily> families, boolean open) {
        MetricsText text = new MetricsText(open);
        for (MetricFamily family : families) {
            text.add(family);
        }
        return text.text.toString();
    }

    /** Behind the last of them. */
    public static String end(boolean open) {
        return open ? "# EOF\n" : "";
    }

    public static String mediaType(boolean open) {
        return open ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
                : "text/plain; version=0.0.4; charset=utf-8";
    }

    private void add(MetricFamily family) {
        boolean counter = family.type() == MetricFamily.Type.COUNTER;
        String name = family.name() + (counter && !open ? "_total" : "");
        text.append("# TYPE ").append(name).append(' ')
                .append(family.type().name().toLowerCase(Locale.ROOT)).append('\n');
        if (open) {
            addUnit(family, name);
        }
        text.append("# HELP ").append(name).append(' ').append(family.help()).append('\n');
        for (Sample sample : family.samples()) {
            text.append(family.name()).append(sample.suffix());
            if (!sample.labels().isEmpty()) {
                text.append('{').append(sample.labels()).append('}');
            }
            text.append(' ').append(number(sample.value())).append('\n');
        }
    }

    private void addUnit(MetricFamily family, String name) {
        for (String unit : UNITS) {
            if (family.name().endsWith("_" + unit)) {
                text.append("# UNIT ").append(name).append(' ').append(unit).append('\n');
            }
        }
    }

    /** Whole numbers without a fraction. */
    static String number(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e15 ? Long.toString((long) value)
                : Double.toString(value);
    }
}
