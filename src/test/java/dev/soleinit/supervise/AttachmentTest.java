package dev.soleinit.supervise;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.soleinit.control.Call;
import dev.soleinit.control.Caller;
import dev.soleinit.control.ReplyTo;
import dev.soleinit.control.Word;
import dev.soleinit.machine.Event;
import dev.soleinit.machine.Notice;
import dev.soleinit.machine.Settings;
import dev.soleinit.machine.State;
import dev.soleinit.machine.SupervisorMachine;
import dev.soleinit.process.Child;
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
        State state = State.initial(Settings.defaults(), 0, 0);
        for (Event event : new Event[] {new Event.Booted(),
            new Event.GenerationStored(1, Optional.empty()), new Event.Forked(child),
            new Event.Spawned(child)}) {
            state = SupervisorMachine.step(state, event, 0, 0.5).state();
        }
        return state;
    }

    @BeforeEach
    void attach(@TempDir Path dir) {
        attachment = new DaemonConnection(new InterruptedWorkStore(dir, line -> { }), null, null, "instance",
                Duration.ofSeconds(10));
        attachment.expectDaemon(1, "token");
        assertInstanceOf(Event.AttachedTold.class, says(new Word.Attach("token", 1)).orElseThrow());
    }

    private Optional<Event> says(Word word) {
        return attachment.onMessage(new Call(word, new Caller("", "socket", "the daemon"),
                ReplyTo.NOBODY), running, 0);
    }

    @Test
    void theAnswerToAFenceCounts() {
        attachment.send(new Notice.Fence());
        assertInstanceOf(Event.FencedTold.class,
                says(new Word.Answer(1, Optional.empty())).orElseThrow());
    }

    /** Between the two it may have taken on work of which nothing has been heard yet. */
    @Test
    void theAnswerToAFenceThatWasLiftedSaysNothingOfTheNextOne() {
        attachment.send(new Notice.Fence());
        attachment.send(new Notice.Unfence());
        attachment.send(new Notice.Fence());
        assertEquals(Optional.empty(), says(new Word.Answer(1, Optional.empty())));
        assertInstanceOf(Event.FencedTold.class,
                says(new Word.Answer(3, Optional.empty())).orElseThrow());
    }
}
