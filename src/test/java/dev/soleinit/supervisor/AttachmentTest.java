package dev.soleinit.supervisor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.control.Caller;
import dev.soleinit.control.DaemonMessage;
import dev.soleinit.control.IncomingRequest;
import dev.soleinit.control.ReplyTo;
import dev.soleinit.control.ReportedWork;
import dev.soleinit.process.Child;
import dev.soleinit.statemachine.SupervisorStateMachine;
import dev.soleinit.statemachine.model.DaemonCommand;
import dev.soleinit.statemachine.model.Effect;
import dev.soleinit.statemachine.model.Event;
import dev.soleinit.statemachine.settings.Policy;
import dev.soleinit.statemachine.state.State;
import dev.soleinit.statemachine.work.WorkItem;
import dev.soleinit.supervisor.daemon.DaemonConnection;
import dev.soleinit.supervisor.daemon.InterruptedWorkStore;
import dev.soleinit.supervisor.inbox.Inbox;
import dev.soleinit.supervisor.reporting.StorageWriter;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AttachmentTest {
    private final State running = running();
    @TempDir
    Path dir;
    private DaemonConnection attachment;

    private static State running() {
        Child child = new Child(1, 2, 3);
        State state = State.initial(Policy.defaults(), 0, 0);
        for (Event event : new Event[] {new Event.Booted(),
            new Event.GenerationPersisted(1, Optional.empty()), new Event.Forked(child),
            new Event.Spawned(child)}) {
            state = SupervisorStateMachine.step(state, event, 0, 0.5).state();
        }
        return state;
    }

    @BeforeEach
    void attach() {
        attachment = new DaemonConnection(new InterruptedWorkStore(dir, line -> { }), null, null, "instance",
                Duration.ofSeconds(10));
        attachment.expectDaemon(1, "token");
        assertInstanceOf(Event.DaemonAttached.class, says(new DaemonMessage.Attach("token", 1, 1)).orElseThrow());
    }

    private Optional<Event> says(DaemonMessage word) {
        return attachment.onMessage(new IncomingRequest(word, new Caller("", Caller.Origin.SOCKET, "the daemon"),
                ReplyTo.DISCARD), running, 0);
    }

    @Test
    void theAnswerToAFenceCounts() {
        attachment.send(1, new DaemonCommand.Fence(""));
        assertInstanceOf(Event.DaemonFenced.class,
                says(new DaemonMessage.Answer(1, Optional.empty())).orElseThrow());
    }

    /** An answer that is kept; {@code awaited}: what it answers had an id. */
    private static ReplyTo reply(Map<String, Object> kept, boolean awaited) {
        return (ReplyTo) Proxy.newProxyInstance(ReplyTo.class.getClassLoader(), new Class<?>[] {ReplyTo.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "connection" -> ReplyTo.DISCARD.connection();
                    case "isAwaited" -> awaited;
                    case "result" -> kept.put("result", arguments[0]);
                    case "error" -> kept.put("error", arguments[1]);
                    default -> throw new UnsupportedOperationException(method.getName());
                });
    }

    private String begins(String id, boolean awaited, State state) {
        Map<String, Object> kept = new HashMap<>();
        ReportedWork work = new ReportedWork(id, "task", "", true, Optional.empty(), Optional.empty());
        boolean counts = attachment.onMessage(new IncomingRequest(new DaemonMessage.WorkBegin(work),
                new Caller("", Caller.Origin.SOCKET, "the daemon"), reply(kept, awaited)), state, 0).isPresent();
        return (counts ? "counts, " : "does not count, ") + kept;
    }

    @Test
    void workThatAsksWhetherItMayBeginIsRefusedWhileFenced() {
        assertEquals("counts, {result={}}", begins("w1", true, running));
        attachment.send(1, new DaemonCommand.Drain(Duration.ofSeconds(10)));
        assertEquals("does not count, {error=restarting, try again shortly}", begins("w2", true, running));
        assertEquals("counts, {result={}}", begins("w2", false, running), "without an id it is told, not asked");
        attachment.send(1, new DaemonCommand.Unfence());
        assertEquals("counts, {result={}}", begins("w3", true, running));
        attachment.send(1, new DaemonCommand.Stopping("a restart", Duration.ZERO));
        assertEquals("does not count, {error=restarting, try again shortly}", begins("w4", true, running));
    }

    /** It could not begin it: that would be one of the three times that it is offered. */
    @Test
    void whoAsksForInterruptedWorkWhileFencedIsOfferedItAfterwards() throws IOException {
        StorageWriter storage = new StorageWriter(Thread::new);
        List<String> told = new ArrayList<>();
        WorkItem left = new WorkItem("w1", "task", "", true, Optional.empty(), "", 0);
        InterruptedWorkStore store = new InterruptedWorkStore(dir, line -> { });
        store.save(new Effect.SaveManifest(1, 0, "restart", List.of(left), 0, true));
        attachment = new DaemonConnection(store, storage, new Inbox(() -> { }), "instance",
                Duration.ofSeconds(10));
        attachment.expectDaemon(1, "token");
        attachment.onMessage(new IncomingRequest(new DaemonMessage.Attach("token", 1, 1),
                new Caller("", Caller.Origin.SOCKET, "the daemon"), listening(told)), running, 0);
        attachment.send(1, new DaemonCommand.Unfence());
        assertEquals(List.of("unfence"), told, "nobody has asked");
        attachment.send(1, new DaemonCommand.Drain(Duration.ofSeconds(10)));
        assertEquals("{result={candidate=null}}", claims());
        assertFalse(storage.runNext(), "nothing is claimed");
        attachment.send(1, new DaemonCommand.Unfence());
        assertEquals(List.of("unfence", "drain", "unfence", "resume"), told);
        assertEquals("{}", claims());
        assertTrue(storage.runNext(), "it is claimed");
        attachment.send(1, new DaemonCommand.Unfence());
        assertEquals("unfence", told.getLast(), "once is enough");
    }

    private String claims() {
        Map<String, Object> kept = new HashMap<>();
        attachment.onMessage(new IncomingRequest(new DaemonMessage.Claim(), new Caller("", Caller.Origin.SOCKET,
                "the daemon"), reply(kept, true)), running, 0);
        return kept.toString();
    }

    /** A connection that notes what goes to the daemon. */
    private static ReplyTo listening(List<String> told) {
        return (ReplyTo) Proxy.newProxyInstance(ReplyTo.class.getClassLoader(), new Class<?>[] {ReplyTo.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "connection" -> ReplyTo.DISCARD.connection();
                    case "request" -> told.add((String) arguments[1]);
                    default -> null;
                });
    }

    @Test
    void moreAboutKnownWorkIsTakenWhileFenced() {
        Event begun = says(new DaemonMessage.WorkBegin(new ReportedWork("w1", "task", "", true,
                Optional.empty(), Optional.empty()))).orElseThrow();
        State busy = SupervisorStateMachine.step(running, begun, 0, 0.5).state();
        attachment.send(1, new DaemonCommand.Fence(""));
        assertEquals("counts, {result={}}", begins("w1", true, busy));
        assertEquals("does not count, {error=restarting, try again shortly}", begins("w2", true, busy));
    }

    @Test
    void ofTwoVersionsTheLowerIsSpoken() {
        assertEquals(1, new DaemonMessage.Attach("token", 1, 99).spoken());
        assertInstanceOf(Event.DaemonAttached.class,
                says(new DaemonMessage.Attach("token", 1, 99)).orElseThrow());
    }

    /** Between the two it may have taken on work of which nothing has been heard yet. */
    @Test
    void theAnswerToAFenceThatWasLiftedSaysNothingOfTheNextOne() {
        attachment.send(1, new DaemonCommand.Fence(""));
        attachment.send(1, new DaemonCommand.Unfence());
        attachment.send(1, new DaemonCommand.Fence(""));
        assertEquals(Optional.empty(), says(new DaemonMessage.Answer(1, Optional.empty())));
        assertInstanceOf(Event.DaemonFenced.class,
                says(new DaemonMessage.Answer(3, Optional.empty())).orElseThrow());
    }
}
