package dev.soleinit.supervisor.requests;

import dev.soleinit.config.Configuration;
import dev.soleinit.control.Caller;
import dev.soleinit.control.DaemonMessage;
import dev.soleinit.control.ErrorCodes;
import dev.soleinit.control.IncomingRequest;
import dev.soleinit.control.Request;
import dev.soleinit.statemachine.model.Effect;
import dev.soleinit.statemachine.model.Event;
import dev.soleinit.statemachine.model.RequestOutcome;
import dev.soleinit.statemachine.model.RequestOutcome.Result;
import dev.soleinit.statemachine.state.State;
import dev.soleinit.supervisor.reporting.EventLog;
import dev.soleinit.supervisor.reporting.LastWords;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongFunction;

/**
 * The requests that change something: gives each an id, turns it into an event for the machine,
 * and answers it when the machine says how it ended. Answers are held back until the public files
 * tell the same. Used on the loop's thread.
 */
public final class RequestRegistry {
    private static final OverlapGate.Verdict NO_OVERLAP = new OverlapGate.Ordinary(Optional.empty());

    private final Configuration configuration;
    private final OverlapGate overlaps;
    private final EventLog journal;
    private final RequestPayloads answers;
    private final LongFunction<String> statusText;
    private final Map<Long, TrackedRequest> pending = new HashMap<>();
    /** A request that was taken and ended in one step stands here once. */
    private final Set<Long> toAnswer = new LinkedHashSet<>();
    /** What became of the last one that nobody waited for, if it came to nothing. */
    private Optional<Map<String, Object>> refused = Optional.empty();
    private long lastId;

    public RequestRegistry(Configuration configuration, EventLog journal, String instance,
            LongFunction<String> statusText, OverlapGate overlaps) {
        this.overlaps = overlaps;
        this.statusText = statusText;
        this.configuration = configuration;
        this.journal = journal;
        this.answers = new RequestPayloads(instance);
    }

    /** Takes note of a request, and says what it means to the machine if it has no end already. */
    public Optional<Event> register(IncomingRequest call, State state, long now) {
        long id = ++lastId;
        TrackedRequest one = call.request() instanceof Request.Restart restart
                ? new TrackedRequest(call, now, state.currentGeneration(),
                        Optional.of(PreflightService.of(state, restart.ignored(), now)),
                        overlaps.judge(restart.overlap(), state))
                : new TrackedRequest(call, now, state.currentGeneration(), Optional.empty(), NO_OVERLAP);
        pending.put(id, one);
        journal.record("request", description(id, call));
        return switch (call.request()) {
            case Request.Start _ -> Optional.of(new Event.StartRequested(id));
            case Request.Stop _ ->
                    Optional.of(new Event.StopRequested(id, "stopped by " + call.caller().words()));
            case Request.Restart restart -> restart(id, one, restart, state);
            case Request.Reload reload ->
                    Optional.of(new Event.ReloadRequested(id, reload.unchecked()));
            case Request.SendSignal(var signal) -> Optional.of(new Event.SignalRequested(id, signal));
            case Request.Status _, Request.Wait _, Request.Subscribe _, Request.Preflight _,
                    DaemonMessage _ ->
                    throw new IllegalArgumentException("not a request that changes anything");
        };
    }

    private Optional<Event> restart(long id, TrackedRequest one, Request.Restart restart, State state) {
        if (one.refusal().isPresent()) {
            finished(id, new RequestOutcome(Result.REFUSED, one.refusal().get(),
                    state.currentGeneration()));
            return Optional.empty();
        }
        one.warnings().forEach(journal::warn);
        return Optional.of(new Event.RestartRequested(id, restart.mode(),
                restart.timeout().orElse(configuration.work().restartTimeout()),
                restart.maxWait().orElse(configuration.work().safeWait()), restart.ignored(),
                one.call().caller().origin().isAutomatic(), restart.arguments(), restart.assumeIdle(),
                restart.unchecked(), one.overlap()));
    }

