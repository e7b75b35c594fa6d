package dev.soleinit.supervise;

import dev.soleinit.control.Call;
import dev.soleinit.control.ErrorCodes;
import dev.soleinit.control.Request;
import dev.soleinit.machine.Event;
import dev.soleinit.machine.Outcome;
import dev.soleinit.machine.Outcome.Result;
import dev.soleinit.machine.State;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The requests that change something: gives each an id, turns it into an event for the machine,
 * and answers it when the machine says how it ended. Answers are held back until the public files
 * tell the same. Used on the loop's thread.
 */
final class Requests {
    private static final class Pending {
        final Call call;
        final Instant at = Instant.now();
        final long since;
        final long fromGeneration;
        boolean coalesced;
        boolean answered;
        Outcome outcome;

        Pending(Call call, long since, long fromGeneration) {
            this.call = call;
            this.since = since;
            this.fromGeneration = fromGeneration;
        }
    }

    private final Journal journal;
    private final String instance;
    private final Map<Long, Pending> pending = new HashMap<>();
    private final List<Long> toAnswer = new ArrayList<>();
    private long lastId;

    Requests(Journal journal, String instance) {
        this.journal = journal;
        this.instance = instance;
    }

    /** Takes note of a request and says what it means to the machine. */
    Event take(Call call, State state, long now) {
        long id = ++lastId;
        pending.put(id, new Pending(call, now, state.generation()));
        journal.record("request", description(id, call));
        return switch (call.request()) {
            case Request.Start _ -> new Event.StartAsked(id);
            case Request.Stop _ -> new Event.StopAsked(id, "stopped by " + call.caller().words());
            case Request.Restart restart ->
                    new Event.RestartAsked(id, restart.force(), restart.arguments());
            case Request.SendSignal(var signal) -> new Event.SignalAsked(id, signal);
            case Request.Status _, Request.Wait _, Request.Subscribe _ ->
                    throw new IllegalArgumentException("not a request that changes anything");
        };
    }

    private static Map<String, Object> description(long id, Call call) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("request", name(id));
        fields.put("action", action(call.request()));
        fields.put("door", call.caller().door());
        fields.put("user", call.caller().user());
        fields.put("caller", call.caller().words());
        if (call.request() instanceof Request.Restart restart) {
            fields.put("force", restart.force());
            fields.put("reason", restart.reason());
        }
        return fields;
    }

    private static String action(Request request) {
        return switch (request) {
            case Request.Start _ -> "start";
            case Request.Stop _ -> "stop";
            case Request.Restart _ -> "restart";
            case Request.SendSignal _ -> "signal";
            case Request.Status _ -> "status";
            case Request.Wait _ -> "wait";
            case Request.Subscribe _ -> "events";
        };
    }

    private static String name(long id) {
        return "r" + id;
    }

    void accepted(long id, boolean coalesced) {
        Pending one = pending.get(id);
        one.coalesced = coalesced;
        if (!blocks(one.call.request())) {
            toAnswer.add(id);
        }
    }

    void finished(long id, Outcome outcome) {
        pending.get(id).outcome = outcome;
        toAnswer.add(id);
    }

    private static boolean blocks(Request request) {
        return switch (request) {
            case Request.Start(boolean block) -> block;
            case Request.Stop(boolean block) -> block;
            case Request.Restart restart -> restart.block();
            case Request.SendSignal _, Request.Status _, Request.Wait _, Request.Subscribe _ -> true;
        };
    }

    /** Sends the answers that have become due. */
    void flush(State state, long now) {
        if (toAnswer.isEmpty()) {
            return;
        }
        for (long id : toAnswer) {
            Pending one = pending.get(id);
            if (!one.answered) {
                one.answered = true;
                reply(id, one, state, now);
            }
            if (one.outcome != null) {
                pending.remove(id);
                journal.record("outcome", outcome(id, one, state, now));
            }
        }
        toAnswer.clear();
    }

    private void reply(long id, Pending one, State state, long now) {
        Map<String, Object> answer = request(id, one, state);
        if (one.outcome != null) {
            answer.put("outcome", outcome(id, one, state, now));
            if (one.outcome.result() == Result.REFUSED || one.outcome.result() == Result.FAILED
                    || one.outcome.result() == Result.SUPERSEDED) {
                one.call.replyTo().error(code(one.outcome.result()), one.outcome.words(), answer);
                return;
            }
        }
        one.call.replyTo().result(answer);
    }

    private static int code(Result result) {
        return result == Result.REFUSED ? ErrorCodes.REFUSED : ErrorCodes.FAILED;
    }

    private Map<String, Object> request(long id, Pending one, State state) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("id", name(id));
        fields.put("action", action(one.call.request()));
        boolean refused = one.outcome != null && one.outcome.result() == Result.REFUSED;
        fields.put("result", refused ? "refused" : one.coalesced ? "coalesced" : "scheduled");
        if (one.call.request() instanceof Request.Restart restart) {
            describe(restart, fields);
        }
        fields.put("requestedAt", one.at.toString());
        Map<String, Object> restart = new LinkedHashMap<>();
        restart.put("ok", !refused);
        restart.put("pid", pid(state));
        restart.put("generation", state.generation());
        restart.put("delayMs", 0L);
        restart.put("coalesced", one.coalesced);
        restart.put("cooldownMsApplied", 0L);
        fields.put("restart", restart);
        return fields;
    }

    private static void describe(Request.Restart restart, Map<String, Object> fields) {
        fields.put("graceful", restart.graceful() && !restart.force());
        fields.put("timeoutSeconds", restart.timeout().map(t -> t.toMillis() / 1000.0).orElse(null));
        fields.put("command", restart.arguments().orElse(null));
        fields.put("reason", restart.reason());
    }

    private Map<String, Object> outcome(long id, Pending one, State state, long now) {
        boolean forced = one.call.request() instanceof Request.Restart restart && restart.force();
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("id", name(id));
        fields.put("restartStatus", switch (one.outcome.result()) {
            case COMPLETE -> forced ? "forced" : "complete";
            case ALREADY -> "already";
            case FAILED -> "failed";
            case REFUSED -> "refused";
            case SUPERSEDED -> "superseded";
        });
        fields.put("message", one.outcome.words());
        fields.put("pid", pid(state));
        fields.put("generation", state.generation());
        fields.put("fromGeneration", one.fromGeneration);
        fields.put("instance", instance);
        fields.put("elapsedMs", (now - one.since) / 1_000_000);
        fields.put("finishedAt", Instant.now().toString());
        return fields;
    }

    private static long pid(State state) {
        return state.phase().current().map(run -> (long) run.child().pid()).orElse(0L);
    }
}
