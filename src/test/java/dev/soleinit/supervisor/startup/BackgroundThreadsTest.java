package dev.soleinit.supervisor.startup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.config.ConfigException;
import dev.soleinit.config.Configuration;
import dev.soleinit.config.loading.ConfigurationLoader;
import dev.soleinit.statemachine.model.Event;
import dev.soleinit.supervisor.LoopStates;
import dev.soleinit.supervisor.inbox.Inbox;
import dev.soleinit.supervisor.probes.LivenessProber;
import dev.soleinit.supervisor.probes.ReadinessProbers;
import dev.soleinit.supervisor.reporting.StorageWriter;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Where the kernel has no thread left: what is tried again, what counts as failed, and what is said of it. */
class BackgroundThreadsTest {
    private static final long SECOND = 1_000_000_000L;

    private final PrintStream usual = System.err;
    private final ByteArrayOutputStream log = new ByteArrayOutputStream();
    private final List<Runnable> started = new ArrayList<>();
    private boolean none = true;
    private final ThreadFactory factory = task -> new Thread(task) {
        @Override
        public void start() {
            if (none) {
                throw new OutOfMemoryError("unable to create native thread");
            }
            started.add(task);
        }
    };
    private final BackgroundThreads threads = new BackgroundThreads(factory);

    @BeforeEach
    void listen() {
        System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
    }

    @AfterEach
    void listenNoMore() {
        System.setErr(usual);
    }

    private long lines() {
        return log.toString(StandardCharsets.UTF_8).lines().filter(one -> one.contains("thread")).count();
    }

    private static Configuration configuration(String key, String value) throws ConfigException {
        return ConfigurationLoader.load(Map.of("run-dir", List.of("/tmp/none"), key, List.of(value)), Map.of(),
                List.of("/bin/daemon"));
    }

    @Test
    void whatIsNeededIsTriedEachSecondWithOneLineForAll() {
        List<String> begun = new ArrayList<>();
        for (String name : List.of("storage", "control")) {
            threads.require(name, () -> {
                factory.newThread(() -> { }).start();
                begun.add(name);
            });
        }
        threads.tick(0);
        assertEquals(SECOND, threads.deadline(0));
        for (long now = 0; now < 10 * SECOND; now += SECOND / 4) {
            threads.tick(now);
        }
        assertEquals(List.of(), begun);
        assertEquals(1, lines(), log.toString(StandardCharsets.UTF_8));
        none = false;
        threads.tick(10 * SECOND);
        assertEquals(List.of("storage", "control"), begun);
        assertEquals(Long.MAX_VALUE, threads.deadline(0));
        assertEquals(2, lines(), "that it is over is said, too");
    }

    @Test
    void aProbeOfReadinessIsAskedForAgainWithOneLine() throws ConfigException {
        Inbox inbox = new Inbox(() -> { });
        ReadinessProbers prober = new ReadinessProbers(null, null, configuration("ready", "tcp 127.0.0.1:1"), inbox, threads);
        prober.follow(LoopStates.starting(), 0);
        long first = prober.deadline(0);
        assertEquals(Duration.ofMillis(200).toNanos(), first);
        for (long now = first; now < 5 * SECOND; now = prober.deadline(0)) {
            prober.tick(now);
        }
        assertEquals(1, lines());
        none = false;
        prober.tick(prober.deadline(0));
        assertEquals(1, started.size());
        assertEquals(Long.MAX_VALUE, prober.deadline(0), "its thread goes on by itself");
    }

    @Test
    void aProbeOfLivenessThatCannotBeAskedHasFailed() throws ConfigException {
        Inbox inbox = new Inbox(() -> { });
        long[] clock = new long[1];
        LivenessProber liveness = new LivenessProber(configuration("live", "tcp 127.0.0.1:1"), null, inbox,
                threads, () -> clock[0]);
        liveness.follow(LoopStates.ready(), 0);
        for (int i = 0; i < 3; i++) {
            assertEquals(Optional.empty(), inbox.nextEvent());
            clock[0] = liveness.deadline(0);
            liveness.tick(clock[0]);
        }
        assertTrue(inbox.nextEvent().orElseThrow() instanceof Event.DaemonHung hung
                && hung.reason().endsWith("no thread is left to ask with"));
        assertEquals(1, lines());
    }

    @Test
    void theStorageThreadKeepsWhatItWasGivenUntilItBegins() {
        StorageWriter storage = new StorageWriter(factory);
        List<String> done = new ArrayList<>();
        threads.require("storage", storage::start);
        assertTrue(storage.submit(() -> done.add("first")));
        assertEquals(List.of(), done);
        storage.close(10_000);
        none = false;
        assertTrue(storage.runNext());
        assertEquals(List.of("first"), done);
    }

    @Test
    void withoutAThreadToLoadAheadItIsLoadedWhenNeeded() {
        assertTrue(assertThrows(StartupException.class, () -> StartupPreloader.begin(factory, () -> {
            throw new IllegalStateException("no library");
        }).awaitKernel()).getMessage().contains("no library"));
    }
}
