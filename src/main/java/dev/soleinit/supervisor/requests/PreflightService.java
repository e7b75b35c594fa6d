package dev.soleinit.supervisor.requests;

import dev.soleinit.config.Configuration;
import dev.soleinit.control.IncomingRequest;
import dev.soleinit.control.Request;
import dev.soleinit.os.Kernel;
import dev.soleinit.statemachine.model.Event;
import dev.soleinit.statemachine.state.State;
import dev.soleinit.statemachine.work.Blocker;
import dev.soleinit.statemachine.work.Preflight;
import dev.soleinit.statemachine.work.PreflightVerdict;
import dev.soleinit.supervisor.children.CommandRunner;
import dev.soleinit.supervisor.inbox.Inbox;
import dev.soleinit.supervisor.probes.ConnectionCounter;
import dev.soleinit.supervisor.startup.BackgroundThreads;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Answers whether a restart would cut anything, and asks whoever knows of the daemon's work from
 * outside, for callers and for the machine. Used on the loop's thread.
 */
public final class PreflightService {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private final Configuration configuration;
    private final CommandRunner helpers;
    private final Inbox inbox;
    private final Kernel os;
    private final BackgroundThreads threads;
    /** Made when it is asked for the first time. */
    private ConnectionCounter connections;

    public PreflightService(Configuration configuration, CommandRunner helpers, Inbox inbox,
            Kernel os, BackgroundThreads threads) {
        this.configuration = configuration;
        this.helpers = helpers;
        this.inbox = inbox;
        this.os = os;
        this.threads = threads;
    }

    /** For the machine; the answer is an event. */
    public void runCommand(long generation, long now) {
        ask(generation, now,
                verdict -> inbox.post(new Event.PreflightFinished(generation, verdict)));
    }

    private boolean isBlind() {
        return configuration.commands().preflight().isEmpty()
                && configuration.work().countedPorts().isEmpty();
    }

    /** The command first: what it takes is time in which a connection may come. */
    private void ask(long generation, long now, Consumer<PreflightVerdict> done) {
        if (configuration.commands().preflight().isEmpty()) {
            count(done);
            return;
        }
        helpers.run(configuration.commands().preflight(), generation, TIMEOUT,
                PreflightOutput.MAX_BYTES, now, result -> {
                    PreflightVerdict said = PreflightOutput.read(result);
                    if (configuration.work().countedPorts().isEmpty()) {
                        done.accept(said);
                    } else {
                        count(counted -> done.accept(said.and(counted)));
                    }
                });
    }

    private void count(Consumer<PreflightVerdict> done) {
        if (connections == null) {
            connections = new ConnectionCounter(configuration, os::listeningOn, threads, inbox);
        }
        connections.count(done);
    }

    /** For a caller. */
    public void answer(IncomingRequest call, Request.Preflight request, Supplier<State> state, long now) {
        if (isBlind()) {
            call.replyTo().result(fields(of(state.get(), request.ignored(), now)));
            return;
        }
        ask(state.get().currentGeneration(), now,
                verdict -> call.replyTo().result(fields(Preflight.of(state.get().work(),
                        request.ignored(), Optional.of(verdict), true, now))));
    }

    public static String firstLine(String text) {
        return PreflightOutput.firstLine(text);
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