    private static Map<String, Object> description(long id, IncomingRequest call) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("request", RequestPayloads.name(id));
        fields.put("action", RequestPayloads.action(call.request()));
        fields.put("door", call.caller().origin().word());
        fields.put("user", call.caller().user());
        fields.put("caller", call.caller().words());
        if (call.request() instanceof Request.Restart restart) {
            fields.put("mode", RequestPayloads.mode(restart.mode()));
            fields.put("reason", restart.reason());
        }
        return fields;
    }

    public void accepted(Effect.AcceptRequest accept) {
        TrackedRequest one = pending.get(accept.id());
        one.accept(accept);
        if (!blocks(one.call().request())) {
            toAnswer.add(accept.id());
        }
    }

    public void finished(long id, RequestOutcome outcome) {
        String said = outcome.lastExit().map(end -> statusText.apply(end.generation())).orElse("");
        pending.get(id).finish(LastWords.added(outcome, said), said);
        toAnswer.add(id);
    }

    private static boolean blocks(Request request) {
        return switch (request) {
            case Request.Start(boolean block) -> block;
            case Request.Stop(boolean block) -> block;
            case Request.Restart restart -> restart.block();
            case Request.Reload reload -> reload.block();
            case Request.SendSignal _, Request.Status _, Request.Wait _, Request.Subscribe _,
                    Request.Preflight _, DaemonMessage _ -> true;
        };
    }

    /** Requests that wait for an end while nobody waits for the answer any more. */
    public List<Event> cancelAbandoned() {
        List<Event> events = new ArrayList<>();
        pending.forEach((id, one) -> {
            if (one.isAbandoned()) {
                events.add(new Event.CallerDisconnected(id));
            }
        });
        return events;
    }

    /** Those that wait, for {@code status}. */
    public List<Map<String, Object>> waiting(State state, long now) {
        List<Map<String, Object>> all = new ArrayList<>();
        state.requests().pending().forEach(wish -> {
            TrackedRequest one = pending.get(wish.id());
            if (one != null) {
                all.add(answers.waiting(wish, one, now));
            }
        });
        return all;
    }

    /** Sends the answers that have become due; the ends of reloads by file are returned. */
    public List<String> sendDueReplies(State state, long now) {
        if (toAnswer.isEmpty()) {
            return List.of();
        }
        List<String> failedReloads = new ArrayList<>();
        for (long id : toAnswer) {
            TrackedRequest one = pending.get(id);
            if (one.takeAnswer()) {
                reply(id, one, state, now);
            }
            if (one.hasEnded()) {
                pending.remove(id);
                journal.record("outcome", answers.outcome(id, one, state, now));
                noteRefusal(one);
                if (one.outcome().result() == Result.FAILED
                        && one.call().caller().origin() == Caller.Origin.FILE
                        && one.call().request() instanceof Request.Reload) {
                    failedReloads.add(one.outcome().words());
                }
            }
        }
        toAnswer.clear();
        return failedReloads;
    }

    /** Nobody reads the answer of a request by file or signal: the log and the status have it. */
    private void noteRefusal(TrackedRequest one) {
        boolean bad = switch (one.outcome().result()) {
            case REFUSED, FAILED, GAVE_UP -> true;
            case COMPLETE, UNCONFIRMED -> {
                refused = one.call().request() instanceof Request.SendSignal ? refused
                        : Optional.empty();
                yield false;
            }
            case ALREADY, SUPERSEDED, CANCELLED -> false;
        };
        if (bad && one.call().caller().origin().isUnanswered()) {
            refused = Optional.of(answers.refusal(one));
            journal.warn(one.outcome().words() + " (asked for by " + one.call().caller().words() + ")");
        }
    }

    /** The last request by file or signal that came to nothing, for {@code status}. */
    public Optional<Map<String, Object>> refused() {
        return refused;
    }

    private void reply(long id, TrackedRequest one, State state, long now) {
        Map<String, Object> answer = answers.request(id, one, state);
        if (!one.hasEnded()) {
            one.call().replyTo().result(answer);
            return;
        }
        answer.put("outcome", answers.outcome(id, one, state, now));
        switch (one.outcome().result()) {
            case COMPLETE, UNCONFIRMED, ALREADY -> one.call().replyTo().result(answer);
            case REFUSED -> error(one, ErrorCodes.REFUSED, answer);
            case GAVE_UP -> error(one, ErrorCodes.GAVE_UP, answer);
            case FAILED, SUPERSEDED, CANCELLED -> error(one, ErrorCodes.FAILED, answer);
        }
    }

    private static void error(TrackedRequest one, int code, Map<String, Object> answer) {
        one.call().replyTo().error(code, one.outcome().words(), answer);
    }
}
