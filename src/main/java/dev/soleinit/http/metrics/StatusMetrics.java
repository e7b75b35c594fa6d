package dev.soleinit.http.metrics;

import dev.soleinit.http.metrics.MetricFamily.Sample;
import dev.soleinit.http.metrics.MetricFamily.Type;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The metrics that can be read from the status. Kinds of work are the daemon's own words: the first ones
 * that come keep their name, all further ones are "other", so that their number has an end. Used on the
 * server's thread.
 */
public final class StatusMetrics {
    private static final List<String> STATES = List.of("idle", "starting", "ready", "reloading",
            "draining", "stop-delayed", "stopping", "killing", "backing-off", "held", "ending", "ended");
    private static final int MAX_KINDS = 20;
    private static final int MAX_KIND = 64;

    private final Set<String> kinds = new LinkedHashSet<>(List.of("session", "task", "queue", "reply"));

    public List<MetricFamily> families(Map<String, Object> status) {
        List<MetricFamily> all = new ArrayList<>();
        all.add(new MetricFamily("soleinit_build_info", Type.GAUGE, "Which soleinit this is.",
                List.of(new Sample("", MetricFamily.label("version", "" + status.get("version")), 1))));
        all.add(MetricFamily.gauge("soleinit_ready", "Whether the daemon is ready.",
                flag(status, "ready")));
        all.add(new MetricFamily("soleinit_state", Type.GAUGE,
                "Which state the daemon is in: 1 for that, 0 for each other.", states(status)));
        all.add(MetricFamily.gauge("soleinit_generation", "The generation of the daemon.",
                number(status, "generation")));
        all.add(MetricFamily.gauge("soleinit_daemon_uptime_seconds",
                "How long the daemon's process has been running, 0 if there is none.",
                number(status, "uptimeMs") / 1e3));
        all.add(MetricFamily.gauge("soleinit_quick_failures", "Quick failures in a row.",
                number(status, "failures")));
        all.add(MetricFamily.gauge("soleinit_crash_loop", "Whether the daemon fails again and again.",
                flag(status, "crashLoop")));
        all.add(MetricFamily.gauge("soleinit_pending_restarts", "Restarts that wait.",
                status.get("restarts") instanceof List<?> list ? list.size() : 0));
        Map<?, ?> work = status.get("work") instanceof Map<?, ?> map ? map : Map.of();
        all.add(byKind("soleinit_work_in_flight", "Work that the daemon has reported and not ended.",
                counts(work)));
        all.add(byKind("soleinit_work_blockers", "Work that a safe restart waits for.",
                blockers(work)));
        return all;
    }

    private static List<Sample> states(Map<?, ?> status) {
        List<Sample> all = new ArrayList<>();
        for (String state : STATES) {
            all.add(new Sample("", MetricFamily.label("state", state),
                    state.equals(status.get("state")) ? 1 : 0));
        }
        return all;
    }

    private static double flag(Map<?, ?> fields, String name) {
        return Boolean.TRUE.equals(fields.get(name)) ? 1 : 0;
    }

    private static double number(Map<?, ?> fields, String name) {
        return fields.get(name) instanceof Number number ? number.doubleValue() : 0;
    }

    private static Map<String, Double> counts(Map<?, ?> work) {
        Map<String, Double> counts = new TreeMap<>();
        if (work.get("counts") instanceof Map<?, ?> map) {
            for (Map.Entry<?, ?> one : map.entrySet()) {
                add(counts, one.getKey().toString(), ((Number) one.getValue()).doubleValue());
            }
            counts.remove("totalActive");
        }
        return counts;
    }

    private static Map<String, Double> blockers(Map<?, ?> work) {
        Map<String, Double> counts = new TreeMap<>();
        if (work.get("blockers") instanceof List<?> list) {
            for (Object one : list) {
                Map<?, ?> blocker = (Map<?, ?>) one;
                add(counts, String.valueOf(blocker.get("kind")), number(blocker, "count"));
            }
        }
        return counts;
    }

    /** Those of kinds without any now are 0: who looks on sees that they have gone. */
    private MetricFamily byKind(String name, String help, Map<String, Double> counts) {
        Map<String, Double> named = new TreeMap<>();
        for (Map.Entry<String, Double> one : counts.entrySet()) {
            add(named, known(one.getKey()), one.getValue());
        }
        List<Sample> samples = new ArrayList<>();
        for (String kind : kinds) {
            named.putIfAbsent(kind, 0.0);
        }
        for (Map.Entry<String, Double> one : named.entrySet()) {
            samples.add(new Sample("", MetricFamily.label("kind", one.getKey()), one.getValue()));
        }
        return new MetricFamily(name, Type.GAUGE, help, samples);
    }

    private static void add(Map<String, Double> sums, String kind, double count) {
        Double before = sums.get(kind);
        sums.put(kind, before == null ? count : before + count);
    }

    private String known(String kind) {
        boolean room = kinds.size() < MAX_KINDS && kind.length() <= MAX_KIND;
        return kinds.contains(kind) || room && kinds.add(kind) ? kind : "other";
    }
}
