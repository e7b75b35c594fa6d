package dev.soleinit.lifecycle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The run loop without a supervisor; with one it is tested as a real daemon. */
class LifecycleTest {
    @TempDir
    Path dir;

    private final BlockingQueue<String> told = new LinkedBlockingQueue<>();

    private CompletableFuture<Integer> run(Lifecycle lifecycle) {
        return CompletableFuture.supplyAsync(lifecycle::loop, Thread.ofPlatform()::start);
    }

    private Lifecycle of(Service service) {
        return Lifecycle.of(Map.of("DAEMON_STATE_DIR", dir.toString(), "DAEMON_DRAIN_TIMEOUT",
                "2000ms"), service);
    }

    private void expect(String word) throws InterruptedException {
        assertEquals(word, told.poll(10, TimeUnit.SECONDS));
    }

    @Test
    void itStartsIsRebuiltAndStops() throws Exception {
        List<Context> lives = new ArrayList<>();
        Lifecycle lifecycle = of(context -> {
            lives.add(context);
            context.onReset(() -> told.add("reset"));
            told.add("start");
            return () -> told.add("stop");
        });
        CompletableFuture<Integer> code = run(lifecycle);
        expect("start");
        lifecycle.requestReload();
        expect("stop");
        expect("reset");
        expect("start");
        lifecycle.stop();
        expect("stop");
        assertEquals(0, code.get(10, TimeUnit.SECONDS));
        assertFalse(lives.getFirst().isSupervised());
    }

    @Test
    void aFirstStartThatFailsEndsIt() throws Exception {
        assertEquals(78, run(of(context -> {
            throw new ConfigurationException("no port");
        })).get(10, TimeUnit.SECONDS));
        assertEquals(1, run(of(context -> {
            throw new IllegalStateException("bug");
        })).get(10, TimeUnit.SECONDS));
    }

    @Test
    void aRebuildThatFailsStandingAloneWaitsForTheNextReload() throws Exception {
        AtomicReference<String> bad = new AtomicReference<>("");
        Lifecycle lifecycle = of(context -> {
            if (!bad.get().isEmpty()) {
                told.add("bad");
                throw new ConfigurationException(bad.get());
            }
            told.add("start");
            return () -> told.add("stop");
        });
        CompletableFuture<Integer> code = run(lifecycle);
        expect("start");
        bad.set("no such host");
        lifecycle.requestReload();
        expect("stop");
        expect("bad");
        lifecycle.requestReload();
        expect("bad");
        bad.set("");
        lifecycle.requestReload();
        expect("start");
        lifecycle.stop();
        assertEquals(0, code.get(10, TimeUnit.SECONDS));
    }

