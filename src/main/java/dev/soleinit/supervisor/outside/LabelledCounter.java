package dev.soleinit.supervisor.outside;

import dev.soleinit.http.metrics.MetricFamily;
import dev.soleinit.http.metrics.MetricFamily.Sample;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A count for each combination of labels; these come from closed sets. Of the loop's thread. */
final class LabelledCounter {
    private final String name;
    private final String help;
    private final Map<String, Long> counts = new TreeMap<>();

    LabelledCounter(String name, String help) {
        this.name = name;
        this.help = help;
    }

    /** Also one that has never happened is shown: a rate needs its 0. */
    LabelledCounter with(String labels) {
        counts.put(labels, 0L);
        return this;
    }

    void increment(String labels) {
        counts.merge(labels, 1L, Long::sum);
    }

    MetricFamily family() {
        List<Sample> samples = counts.entrySet().stream()
                .map(one -> new Sample("_total", one.getKey(), one.getValue())).toList();
        return new MetricFamily(name, MetricFamily.Type.COUNTER, help, samples);
    }
}
