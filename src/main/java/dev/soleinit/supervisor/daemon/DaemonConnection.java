package dev.soleinit.supervisor.daemon;

import dev.soleinit.control.DaemonMessage;
import dev.soleinit.control.ErrorCodes;
import dev.soleinit.control.IncomingRequest;
import dev.soleinit.control.ReplyTo;
import dev.soleinit.control.ReportedWork;
import dev.soleinit.statemachine.model.DaemonCommand;
import dev.soleinit.statemachine.model.Event;
import dev.soleinit.statemachine.model.Phase;
import dev.soleinit.statemachine.state.State;
import dev.soleinit.statemachine.work.WorkItem;
import dev.soleinit.supervisor.inbox.Inbox;
import dev.soleinit.supervisor.reporting.StorageWriter;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The daemon's own connection, while it has one: what it says becomes events, what the machine
 * wants to tell it goes out. A daemon proves itself with the token that only its process got; a
 * newer connection takes the place of an older one. Used on the loop's thread.
 */
public final class DaemonConnection {
    private final InterruptedWorkStore resume;
    private final StorageWriter storage;
    private final Inbox inbox;
    private final String instance;
    private final Duration drain;
    private String token = "";
    private long bornAs;
    private Optional<ReplyTo> link = Optional.empty();
    private final Map<Long, DaemonCommand> asked = new HashMap<>();
    private long lastId;
    private boolean fenced;

    public DaemonConnection(InterruptedWorkStore resume, StorageWriter storage, Inbox inbox,
            String instance, Duration drain) {
        this.resume = resume;
        this.storage = storage;
        this.inbox = inbox;
        this.instance = instance;
        this.drain = drain;
    }

    /** A new process, and what it will prove itself with. */
    public void expectDaemon(long generation, String fresh) {
        token = fresh;
        bornAs = generation;
        link = Optional.empty();
        asked.clear();
        fenced = false;
    }

    // ---- what it says

    /** Takes a word, answers it where an answer is wanted, and says what it means. */
    public Optional<Event> onMessage(IncomingRequest call, State state, long now) {
        long generation = state.currentGeneration();
        if (call.request() instanceof DaemonMessage.Attach attach) {
            return attach(call, attach, state);
        }
        if (link.isEmpty() || link.get().connection() != call.replyTo().connection()) {
            if (!(call.request() instanceof DaemonMessage.Disconnected)) {
                refuse(call, "Cannot take that: attach first; an older generation is not heard");
            }
            return Optional.empty();
        }
        return switch ((DaemonMessage) call.request()) {
            case DaemonMessage.Attach _ -> Optional.empty();
            case DaemonMessage.WorkBegin(var item) -> begin(call, item(item, now), state);
            case DaemonMessage.WorkEnd(String id) ->
                    acknowledge(call, new Event.WorkEnded(generation, id));
            case DaemonMessage.WorkReport(var items) ->
                    acknowledge(call, new Event.WorkReported(generation,
                    items.stream().map(one -> item(one, now)).toList()));
            case DaemonMessage.Ready(var named) ->
                    acknowledge(call, new Event.DaemonReady(named.orElse(next(state))));
            case DaemonMessage.Drained _ -> acknowledge(call, new Event.DaemonDrained(generation));
            case DaemonMessage.Failed(String reason) ->
                    acknowledge(call, new Event.DaemonFailed(generation, reason));
            case DaemonMessage.Claim _ -> claim(call, generation);
            case DaemonMessage.Confirm(String id) -> confirm(call, id);
            case DaemonMessage.Answer(long id, var error) -> answered(id, error, generation);
            case DaemonMessage.Disconnected _ -> {
                link = Optional.empty();
                asked.clear();
                yield Optional.of(new Event.DaemonDetached(generation));
            }
        };
    }

    private Optional<Event> attach(IncomingRequest call, DaemonMessage.Attach attach, State state) {
        boolean runs = state.phase().current().isPresent();
        if (!runs || !attach.token().equals(token) || attach.generation() < bornAs) {
            refuse(call, "Cannot attach: token and generation are not those of the running daemon; "
                    + "they are in DAEMON_TOKEN and DAEMON_GENERATION");
            return Optional.empty();
        }
        link = Optional.of(call.replyTo());
        call.replyTo().keepOpen();
        asked.clear();
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("protocol", attach.spoken());
        answer.put("instance", instance);
        answer.put("generation", state.currentGeneration());
        answer.put("drainTimeoutMs", drain.toMillis());
        answer.put("candidates", (long) resume.candidates());
        call.replyTo().result(answer);
        return Optional.of(new Event.DaemonAttached(state.currentGeneration()));
    }

