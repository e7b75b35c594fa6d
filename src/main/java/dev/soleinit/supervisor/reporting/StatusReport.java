package dev.soleinit.supervisor.reporting;

import dev.soleinit.config.Configuration;
import dev.soleinit.control.DaemonMessage;
import dev.soleinit.process.Version;
import dev.soleinit.statemachine.model.DaemonProcess;
import dev.soleinit.statemachine.model.Event.RequestEvent;
import dev.soleinit.statemachine.model.Phase;
import dev.soleinit.statemachine.state.OtherProcess;
import dev.soleinit.statemachine.state.State;
import dev.soleinit.supervisor.children.Spawner;
import dev.soleinit.supervisor.requests.PreflightService;
import dev.soleinit.supervisor.requests.RequestPayloads;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The answer to {@code status}: one object with stable names, schema 1. Used on the loop's thread.
 */
public final class StatusReport {
    private static final long SCHEMA = 1;

    private final Configuration configuration;
    private final StatePublisher publisher;
    private final Spawner spawner;
    private final StatusSource facts;
    private final Instant startedAt = Instant.now();
    private final List<String> bootWarnings;

    /** What the loop knows beside the state. */
    public interface StatusSource {
        int supervisorPid();

        String instance();

        long orphansReaped();

        String statusText();

        boolean generationIsDurable();

        long journalLinesDropped();

        int resumable();

        List<String> listening();

        List<String> storedDescriptors();

        List<Map<String, Object>> waiting(State state, long now);

        Optional<Map<String, Object>> refused();

        void describeFiles(Map<String, Object> fields);
    }

    public StatusReport(Configuration configuration, StatePublisher publisher, Spawner spawner,
            StatusSource facts, List<String> bootWarnings) {
        this.configuration = configuration;
        this.publisher = publisher;
        this.spawner = spawner;
        this.facts = facts;
        this.bootWarnings = bootWarnings;
    }

