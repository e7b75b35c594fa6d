package dev.soleinit.supervisor.requests;

import dev.soleinit.config.Configuration;
import dev.soleinit.control.IncomingRequest;
import dev.soleinit.control.Request;
import dev.soleinit.statemachine.model.Event;
import dev.soleinit.statemachine.state.State;
import dev.soleinit.statemachine.work.Preflight;
import dev.soleinit.statemachine.work.Preflight.Blocker;
import dev.soleinit.statemachine.work.PreflightVerdict;
import dev.soleinit.statemachine.work.PreflightVerdict.Verdict;
import dev.soleinit.supervisor.children.CommandRunner;
import dev.soleinit.supervisor.inbox.Inbox;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Answers whether a restart would cut anything, and runs the preflight command, for callers and
 * for the machine. Used on the loop's thread.
 */
public final class PreflightService {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final int BUSY = 75;

    private final Configuration configuration;
    private final CommandRunner helpers;
    private final Inbox inbox;

    public PreflightService(Configuration configuration, CommandRunner helpers, Inbox inbox) {
        this.configuration = configuration;
        this.helpers = helpers;
        this.inbox = inbox;
    }

    /** For the machine; the answer is an event. */
    public void runCommand(long generation, long now) {
        helpers.run(configuration.commands().preflight(), generation, TIMEOUT, now,
                result -> inbox.post(new Event.PreflightFinished(generation, runCommand(result))));
    }

    private static PreflightVerdict runCommand(CommandRunner.Result result) {
        Verdict verdict = switch (result.code()) {
            case 0 -> Verdict.IDLE;
            case BUSY -> Verdict.BUSY;
            default -> Verdict.UNKNOWN;
        };
        String words = firstLine(result.output());
        return new PreflightVerdict(verdict, verdict != Verdict.UNKNOWN || result.code() < 0 ? words
                : "exited " + result.code() + (words.isEmpty() ? "" : ": " + words));
    }

    public static String firstLine(String text) {
        String line = text.lines().findFirst().orElse("");
        return line.length() <= 200 ? line : line.substring(0, 200);
    }

    /** For a caller. */
    public void answer(IncomingRequest call, Request.Preflight request, Supplier<State> state, long now) {
        if (configuration.commands().preflight().isEmpty()) {
            call.replyTo().result(fields(of(state.get(), request.ignored(), now)));
            return;
        }
        helpers.run(configuration.commands().preflight(), state.get().currentGeneration(), TIMEOUT, now,
                result -> call.replyTo().result(fields(Preflight.of(state.get().work(),
                        request.ignored(), Optional.of(runCommand(result)), true, now))));
    }

    /** What is known without asking anybody. */
    public static Preflight of(State state, Set<String> ignored, long now) {
        return Preflight.of(state.work(), ignored, Optional.empty(), state.daemon().attached(), now);
    }

    public static Map<String, Object> fields(Preflight preflight) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("safe", preflight.safe());
        fields.put("counts", preflight.counts());
        fields.put("blockers", blockers(preflight.blockers()));
        fields.put("summary", preflight.summary());
        return fields;
    }

    private static List<Map<String, Object>> blockers(List<Blocker> blockers) {
        List<Map<String, Object>> all = new ArrayList<>();
        for (Blocker one : blockers) {
            Map<String, Object> words = new LinkedHashMap<>();
            words.put("kind", one.kind());
            words.put("id", one.id().orElse(null));
            words.put("count", one.count());
            words.put("message", one.message());
            all.add(words);
        }
        return all;
    }
}
