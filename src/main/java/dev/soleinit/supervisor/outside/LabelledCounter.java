package dev.soleinit.supervisor.outside;

import dev.soleinit.http.metrics.MetricFamily;
import dev.soleinit.http.metrics.MetricFamily.Sample;
import java.util.ArrayList;
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

    void withEach(String label, List<String> values) {
        for (String value : values) {
            with(MetricFamily.label(label, value));
        }
    }

    void increment(String labels) {
        Long before = counts.get(labels);
        counts.put(labels, before == null ? 1 : before + 1);
    }

    MetricFamily family() {
        List<Sample> samples = new ArrayList<>();
        for (Map.Entry<String, Long> one : counts.entrySet()) {
            samples.add(new Sample("_total", one.getKey(), one.getValue()));
        }
        return new MetricFamily(name, MetricFamily.Type.COUNTER, help, samples);
    }
}
