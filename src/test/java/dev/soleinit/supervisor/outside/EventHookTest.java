package dev.soleinit.supervisor.outside;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.os.Kernel;
import dev.soleinit.os.Kernel.SpawnResult;
import dev.soleinit.process.ExitStatus;
import dev.soleinit.process.SpawnError;
import dev.soleinit.statemachine.model.Phase;
import dev.soleinit.statemachine.settings.Policy;
import dev.soleinit.statemachine.state.State;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the command of --on-event gets, in which order, and what it never gets. */
class EventHookTest {
    private static final int FIRST = 41;

    private final List<String> started = new ArrayList<>();
    private final List<Integer> killed = new ArrayList<>();
    private boolean noProcesses;
    private final State state = State.initial(Policy.defaults(), 0, 0);
    private final EventHook hook = new EventHook(os(), List.of("cat"), (_, _, input) -> {
        started.add(new String(input, StandardCharsets.UTF_8));
        return noProcesses ? new SpawnResult.Failed(new SpawnError(SpawnError.Kind.RESOURCES, "no process"))
                : new SpawnResult.Started(FIRST - 1 + started.size(), 1);
    });

    private Kernel os() {
        return (Kernel) Proxy.newProxyInstance(Kernel.class.getClassLoader(), new Class<?>[] {Kernel.class},
                (_, method, arguments) -> switch (method.getName()) {
                    case "readOutput" -> 0;
                    case "closeOutput" -> null;
                    case "killGroup" -> killed.add((Integer) arguments[0]);
                    default -> throw new UnsupportedOperationException(method.getName());
                });
    }

    private void end(int pid, int code) {
        assertTrue(hook.reaped(pid, new ExitStatus.Exited(code), 0));
    }

    @Test
    void linesAreGivenOneAfterTheOtherAndNoneIsStartedBeforeTheTurnComes() {
        hook.event("{\"seq\":1}");
        hook.event("{\"seq\":2}");
        assertEquals(List.of(), started, "the loop is deciding");
        assertEquals(5, hook.deadline(5), "it is due at once");
        hook.tick(state, 5);
        hook.tick(state, 6);
        assertEquals(List.of("{\"seq\":1}\n"), started, "one at a time");
        end(FIRST, 0);
        hook.tick(state, 7);
        assertEquals(List.of("{\"seq\":1}\n", "{\"seq\":2}\n"), started);
        end(FIRST + 1, 0);
        assertEquals(Phase.NEVER, hook.deadline(8), "nothing is due");
        assertEquals(0, hook.dropped());
    }

    @Test
    void whatWaitsIsBoundedAndTheRestIsCounted() {
        for (int i = 0; i < EventHook.MAX_WAITING + 7; i++) {
            hook.event("line " + i);
        }
        assertEquals(7, hook.dropped());
        hook.tick(state, 1);
        hook.event("one more has room");
        assertEquals(7, hook.dropped());
    }

    @Test
    void aLineThatNoPipeTakesAtOnceIsCountedAndNotGivenInPart() {
        hook.event("x".repeat(EventHook.MAX_LINE_BYTES));
        hook.tick(state, 1);
        assertEquals(List.of(), started);
        assertEquals(1, hook.dropped());
    }

    @Test
    void oneThatHangsIsKilledInTimeAndTheNextLineIsGiven() {
        hook.event("a");
        hook.event("b");
        hook.tick(state, 0);
        assertEquals(EventHook.TIMEOUT.toNanos(), hook.deadline(1));
        hook.tick(state, EventHook.TIMEOUT.toNanos());
        assertEquals(List.of(FIRST), killed);
        assertFalse(hook.has(FIRST));
        assertEquals(List.of("a\n", "b\n"), started);
    }

    @Test
    void oneThatCannotBeStartedOrFailsDoesNotKeepTheNextLineBack() {
        noProcesses = true;
        hook.event("a");
        hook.event("b");
        hook.tick(state, 0);
        noProcesses = false;
        hook.tick(state, 1);
        end(FIRST + 1, 137);
        hook.event("c");
        hook.tick(state, 2);
        assertEquals(List.of("a\n", "b\n", "c\n"), started);
    }

    @Test
    void onceTheDaemonHasEndedForGoodTheCommandIsKilledAndNoneIsStarted() {
        hook.event("a");
        hook.event("b");
        hook.tick(state, 0);
        State ended = state.with(new Phase.Done(0));
        hook.tick(ended, 1);
        hook.event("c");
        hook.tick(ended, 2);
        assertEquals(List.of("a\n"), started);
        assertEquals(List.of(FIRST), killed);
        assertEquals(3, hook.dropped(), "the one that was killed, the one that waited, and the late one");
        assertEquals(Phase.NEVER, hook.deadline(3));
    }
}
