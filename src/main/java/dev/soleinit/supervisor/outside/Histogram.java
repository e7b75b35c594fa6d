package dev.soleinit.supervisor.outside;

import dev.soleinit.http.metrics.MetricFamily;
import dev.soleinit.http.metrics.MetricFamily.Sample;
import java.util.ArrayList;
import java.util.List;

/** How long something took, counted in buckets. Plain numbers of the loop's thread. */
final class Histogram {
    private static final double[] BOUNDS =
            {0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300};

    private final String name;
    private final String help;
    private final long[] counts = new long[BOUNDS.length + 1];
    private double sum;

    Histogram(String name, String help) {
        this.name = name;
        this.help = help;
    }

    void observe(long nanos) {
        double seconds = Math.max(0, nanos) / 1e9;
        int bucket = 0;
        while (bucket < BOUNDS.length && seconds > BOUNDS[bucket]) {
            bucket++;
        }
        counts[bucket]++;
        sum += seconds;
    }

    MetricFamily family() {
        List<Sample> samples = new ArrayList<>();
        long total = 0;
        for (int i = 0; i < counts.length; i++) {
            total += counts[i];
            String bound = i == BOUNDS.length ? "+Inf" : Double.toString(BOUNDS[i]);
            samples.add(new Sample("_bucket", MetricFamily.label("le", bound), total));
        }
        samples.add(new Sample("_sum", "", sum));
        samples.add(new Sample("_count", "", total));
        return new MetricFamily(name, MetricFamily.Type.HISTOGRAM, help, samples);
    }
}