    private static void refuse(IncomingRequest call, String why) {
        call.replyTo().error(ErrorCodes.REFUSED, why, Map.of());
    }

    private static Optional<Event> acknowledge(IncomingRequest call, Event event) {
        call.replyTo().result(Map.of());
        return Optional.of(event);
    }

    /**
     * Who asks (with an id) whether a new piece may begin is told so while it is fenced; who only
     * tells has begun it already, and it counts. More about one that is known is no new one.
     */
    private Optional<Event> begin(IncomingRequest call, WorkItem item, State state) {
        boolean fresh = !state.work().has(item.id());
        if (fenced && fresh && call.replyTo().isAwaited()) {
            refuse(call, "restarting, try again shortly");
            return Optional.empty();
        }
        return acknowledge(call, new Event.WorkBegun(state.currentGeneration(), item));
    }

    private static long next(State state) {
        return state.phase() instanceof Phase.Reloading phase ? phase.next()
                : state.currentGeneration();
    }

    private static WorkItem item(ReportedWork told, long now) {
        return new WorkItem(told.id(), told.kind(), told.description(), told.running(),
                told.checkpoint(), told.startedAt().orElseGet(() -> Instant.now().toString()), now);
    }

    private Optional<Event> claim(IncomingRequest call, long generation) {
        return onStorage(call, "claim", () -> {
            Map<String, Object> answer = new LinkedHashMap<>();
            answer.put("candidate",
                    resume.claim(generation).map(InterruptedWorkStore::fields).orElse(null));
            return answer;
        });
    }

    private Optional<Event> confirm(IncomingRequest call, String id) {
        return onStorage(call, "confirm", () -> Map.of("known", resume.confirm(id)));
    }

    private interface Answer {
        Map<String, Object> get() throws IOException;
    }

    /** The answer comes once it is on disk. */
    private Optional<Event> onStorage(IncomingRequest call, String what, Answer answer) {
        boolean taken = storage.submit(() -> {
            try {
                Map<String, Object> result = answer.get();
                inbox.run(() -> call.replyTo().result(result));
            } catch (IOException full) {
                inbox.run(() -> call.replyTo().error(ErrorCodes.FAILED,
                        "Cannot " + what + ": " + full.getMessage(), Map.of()));
            }
        });
        if (!taken) {
            call.replyTo().error(ErrorCodes.BUSY, "Cannot " + what + ": the disk does not answer; "
                    + "try again shortly", Map.of());
        }
        return Optional.empty();
    }

    private Optional<Event> answered(long id, Optional<String> error, long generation) {
        return switch (asked.remove(id)) {
            case DaemonCommand.Fence _ when error.isEmpty() ->
                    Optional.of(new Event.DaemonFenced(generation));
            case DaemonCommand.Reload _ when error.isPresent() ->
                    Optional.of(new Event.DaemonFailed(generation, error.get()));
            case null, default -> Optional.empty();
        };
    }

    // ---- what it is told

    public void send(DaemonCommand notice) {
        if (link.isEmpty()) {
            return;
        }
        long id = ++lastId;
        fenced = switch (notice) {
            case DaemonCommand.Fence _, DaemonCommand.Drain _, DaemonCommand.Stopping _ -> true;
            case DaemonCommand.Unfence _ -> false;
            case DaemonCommand.Reload _ -> fenced;
        };
        if (notice instanceof DaemonCommand.Unfence) {
            // a late answer to what was lifted must not be taken for one to the next fence
            asked.values().removeIf(DaemonCommand.Fence.class::isInstance);
        }
        asked.put(id, notice);
        asked.keySet().removeIf(old -> old < id - 100);
        switch (notice) {
            case DaemonCommand.Fence _ -> write(id, "fence", Map.of());
            case DaemonCommand.Unfence _ -> write(id, "unfence", Map.of());
            case DaemonCommand.Drain(Duration within) ->
                    write(id, "drain", Map.of("timeoutMs", within.toMillis()));
            case DaemonCommand.Reload(long generation) ->
                    write(id, "reload", Map.of("generation", generation));
            case DaemonCommand.Stopping(String reason, Duration expected) -> write(id, "stopping",
                    Map.of("reason", reason, "expectedMs", expected.toMillis()));
        }
    }

    private void write(long id, String method, Map<String, Object> params) {
        link.orElseThrow().request(id, method, params);
    }
}
