package dev.soleinit.supervisor.daemon;

import dev.soleinit.control.DaemonMessage;
import dev.soleinit.control.ErrorCodes;
import dev.soleinit.control.IncomingRequest;
import dev.soleinit.control.ReportedWork;
import dev.soleinit.statemachine.model.DaemonCommand;
import dev.soleinit.statemachine.model.DaemonProcess;
import dev.soleinit.statemachine.model.Event;
import dev.soleinit.statemachine.model.Phase;
import dev.soleinit.statemachine.settings.ReadySettings.Source;
import dev.soleinit.statemachine.state.State;
import dev.soleinit.statemachine.work.WorkItem;
import dev.soleinit.storage.RestartManifest;
import dev.soleinit.supervisor.inbox.Inbox;
import dev.soleinit.supervisor.loop.StateObserver;
import dev.soleinit.supervisor.reporting.StorageWriter;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What daemons say on their own connections becomes events, what the machine wants to tell one goes out
 * over its. A daemon proves itself with the token that only its process got; a newer connection of it
 * takes the place of an older one. There is one daemon, or two while a restart overlaps: what is said on
 * one's connection reaches nothing of the other's. Used on the loop's thread.
 */
public final class DaemonConnection implements StateObserver {
    private final InterruptedWorkStore resume;
    private final StorageWriter storage;
    private final Inbox inbox;
    private final String instance;
    private final Duration drain;
    /** Oldest first. */
    private final List<DaemonLink> links = new ArrayList<>();

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
        links.add(new DaemonLink(generation, fresh));
    }

    /** Forgets the daemons that have ended; the newest may not have its process yet. */
    @Override
    public void follow(State state, long now) {
        links.removeIf(link -> !isAlive(link, state) && link.spawnGeneration() < state.generation());
    }

    private static boolean isAlive(DaemonLink link, State state) {
        boolean alive = false;
        for (DaemonProcess process : state.processes()) {
            alive |= link.follows(process);
        }
        return alive;
    }

    // ---- what it says

    /** Takes a word, answers it where an answer is wanted, and says what it means. */
    public Optional<Event> onMessage(IncomingRequest call, State state, long now) {
        if (call.request() instanceof DaemonMessage.Attach attach) {
            return attach(call, attach, state);
        }
        Optional<DaemonLink> speaker =
                links.stream().filter(link -> link.isOn(call.replyTo())).findFirst();
        if (speaker.isEmpty()) {
            if (!(call.request() instanceof DaemonMessage.Disconnected)) {
                refuse(call, "Cannot take that: attach first; an older generation is not heard");
            }
            return Optional.empty();
        }
        return said(speaker.get(), call, state, now);
    }

    private Optional<Event> said(DaemonLink link, IncomingRequest call, State state, long now) {
        long generation = link.generation();
        return switch ((DaemonMessage) call.request()) {
            case DaemonMessage.Attach _ -> Optional.empty();
            case DaemonMessage.WorkBegin(var item) -> begin(link, call, item(item, now), state);
            case DaemonMessage.WorkEnd(String id) ->
                    acknowledge(call, new Event.WorkEnded(generation, id));
            case DaemonMessage.WorkReport(var items) ->
                    acknowledge(call, new Event.WorkReported(generation,
                    items.stream().map(one -> item(one, now)).toList()));
            case DaemonMessage.Ready(var named) ->
                    acknowledge(call, new Event.DaemonReady(named.orElse(next(link, state)),
                            Source.ATTACH));
            case DaemonMessage.Drained _ -> acknowledge(call, new Event.DaemonDrained(generation));
            case DaemonMessage.Failed(String reason) ->
                    acknowledge(call, new Event.DaemonFailed(generation, reason));
            case DaemonMessage.Claim _ -> claim(link, call, state);
            case DaemonMessage.Confirm(String id) -> confirm(call, id);
            case DaemonMessage.Answer(long id, var error) -> link.answered(id, error);
            case DaemonMessage.Disconnected _ -> {
                link.detach();
                yield Optional.of(new Event.DaemonDetached(generation));
            }
        };
    }

    private Optional<Event> attach(IncomingRequest call, DaemonMessage.Attach attach, State state) {
        Optional<DaemonLink> proved = links.stream().filter(link -> isAlive(link, state)
                && link.isProvedBy(attach.token(), attach.generation())).findFirst();
        if (proved.isEmpty()) {
            refuse(call, "Cannot attach: token and generation are not those of the running daemon; "
                    + "they are in DAEMON_TOKEN and DAEMON_GENERATION");
            return Optional.empty();
        }
        DaemonLink link = proved.get();
        link.attach(call.replyTo());
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("protocol", attach.spoken());
        answer.put("instance", instance);
        answer.put("generation", link.generation());
        answer.put("drainTimeoutMs", drain.toMillis());
        answer.put("candidates", (long) resume.candidates());
        call.replyTo().result(answer);
        return Optional.of(new Event.DaemonAttached(link.generation()));
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
    private static Optional<Event> begin(DaemonLink link, IncomingRequest call, WorkItem item,
            State state) {
        boolean known = Daemons.work(state, link.generation())
                .map(work -> work.has(item.id())).orElse(false);
        if (link.isFenced() && !known && call.replyTo().isAwaited()) {
            refuse(call, "restarting, try again shortly");
            return Optional.empty();
        }
        return acknowledge(call, new Event.WorkBegun(link.generation(), item));
    }

    /** The generation that it becomes, if it is the one that reloads. */
    private static long next(DaemonLink link, State state) {
        return state.phase() instanceof Phase.Reloading phase
                && phase.run().child().generation() == link.generation() ? phase.next()
                : link.generation();
    }

    private static WorkItem item(ReportedWork told, long now) {
        return new WorkItem(told.id(), told.kind(), told.description(), told.running(),
                told.checkpoint(), told.startedAt().orElseGet(() -> Instant.now().toString()), now);
    }

    /** Who is fenced could not begin it, which would be one of the few times that it is offered. */
    private Optional<Event> claim(DaemonLink link, IncomingRequest call, State state) {
        if (link.withholdsWork()) {
            call.replyTo().result(candidate(Optional.empty()));
            return Optional.empty();
        }
        long generation = link.generation();
        Set<Long> others = new HashSet<>();
        for (DaemonProcess process : state.processes()) {
            others.add(process.child().generation());
        }
        others.remove(generation);
        return onStorage(call, "claim", () -> candidate(resume.claim(generation, others)));
    }

    private static Map<String, Object> candidate(Optional<RestartManifest.Entry> next) {
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("candidate", next.map(InterruptedWorkStore::fields).orElse(null));
        return answer;
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

    // ---- what it is told

    /** What a generation has left that has ended beside newer ones: they ask for it once more. */
    public void offerInterrupted(long left) {
        for (DaemonLink link : links) {
            if (link.generation() > left && resume.candidates() > 0) {
                link.offerInterrupted(resume.candidates());
            }
        }
    }

    /** What it asked for while it was fenced, now that it is not. */
    private void offerWithheld(DaemonLink link) {
        if (link.owesOffer() && resume.candidates() > 0) {
            link.offerInterrupted(resume.candidates());
        }
    }

    /** Tells the daemon of that generation, if it is attached. */
    public void send(long generation, DaemonCommand notice) {
        for (DaemonLink link : links) {
            if (link.generation() == generation) {
                link.send(notice);
                offerWithheld(link);
            }
        }
    }
}