    public Map<String, Object> build(State state, long now) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("schema", SCHEMA);
        fields.put("version", Version.TEXT);
        fields.put("protocol", DaemonMessage.PROTOCOL);
        fields.put("instance", facts.instance());
        fields.put("state", StateNames.state(state));
        fields.put("ready", StateNames.ready(state));
        fields.put("goal", StateNames.goal(state.goal()));
        fields.put("generation", state.currentGeneration());
        daemon(state, now, fields);
        awaited(state.phase(), now, fields);
        state.other().ifPresent(other -> fields.put("overlap", overlap(other, now)));
        failures(state, now, fields);
        fields.put("exits", state.exitHistory().stream().map(StateNames::end).toList());
        fields.put("orphansReaped", facts.orphansReaped());
        fields.put("supervisor", supervisor(now));
        fields.put("command", spawner.command(state.arguments()));
        fields.put("readiness", configuration.readiness().how().name());
        work(state, now, fields);
        listening(fields);
        fields.put("statusText", facts.statusText());
        fields.put("warnings", warnings(state));
        return fields;
    }

    private void daemon(State state, long now, Map<String, Object> fields) {
        state.phase().current().ifPresentOrElse(run -> {
            fields.put("pid", (long) run.child().pid());
            fields.put("startedAt", publisher.startedAt());
            fields.put("uptimeMs", (now - run.spawnedAt()) / 1_000_000);
            if (run.origin() != DaemonProcess.Origin.SPAWNED) {
                fields.put("reloadConfirmed", run.origin() == DaemonProcess.Origin.RELOADED);
            }
        }, () -> fields.put("pid", null));
        state.hold().ifPresent(reason -> fields.put("hold", Map.of("reason", reason)));
    }

    /** What has a deadline; of a backoff the next attempt says so. */
    private static void awaited(Phase phase, long now, Map<String, Object> fields) {
        if (phase.deadline() == Phase.NEVER) {
            return;
        }
        StateNames.awaited(phase).ifPresent(what -> fields.put("awaited",
                Map.of("what", what, "deadlineMs", millisUntil(phase.deadline(), now))));
    }

    private static long millisUntil(long deadline, long now) {
        return Math.max(0, deadline - now) / 1_000_000;
    }

    /** The generation beside the current one. */
    private static Map<String, Object> overlap(OtherProcess other, long now) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("role", StateNames.role(other));
        fields.put("generation", other.generation());
        fields.put("pid", other.process().map(run -> (long) run.child().pid()).orElse(null));
        fields.put("stage", StateNames.stage(other));
        fields.put("deadlineMs", other.deadline() == Phase.NEVER ? null
                : millisUntil(other.deadline(), now));
        return fields;
    }

    private void failures(State state, long now, Map<String, Object> fields) {
        fields.put("restartPolicy", configuration.policy().exits().restart().name()
                .toLowerCase(Locale.ROOT).replace('_', '-'));
        fields.put("failures", (long) state.failures());
        fields.put("crashLoop", state.crashLoop());
        if (state.phase() instanceof Phase.BackingOff(long until, String reason)) {
            Duration left = Duration.ofNanos(Math.max(0, until - now));
            fields.put("nextAttemptInMs", left.toMillis());
            fields.put("nextAttemptAt", Instant.now().plus(left).toString());
            fields.put("backoffReason", reason);
        }
        if (!state.exitHistory().isEmpty()) {
            fields.put("lastExit", StateNames.end(state.exitHistory().getFirst()));
        }
    }

    private void work(State state, long now, Map<String, Object> fields) {
        fields.put("attached", state.daemon().attached());
        fields.put("work", PreflightService.fields(PreflightService.of(state, Set.of(), now)));
        configuration.work().countedPorts().ifPresent(ports -> fields.put("countedPorts",
                ports.stream().map(Long::valueOf).toList()));
        fields.put("resumable", (long) facts.resumable());
        fields.put("restarts", facts.waiting(state, now));
        List<RequestEvent> checking = state.requests().unchecked();
        if (!checking.isEmpty()) {
            fields.put("checking", checking.stream().map(one -> RequestPayloads.name(one.id())).toList());
        }
        facts.refused().ifPresent(refused -> fields.put("refused", refused));
        if (!state.restarts().preflightReason().isEmpty()) {
            fields.put("busy", state.restarts().preflightReason());
        }
        facts.describeFiles(fields);
    }

    private void listening(Map<String, Object> fields) {
        List<String> addresses = facts.listening();
        List<Map<String, Object>> all = new ArrayList<>();
        for (int i = 0; i < addresses.size(); i++) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("name", configuration.descriptors().listen().get(i).name());
            one.put("address", addresses.get(i));
            one.put("fd", 3L + i);
            all.add(one);
        }
        fields.put("listening", all);
        if (configuration.descriptors().storeMax() > 0) {
            fields.put("storedDescriptors", facts.storedDescriptors());
        }
    }

    private Map<String, Object> supervisor(long now) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("pid", (long) facts.supervisorPid());
        fields.put("startedAt", startedAt.toString());
        fields.put("uptimeMs", now / 1_000_000);
        fields.put("runDir", configuration.directories().run().toString());
        fields.put("stateDir", configuration.directories().state().toString());
        return fields;
    }

    private List<String> warnings(State state) {
        List<String> warnings = new ArrayList<>(bootWarnings);
        if (state.crashLoop()) {
            warnings.add("crash-loop: " + state.failures() + " quick failures in a row");
        }
        if (publisher.failing()) {
            warnings.add("the files in the run directory are out of date: it cannot be written");
        }
        if (!facts.generationIsDurable()) {
            warnings.add("the generation is not on disk: the state directory cannot be written");
        }
        if (facts.journalLinesDropped() > 0) {
            warnings.add(facts.journalLinesDropped() + " lines of the event journal were lost: "
                    + "the state directory cannot be written");
        }
        return warnings;
    }
}
