package dev.soleinit.supervisor.requests;

import dev.soleinit.control.DaemonMessage;
import dev.soleinit.control.Request;
import dev.soleinit.process.RestartMode;
import dev.soleinit.statemachine.model.Effect.Disposition;
import dev.soleinit.statemachine.model.Phase;
import dev.soleinit.statemachine.model.RequestOutcome.Result;
import dev.soleinit.statemachine.state.OpenRequest.PendingRestart;
import dev.soleinit.statemachine.state.State;
import dev.soleinit.statemachine.work.WorkItem;
import dev.soleinit.statemachine.work.WorkOutcome;
import dev.soleinit.supervisor.reporting.LastWords;
import dev.soleinit.supervisor.reporting.StateNames;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The words in which requests and their ends are told, on the socket and in the journal. */
public final class RequestPayloads {
    /** So many pieces of work that were cut are named. */
    private static final int MAX_NAMED = 100;
    private final String instance;

    RequestPayloads(String instance) {
        this.instance = instance;
    }

    public static String name(long id) {
        return "r" + id;
    }

    static String action(Request request) {
        return switch (request) {
            case Request.Start _ -> "start";
            case Request.Stop _ -> "stop";
            case Request.Restart _ -> "restart";
            case Request.Reload _ -> "reload";
            case Request.SendSignal _ -> "signal";
            case Request.Status _ -> "status";
            case Request.Preflight _ -> "preflight";
            case Request.Wait _ -> "wait";
            case Request.Subscribe _ -> "events";
            case DaemonMessage _ -> "word";
        };
    }

    static String mode(RestartMode mode) {
        return mode.name().toLowerCase(Locale.ROOT);
    }

    private static long pid(State state) {
        return state.phase().current().map(run -> (long) run.child().pid()).orElse(0L);
    }

    /** The request as it was taken. */
    Map<String, Object> request(long id, TrackedRequest one, State state) {
        boolean refused = one.hasEnded() && one.outcome().result() == Result.REFUSED;
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("id", name(id));
        fields.put("action", action(one.call().request()));
        fields.put("result", refused ? "refused"
                : one.disposition().name().toLowerCase(Locale.ROOT));
        if (one.call().request() instanceof Request.Restart restart) {
            describe(restart, fields);
            fields.put("overlap", one.overlap());
        }
        fields.put("requestedAt", one.at().toString());
        one.preflight().ifPresent(known -> fields.put("preflight", PreflightService.fields(known)));
        Map<String, Object> restart = new LinkedHashMap<>();
        restart.put("ok", !refused);
        restart.put("pid", pid(state));
        restart.put("generation", state.currentGeneration());
        restart.put("delayMs", one.cooldown().toMillis());
        restart.put("coalesced", one.disposition() == Disposition.COALESCED);
        restart.put("cooldownMsApplied", one.cooldown().toMillis());
        fields.put("restart", restart);
        List<String> warnings = new ArrayList<>(one.warnings());
        one.preflight().filter(known -> !known.known()).ifPresent(known -> warnings.add(known.summary()));
        if (!warnings.isEmpty()) {
            fields.put("warnings", warnings);
        }
        return fields;
    }

    private static void describe(Request.Restart restart, Map<String, Object> fields) {
        fields.put("mode", mode(restart.mode()));
        fields.put("graceful", restart.mode() == RestartMode.GRACEFUL
                || restart.mode() == RestartMode.SAFE);
        fields.put("timeoutSeconds", restart.timeout().map(t -> t.toMillis() / 1000.0).orElse(null));
        fields.put("command", restart.arguments().orElse(null));
        fields.put("reason", restart.reason());
    }

    /** The end of a request. */
    Map<String, Object> outcome(long id, TrackedRequest one, State state, long now) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("id", name(id));
        fields.put("restartStatus", resultName(one));
        fields.put("message", one.outcome().words());
        fields.put("pid", pid(state));
        fields.put("generation", state.currentGeneration());
        fields.put("fromGeneration", one.fromGeneration());
        fields.put("instance", instance);
        one.outcome().tale().ifPresent(tale -> {
            fields.put("drained", (long) tale.drained());
            fields.put("cut", cut(tale));
            fields.put("cutMore", (long) Math.max(0, tale.cut().size() - MAX_NAMED));
            fields.put("downtimeMs", downtime(tale, state, now));
        });
        one.outcome().lastExit().ifPresent(end -> {
            fields.put("lastExit", StateNames.end(end));
            fields.put("statusText", one.statusText());
            fields.put("log", LastWords.log());
        });
        fields.put("elapsedMs", (now - one.since()) / 1_000_000);
        fields.put("finishedAt", Instant.now().toString());
        return fields;
    }

    /** A request that came to nothing, and that nobody had waited for. */
    Map<String, Object> refusal(TrackedRequest one) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("action", action(one.call().request()));
        fields.put("result", resultName(one));
        fields.put("message", one.outcome().words());
        fields.put("caller", one.call().caller().words());
        fields.put("at", one.at().toString());
        return fields;
    }

    /** From the fence, or the stop, until it was ready again. */
    private static long downtime(WorkOutcome tale, State state, long now) {
        long ready = state.phase() instanceof Phase.Ready phase
                ? phase.run().readyAt().orElse(now) : now;
        return Math.max(0, ready - tale.since()) / 1_000_000;
    }

    private static String resultName(TrackedRequest one) {
        boolean forced = one.outcome().tale().map(WorkOutcome::forced).orElse(false)
                || one.call().request() instanceof Request.Restart restart
                        && restart.mode() == RestartMode.FORCE;
        return switch (one.outcome().result()) {
            case COMPLETE -> forced ? "forced" : "complete";
            case UNCONFIRMED -> "unconfirmed";
            case ALREADY -> "already";
            case FAILED -> "failed";
            case REFUSED -> "refused";
            case SUPERSEDED -> "superseded";
            case GAVE_UP -> "gave-up";
            case CANCELLED -> "cancelled";
        };
    }

    /** An answer has an end, as has a line of the journal; all that was cut is in the manifest. */
    private static List<Map<String, Object>> cut(WorkOutcome tale) {
        List<Map<String, Object>> named = new ArrayList<>();
        for (WorkItem item : tale.cut().subList(0, Math.min(MAX_NAMED, tale.cut().size()))) {
            named.add(item(item));
        }
        return named;
    }

    static Map<String, Object> item(WorkItem item) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("kind", item.kind());
        fields.put("id", item.id());
        fields.put("description", item.description());
        fields.put("startedAt", item.startedAt());
        return fields;
    }

    /** A restart that waits, for {@code status}. */
    Map<String, Object> waiting(PendingRestart wish, TrackedRequest one, long now) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("id", name(wish.id()));
        fields.put("mode", mode(wish.mode()));
        fields.put("caller", one.call().caller().words());
        fields.put("requestedAt", one.at().toString());
        fields.put("dueInMs", Math.max(0, wish.dueAt() - now) / 1_000_000);
        if (wish.mode() == RestartMode.SAFE && wish.giveUpAt() != Phase.NEVER) {
            fields.put("givesUpInMs", Math.max(0, wish.giveUpAt() - now) / 1_000_000);
        }
        return fields;
    }
}
