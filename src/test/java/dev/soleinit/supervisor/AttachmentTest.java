package dev.soleinit.supervisor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.soleinit.control.Caller;
import dev.soleinit.control.DaemonMessage;
import dev.soleinit.control.IncomingRequest;
import dev.soleinit.control.ReplyTo;
import dev.soleinit.process.Child;
import dev.soleinit.statemachine.SupervisorStateMachine;
import dev.soleinit.statemachine.model.DaemonCommand;
import dev.soleinit.statemachine.model.Event;
import dev.soleinit.statemachine.settings.Policy;
import dev.soleinit.statemachine.state.State;
import dev.soleinit.supervisor.daemon.DaemonConnection;
import dev.soleinit.supervisor.daemon.InterruptedWorkStore;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AttachmentTest {
    private final State running = running();
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
    void attach(@TempDir Path dir) {
        attachment = new DaemonConnection(new InterruptedWorkStore(dir, line -> { }), null, null, "instance",
                Duration.ofSeconds(10));
        attachment.expectDaemon(1, "token");
        assertInstanceOf(Event.DaemonAttached.class, says(new DaemonMessage.Attach("token", 1, 1)).orElseThrow());
    }

    private Optional<Event> says(DaemonMessage word) {
        return attachment.onMessage(new IncomingRequest(word, new Caller("", "socket", "the daemon"),
                ReplyTo.DISCARD), running, 0);
    }

    @Test
    void theAnswerToAFenceCounts() {
        attachment.send(new DaemonCommand.Fence());
        assertInstanceOf(Event.DaemonFenced.class,
                says(new DaemonMessage.Answer(1, Optional.empty())).orElseThrow());
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
        attachment.send(new DaemonCommand.Fence());
        attachment.send(new DaemonCommand.Unfence());
        attachment.send(new DaemonCommand.Fence());
        assertEquals(Optional.empty(), says(new DaemonMessage.Answer(1, Optional.empty())));
        assertInstanceOf(Event.DaemonFenced.class,
                says(new DaemonMessage.Answer(3, Optional.empty())).orElseThrow());
    }
}
