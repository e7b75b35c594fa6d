package dev.soleinit.supervisor.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.config.settings.MemoryThreshold;
import dev.soleinit.control.Request;
import dev.soleinit.os.host.CgroupMemory;
import dev.soleinit.process.Child;
import dev.soleinit.process.RestartMode;
import dev.soleinit.statemachine.model.DaemonProcess;
import dev.soleinit.statemachine.model.Phase;
import dev.soleinit.statemachine.settings.Policy;
import dev.soleinit.statemachine.state.State;
import dev.soleinit.storage.EventJournal;
import dev.soleinit.supervisor.reporting.EventLog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** When memory leads to a restart, and when not again. */
class MemoryMonitorTest {
    private static final long MIB = 1 << 20;
    private static final long STEP = MemoryMonitor.INTERVAL.toNanos();

    private final List<String> asked = new ArrayList<>();
    private final List<String> journal = new ArrayList<>();
    private long now;
    private long generation = 1;

    private MemoryMonitor monitor(String threshold) {
        EventJournal lines = EventJournal.none();
        lines.listen(journal::add);
        return new MemoryMonitor(MemoryThreshold.parse(threshold), new EventLog(lines), (request, caller) -> {
            assertEquals(RestartMode.SAFE, ((Request.Restart) request).mode());
            asked.add(caller.origin().word() + " at " + now / STEP);
        });
    }

    private State state(boolean ready) {
        State idle = State.initial(Policy.defaults(), generation, 0);
        return ready ? idle.with(new Phase.Ready(DaemonProcess.spawned(new Child(generation, 41, 1), 0,
                Duration.ZERO, Duration.ZERO), false)) : idle;
    }

    private void uses(MemoryMonitor monitor, long mib, boolean ready, long seconds) {
        for (long end = now + seconds * 1_000_000_000L; now < end; now += STEP) {
            monitor.sampled(Optional.of(new CgroupMemory(mib * MIB, OptionalLong.of(100 * MIB))),
                    state(ready), now);
        }
    }

    private long said(String part) {
        return journal.stream().filter(line -> line.contains(part)).count();
    }

    @Test
    void aUseThatStaysAboveLeadsToOneSafeRestartAndAPeakToNone() {
        MemoryMonitor monitor = monitor("80%");
        uses(monitor, 90, true, 8);
        uses(monitor, 80, true, 2);
        uses(monitor, 90, true, 8);
        uses(monitor, 10, true, 2);
        assertEquals(List.of(), asked);
        uses(monitor, 81, true, 300);
        assertEquals(List.of("memory at 15"), asked, "ten seconds after the 20 s before");
    }

    @Test
    void oneThatDidNotHelpIsNotRepeatedHoweverLongItStaysAbove() {
        MemoryMonitor monitor = monitor("80M");
        uses(monitor, 90, true, 12);
        assertEquals(1, asked.size());
        uses(monitor, 1, false, 40);
        generation = 2;
        uses(monitor, 50, true, 8);
        uses(monitor, 90, true, 7_200);
        assertEquals(1, asked.size(), "the fresh daemon is above from its start on");
        assertEquals(1, said("another restart would not help"), journal.toString());
    }

    @Test
    void betweenTwoThereIsAPauseWhichIsSaid() {
        MemoryMonitor monitor = monitor("80M");
        uses(monitor, 90, true, 12);
        generation = 2;
        uses(monitor, 10, true, 60);
        uses(monitor, 90, true, 500);
        assertEquals(1, asked.size());
        assertEquals(1, said("again; the next restart for memory is asked for in"), journal.toString());
        uses(monitor, 90, true, 100);
        assertEquals(2, asked.size());
    }

    @Test
    void oneThatGaveUpIsAskedForAgainAfterThePause() {
        MemoryMonitor monitor = monitor("80M");
        uses(monitor, 90, true, 598);
        assertEquals(1, asked.size());
        uses(monitor, 90, true, 20);
        assertEquals(2, asked.size());
    }

    @Test
    void whileTheDaemonIsNotReadyNothingIsAskedFor() {
        MemoryMonitor monitor = monitor("80M");
        uses(monitor, 90, false, 600);
        assertEquals(List.of(), asked);
        uses(monitor, 90, true, 2);
        assertEquals(1, asked.size());
    }

    @Test
    void withoutALimitAShareSaysOnceThatItHasNoEffectAndASizeHasOne() {
        MemoryMonitor monitor = monitor("80%");
        Optional<CgroupMemory> endless = Optional.of(new CgroupMemory(90 * MIB, OptionalLong.empty()));
        for (int i = 0; i < 100; i++) {
            monitor.sampled(endless, state(true), now += STEP);
        }
        assertEquals(1, said("this container has no memory limit of which 80% could be taken"));
        MemoryMonitor size = monitor("80M");
        for (int i = 0; i < 7; i++) {
            size.sampled(endless, state(true), now += STEP);
        }
        assertEquals(1, asked.size());
        size.sampled(Optional.empty(), state(true), now += STEP);
        assertEquals(1, said("no memory cgroup can be read"));
        assertTrue(journal.size() >= 3);
    }
}