    @Test
    void aReloadDuringAStartIsQueuedAndAStopDuringAStartWins() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        Lifecycle lifecycle = of(context -> {
            told.add("starting");
            go.await();
            told.add("started");
            return () -> told.add("stop");
        });
        CompletableFuture<Integer> code = run(lifecycle);
        expect("starting");
        lifecycle.requestReload();
        go.countDown();
        expect("started");
        expect("stop");
        expect("starting");
        expect("started");
        lifecycle.stop();
        assertEquals(0, code.get(10, TimeUnit.SECONDS));
        Lifecycle stuck = of(context -> {
            told.add("hangs");
            new CountDownLatch(1).await();
            return () -> { };
        });
        told.clear();
        CompletableFuture<Integer> stopped = run(stuck);
        expect("hangs");
        stuck.stop();
        assertEquals(0, stopped.get(10, TimeUnit.SECONDS));
    }

    @Test
    void stateIsSnappedAfterTheWorkHasEndedAndRestoredInTheNextLife() throws Exception {
        BlockingQueue<Restored> found = new LinkedBlockingQueue<>();
        AtomicReference<WorkGate> gate = new AtomicReference<>();
        AtomicReference<String> last = new AtomicReference<>("nothing");
        Service service = context -> {
            gate.set(context.gate());
            found.add(context.state("users", () -> Map.of("last", last.get())));
            return () -> { };
        };
        Lifecycle lifecycle = of(service);
        CompletableFuture<Integer> code = run(lifecycle);
        assertTrue(found.poll(10, TimeUnit.SECONDS) instanceof Restored.None);
        Work work = gate.get().begin("session", "s", "");
        Thread.ofVirtual().start(() -> {
            Thread.yield();
            last.set("ended in time");
            work.close();
        });
        lifecycle.requestReload();
        assertEquals("ended in time",
                found.poll(10, TimeUnit.SECONDS).found().orElseThrow().get("last"));
        lifecycle.stop();
        assertEquals(0, code.get(10, TimeUnit.SECONDS));
        Lifecycle next = of(service);
        CompletableFuture<Integer> again = run(next);
        assertTrue(found.poll(10, TimeUnit.SECONDS) instanceof Restored.State);
        next.stop();
        again.get(10, TimeUnit.SECONDS);
    }

    @Test
    void workThatAReloadInterruptsIsHandedToTheNextLife() throws Exception {
        AtomicReference<WorkGate> gate = new AtomicReference<>();
        Lifecycle lifecycle = Lifecycle.of(Map.of("DAEMON_STATE_DIR", dir.toString(),
                "DAEMON_DRAIN_TIMEOUT", "50ms"), context -> {
                    gate.set(context.gate());
                    context.resume(candidate -> told.add("resumed " + candidate.id() + " at "
                            + candidate.checkpoint().orElse("")));
                    told.add("start");
                    return () -> { };
                });
        CompletableFuture<Integer> code = run(lifecycle);
        expect("start");
        gate.get().begin("session", "s", "").checkpoint("7");
        lifecycle.requestReload();
        expect("start");
        expect("resumed s at 7");
        lifecycle.stop();
        assertEquals(0, code.get(10, TimeUnit.SECONDS));
    }

    private static void write(SocketChannel to, String line) throws Exception {
        to.write(ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8)));
    }

    /** Only the life that serves gets interrupted work: the next one asks for it when it begins. */
    @Test
    void aLifeThatHasEndedIsNotHandedWork() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        AtomicInteger lives = new AtomicInteger();
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(dir.resolve("control.sock")));
            Lifecycle lifecycle = Lifecycle.of(Map.of("DAEMON_TOKEN", "t", "DAEMON_RUN_DIR",
                    dir.toString(), "DAEMON_STATE_DIR", dir.toString()), context -> {
                        if (lives.incrementAndGet() == 1) {
                            context.resume(candidate -> told.add("too late"));
                        } else {
                            told.add("building");
                            go.await();
                        }
                        return () -> { };
                    });
            CompletableFuture<Integer> code = run(lifecycle);
            try (SocketChannel daemon = server.accept()) {
                BufferedReader lines = new BufferedReader(
                        Channels.newReader(daemon, StandardCharsets.UTF_8));
                write(daemon, "{\"id\":0,\"result\":{\"protocol\":1}}");
                read(lines, "resume.claim");
                write(daemon, "{\"id\":1,\"result\":{\"candidate\":null}}");
                write(daemon, "{\"id\":5,\"method\":\"reload\",\"params\":{\"generation\":2}}");
                expect("building");
                write(daemon, "{\"id\":6,\"method\":\"resume\",\"params\":{\"candidates\":1}}");
                String said = read(lines, "\"id\":6");
                go.countDown();
                said += read(lines, "\"ready\"");
                assertFalse(said.contains("resume.claim"), said);
                lifecycle.stop();
                assertEquals(0, code.get(10, TimeUnit.SECONDS));
            }
        }
    }

    /** What is said up to the line that has this. */
    private static String read(BufferedReader lines, String part) throws Exception {
        StringBuilder all = new StringBuilder();
        for (String line = ""; !line.contains(part); all.append(line).append('\n')) {
            line = lines.readLine();
        }
        return all.toString();
    }
}
