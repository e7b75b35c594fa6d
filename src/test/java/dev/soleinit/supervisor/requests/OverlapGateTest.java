package dev.soleinit.supervisor.requests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.config.ConfigException;
import dev.soleinit.config.loading.ConfigurationLoader;
import dev.soleinit.control.Request.Overlap;
import dev.soleinit.process.Child;
import dev.soleinit.statemachine.SupervisorStateMachine;
import dev.soleinit.statemachine.model.Event;
import dev.soleinit.statemachine.settings.Policy;
import dev.soleinit.statemachine.state.State;
import dev.soleinit.supervisor.requests.OverlapGate.Ordinary;
import dev.soleinit.supervisor.requests.OverlapGate.Overlapping;
import dev.soleinit.supervisor.requests.OverlapGate.Refused;
import dev.soleinit.supervisor.requests.OverlapGate.Verdict;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** What lets two generations run at once, and each reason that does not. */
class OverlapGateTest {
    private final Map<String, List<String>> flags = new HashMap<>(Map.of(
            "listen", List.of("tcp:127.0.0.1:8080"), "ready", List.of("notify")));
    private boolean terminal;
    private OptionalLong room = OptionalLong.empty();

    private static State ready() {
        Child child = new Child(1, 2, 3);
        State state = State.initial(Policy.defaults(), 0, 0);
        for (Event event : new Event[] {new Event.Booted(),
            new Event.GenerationPersisted(1, Optional.empty()), new Event.Forked(child),
            new Event.Spawned(child)}) {
            state = SupervisorStateMachine.step(state, event, 0, 0.5).state();
        }
        return state;
    }

    private Verdict judge(Optional<Overlap> asked, State state) {
        try {
            return new OverlapGate(ConfigurationLoader.load(flags, Map.of(), List.of("/bin/true")), terminal,
                    () -> room, () -> 300_000_000).judge(asked, state);
        } catch (ConfigException wrong) {
            throw new IllegalArgumentException(wrong);
        }
    }

    private Verdict asked(Overlap overlap) {
        return judge(Optional.of(overlap), ready());
    }

    private void refused(Overlap overlap, String words) {
        Verdict verdict = asked(overlap);
        assertTrue(verdict instanceof Refused(String why) && why.contains(words), verdict.toString());
    }

    @Test
    void onKeptSocketsAndToldOfReadinessItMay() {
        assertEquals(new Overlapping(), asked(Overlap.YES));
        for (String how : List.of("attach", "exec /bin/true")) {
            flags.put("ready", List.of(how));
            assertEquals(new Overlapping(), asked(Overlap.YES), how);
        }
    }

    @Test
    void whatIsNotAskedForIsNotDone() {
        assertEquals(new Ordinary(Optional.empty()), judge(Optional.empty(), ready()));
        flags.put("overlap", List.of("yes"));
        assertEquals(new Overlapping(), judge(Optional.empty(), ready()));
        assertEquals(new Ordinary(Optional.empty()), asked(Overlap.NO));
    }

    @Test
    void withoutKeptSocketsItMustBeSaidThatThePortIsShared() {
        flags.remove("listen");
        refused(Overlap.YES, "--listen");
        refused(Overlap.IF_ROOM, "--listen");
        assertEquals(new Overlapping(), asked(Overlap.SHARED_PORT));
        flags.put("overlap", List.of("shared-port"));
        assertEquals(new Overlapping(), asked(Overlap.YES), "the setting has said so");
    }

    @Test
    void readinessHasToTellWhichOfTheTwoItIs() {
        for (String how : List.of("none", "tcp 127.0.0.1:8080", "http http://127.0.0.1:8080/")) {
            flags.put("ready", List.of(how));
            refused(Overlap.YES, "--ready " + how.split(" ")[0]);
        }
    }

    @Test
    void whereTheRunningOneWouldNotFitTwiceItIsRefusedWithFigures() {
        room = OptionalLong.of(299_000_000);
        refused(Overlap.YES, "uses 300 MB, and the memory limit leaves 299 MB");
        Verdict ifRoom = asked(Overlap.IF_ROOM);
        assertTrue(ifRoom instanceof Ordinary(var why) && why.orElseThrow().contains("299 MB"), ifRoom.toString());
        room = OptionalLong.of(300_000_000);
        assertEquals(new Overlapping(), asked(Overlap.YES));
        assertEquals(new Overlapping(), asked(Overlap.IF_ROOM));
    }

    @Test
    void aSharedPortAndTooLittleRoomCanBeSaidAtOnce() {
        flags.remove("listen");
        assertEquals(new Overlapping(), asked(Overlap.IF_ROOM_SHARED_PORT));
        room = OptionalLong.of(299_000_000);
        assertTrue(asked(Overlap.IF_ROOM_SHARED_PORT) instanceof Ordinary);
        refused(Overlap.SHARED_PORT, "299 MB");
        flags.put("overlap", List.of("if-room,shared-port"));
        assertTrue(asked(Overlap.YES) instanceof Ordinary, "the setting has said so");
        room = OptionalLong.empty();
        assertEquals(new Overlapping(), judge(Optional.empty(), ready()));
    }

    @Test
    void aPresetOrAPersonCanForbidIt() {
        flags.put("overlap", List.of("never"));
        refused(Overlap.YES, "never (flag)");
        refused(Overlap.SHARED_PORT, "never (flag)");
        flags.remove("overlap");
        flags.put("preset", List.of("postgres"));
        refused(Overlap.YES, "never (preset postgres)");
        flags.put("overlap", List.of("yes"));
        assertEquals(new Overlapping(), asked(Overlap.YES), "all other settings win over a preset");
    }

    @Test
    void oneTerminalIsForOneDaemon() {
        terminal = true;
        refused(Overlap.YES, "terminal");
    }

    @Test
    void withoutAReadyGenerationItIsAnOrdinaryOne() {
        Verdict verdict = judge(Optional.of(Overlap.YES), State.initial(Policy.defaults(), 0, 0));
        assertTrue(verdict instanceof Ordinary(var why) && why.isPresent(), verdict.toString());
    }
}
