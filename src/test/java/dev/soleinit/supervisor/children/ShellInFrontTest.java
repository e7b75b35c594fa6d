package dev.soleinit.supervisor.children;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.soleinit.config.ConfigException;
import dev.soleinit.config.loading.ConfigurationLoader;
import dev.soleinit.os.Kernel;
import dev.soleinit.process.Child;
import dev.soleinit.statemachine.model.DaemonProcess;
import dev.soleinit.statemachine.model.Phase;
import dev.soleinit.statemachine.settings.Policy;
import dev.soleinit.statemachine.state.State;
import dev.soleinit.storage.EventJournal;
import dev.soleinit.supervisor.reporting.EventLog;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** When PID 1 wakes to look for a shell in front of the daemon, and when it never does. */
class ShellInFrontTest {
    private static final int PID = 41;
    private static final int CHILD = 42;
    private static final long SECOND = 1_000_000_000L;

    private final List<String> warnings = new ArrayList<>();
    private OptionalInt child = OptionalInt.empty();
    private int asked;

    private ShellInFront inFront() {
        Kernel os = (Kernel) Proxy.newProxyInstance(Kernel.class.getClassLoader(), new Class<?>[] {Kernel.class},
                (proxy, method, arguments) -> {
                    assertEquals("onlyChildOfShell", method.getName());
                    assertEquals(PID, arguments[0]);
                    asked++;
                    return child;
                });
        try {
            return new ShellInFront(os, ConfigurationLoader.load(Map.of("run-dir", List.of("/tmp/none")), Map.of(),
                    List.of("/bin/daemon")), new EventLog(EventJournal.none()), warnings);
        } catch (ConfigException never) {
            throw new IllegalStateException(never);
        }
    }

    private static State ready(long since) {
        return State.initial(Policy.defaults(), 1, 0).with(new Phase.Ready(DaemonProcess.spawned(
                new Child(1, PID, 1), 0, Duration.ZERO, Duration.ZERO).readySince(since), false));
    }

    @Test
    void whatIsNoShellAtReadinessIsNeverLookedAtAgain() {
        ShellInFront inFront = inFront();
        inFront.follow(ready(SECOND), SECOND);
        assertEquals(Phase.NEVER, inFront.deadline(SECOND));
        inFront.follow(ready(SECOND), 2 * SECOND);
        assertEquals(1, asked, "not with each change of the state");
    }

    @Test
    void aShellIsLookedAtTwiceLaterAndWarnedAboutOnce() {
        child = OptionalInt.of(0);
        ShellInFront inFront = inFront();
        inFront.follow(ready(SECOND), SECOND);
        assertEquals(6 * SECOND, inFront.deadline(SECOND));
        child = OptionalInt.of(CHILD);
        inFront.tick(6 * SECOND);
        assertEquals(7 * SECOND, inFront.deadline(6 * SECOND));
        assertEquals(List.of(), warnings);
        inFront.tick(7 * SECOND);
        assertEquals(1, warnings.size());
        assertEquals(Phase.NEVER, inFront.deadline(7 * SECOND));
    }

    @Test
    void aShellThatHasBecomeItsCommandIsNotWarnedAbout() {
        child = OptionalInt.of(0);
        ShellInFront inFront = inFront();
        inFront.follow(ready(SECOND), SECOND);
        child = OptionalInt.empty();
        inFront.tick(6 * SECOND);
        assertEquals(List.of(), warnings);
        assertEquals(Phase.NEVER, inFront.deadline(6 * SECOND));
    }
}
