package dev.soleinit.supervisor.outside;

import dev.soleinit.http.metrics.MetricFamily;
import dev.soleinit.statemachine.model.DaemonProcess;
import dev.soleinit.statemachine.model.Phase;
import dev.soleinit.statemachine.settings.ExitSettings;
import dev.soleinit.statemachine.state.OtherProcess;
import dev.soleinit.statemachine.state.State;
import dev.soleinit.supervisor.reporting.StateNames;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * Counts what becomes of the daemon, from what the state and the journal say of it. Plain numbers of
 * the loop's thread. No lambdas here and in what is asked for with each scrape: the JVM would write a
 * class for each, and keep what that takes.
 */
final class LifeMetrics implements BiConsumer<String, Map<String, Object>> {
    private static final List<String> ORIGINS = List.of("cli", "socket", "file", "signal", "memory");
    private static final List<String> MODES = List.of("graceful", "safe", "immediate", "force");
    private static final List<String> RESULTS = List.of("complete", "forced", "unconfirmed", "already",
            "failed", "refused", "superseded", "gave-up", "cancelled");
    private static final List<String> OVERLAPS = List.of("current", "failed");
    private static final List<String> CAUSES = List.of("requested", "success", "failure", "signal",
            "oom", "restart", "configuration", "found-failed");

    private final LabelledCounter exits = new LabelledCounter("soleinit_daemon_exits",
            "Ends of the daemon's process, by cause.");
    private final LabelledCounter restarts = new LabelledCounter("soleinit_restart_requests",
            "Requests to restart the daemon, by who asked and in which mode.");
    private final LabelledCounter outcomes = new LabelledCounter("soleinit_request_outcomes",
            "Requests that have come to an end, by result.");
    private final Histogram startup = new Histogram("soleinit_startup_duration_seconds",
            "From the start of a process of the daemon until it was ready.");
    private final Histogram drain = new Histogram("soleinit_drain_duration_seconds",
            "From the fence until the work was done, or no longer waited for.");
    private final Histogram downtime = new Histogram("soleinit_downtime_duration_seconds",
            "From the moment in which the daemon was no longer ready until it was, without holds.");
    private final LabelledCounter overlaps = new LabelledCounter("soleinit_overlaps",
            "Generations that were started beside a running one, by what became of them.");
    private final Set<Integer> restartMe;
    private long starts;
    private long restorations;
    private long reloads;
    private Optional<DaemonProcess> last = Optional.empty();
    /** The one that is started beside the current one, and when its process was; 0 for none. */
    private long successor;
    private long besideSince = Phase.NEVER;
    private boolean wasReady;
    private boolean everReady;
    private long readyOf = Phase.NEVER;
    private long downSince = Phase.NEVER;
    private long drainSince = Phase.NEVER;

    /** @param restartMe codes by which the daemon asks for its restart */
    LifeMetrics(Set<Integer> restartMe) {
        this.restartMe = restartMe;
        overlaps.withEach("result", OVERLAPS);
        exits.withEach("cause", CAUSES);
        outcomes.withEach("result", RESULTS);
        for (String origin : ORIGINS) {
            for (String mode : MODES) {
                restarts.with(labels(origin, mode));
            }
        }
    }

    private static String labels(String origin, String mode) {
        return MetricFamily.label("mode", mode) + "," + MetricFamily.label("origin", origin);
    }

    boolean everReady() {
        return everReady;
    }

    void follow(State state, long now) {
        Optional<DaemonProcess> run = state.phase().current();
        overlap(state, run);
        if (run.isPresent()) {
            count(run.get());
        }
        last = run;
        readiness(state, run, now);
        boolean draining = state.phase() instanceof Phase.Draining;
        if (draining && drainSince == Phase.NEVER) {
            drainSince = now;
        } else if (!draining && drainSince != Phase.NEVER) {
            drain.observe(now - drainSince);
            drainSince = Phase.NEVER;
        }
    }

    private void overlap(State state, Optional<DaemonProcess> run) {
        Optional<OtherProcess> next = state.other();
        if (next.isPresent() && next.get().role() == OtherProcess.Role.SUCCESSOR) {
            successor = next.get().generation();
            Optional<DaemonProcess> process = next.get().process();
            long spawnedAt = process.isPresent() ? process.get().spawnedAt() : besideSince;
            starts += spawnedAt == besideSince ? 0 : 1;
            besideSince = spawnedAt;
        } else if (successor != 0) {
            boolean current = run.isPresent() && run.get().child().generation() == successor;
            overlaps.increment(MetricFamily.label("result", current ? "current" : "failed"));
            successor = 0;
        }
    }

    /** It is another process if it was started at another time; MAINPID changes its number alone. */
    private void count(DaemonProcess run) {
        if (last.isEmpty() || last.get().spawnedAt() != run.spawnedAt()) {
            starts += run.spawnedAt() == besideSince ? 0 : 1;
        } else if (last.get().child().generation() != run.child().generation()) {
            reloads++;
        }
    }

    private void readiness(State state, Optional<DaemonProcess> run, long now) {
        boolean ready = StateNames.ready(state);
        if (ready && !wasReady) {
            everReady = true;
            if (downSince != Phase.NEVER) {
                downtime.observe(now - downSince);
            }
            downSince = Phase.NEVER;
        } else if (!ready && wasReady) {
            downSince = now;
        }
        long spawnedAt = run.isPresent() ? run.get().spawnedAt() : now;
        if (ready && readyOf != spawnedAt) {
            readyOf = spawnedAt;
            startup.observe(now - spawnedAt);
        }
        if (state.hold().isPresent()) {
            downSince = Phase.NEVER;
        }
        wasReady = ready;
    }

    /** A line of the journal, before it is text. */
    @Override
    public void accept(String event, Map<String, Object> fields) {
        switch (event) {
            case "end" -> exits.increment(MetricFamily.label("cause", cause(fields)));
            case "configuration-restored" -> restorations++;
            case "outcome" -> outcomes.increment(MetricFamily.label("result",
                    String.valueOf(fields.get("restartStatus"))));
            case "request" -> {
                if ("restart".equals(fields.get("action"))) {
                    String origin = String.valueOf(fields.get("door"));
                    restarts.increment(labels(ORIGINS.contains(origin) ? origin : "other",
                            String.valueOf(fields.get("mode"))));
                }
            }
            default -> {
                // of nothing that is counted
            }
        }
    }

    private String cause(Map<String, Object> end) {
        String words = String.valueOf(end.get("cause"));
        long code = (Long) end.get("code");
        if (Boolean.TRUE.equals(end.get("asked"))) {
            return "requested";
        }
        if (words.startsWith("out of memory")) {
            return "oom";
        }
        if (words.equals("ended by a signal")) {
            return "signal";
        }
        if (!words.equals("exited by itself")) {
            return "found-failed";
        }
        if (restartMe.contains((int) code)) {
            return "restart";
        }
        return code == 0 ? "success"
                : code == ExitSettings.EXIT_CONFIGURATION ? "configuration" : "failure";
    }

    List<MetricFamily> families() {
        List<MetricFamily> all = new ArrayList<>();
        all.add(MetricFamily.counter("soleinit_daemon_starts",
                "Processes of the daemon that were started.", starts));
        all.add(MetricFamily.counter("soleinit_daemon_reloads",
                "Generations that began in the same process.", reloads));
        all.add(MetricFamily.counter("soleinit_configurations_restored",
                "Times that the last good configuration was put back.", restorations));
        all.add(exits.family());
        all.add(restarts.family());
        all.add(overlaps.family());
        all.add(outcomes.family());
        all.add(startup.family());
        all.add(drain.family());
        all.add(downtime.family());
        return all;
    }
}
