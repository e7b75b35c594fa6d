package dev.soleinit.supervisor.probes;

import dev.soleinit.config.Configuration;
import dev.soleinit.os.ConnectionTable;
import dev.soleinit.process.ListenAddress;
import dev.soleinit.process.ListenAddress.Place;
import dev.soleinit.statemachine.work.Blocker;
import dev.soleinit.statemachine.work.PreflightVerdict;
import dev.soleinit.statemachine.work.PreflightVerdict.Verdict;
import dev.soleinit.supervisor.inbox.Inbox;
import dev.soleinit.supervisor.startup.BackgroundThreads;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Finds out how many connections the daemon has, for {@code --work connections}. It is asked on the
 * loop's thread and answers there; the kernel's tables, of which nobody knows how long they are, are
 * read on a thread of their own, one at a time, with pauses.
 */
public final class ConnectionCounter {
    private static final Path TABLES = Path.of("/proc/self/net");
    private static final Duration MAX_READ = Duration.ofSeconds(10);
    private static final int PAUSE_FACTOR = 4;
    private static final long MAX_PAUSE_NANOS = 5_000_000_000L;

    private final Set<Integer> named;
    private final List<ListenAddress> listen;
    private final Supplier<List<String>> listeningOn;
    private final BackgroundThreads threads;
    private final Inbox inbox;
    private List<Consumer<PreflightVerdict>> waiting = new ArrayList<>();
    private boolean running;
    private long lastEnd = System.nanoTime();
    private long pause;

    /** Counts what {@code configuration} names; {@code listeningOn} says which ports are kept. */
    public ConnectionCounter(Configuration configuration, Supplier<List<String>> listeningOn,
            BackgroundThreads threads, Inbox inbox) {
        this.named = configuration.work().countedPorts().orElse(Set.of());
        this.listen = configuration.descriptors().listen();
        this.listeningOn = listeningOn;
        this.threads = threads;
        this.inbox = inbox;
    }

    /**
     * Counts; {@code done} is called later, on this thread, exactly once. Who asks while a table is
     * read is answered from the next reading: what came behind the reader's back must not be missed.
     */
    public void count(Consumer<PreflightVerdict> done) {
        waiting.add(done);
        startNext();
    }

    private void startNext() {
        if (running || waiting.isEmpty()) {
            return;
        }
        List<Consumer<PreflightVerdict>> asking = waiting;
        waiting = new ArrayList<>();
        Set<Integer> kept = keptPorts();
        long rest = Math.max(0, pause - (System.nanoTime() - lastEnd));
        running = threads.tryToStart("work", () -> read(kept, rest, asking)).isPresent();
        if (!running) {
            answer(asking, unknown("no thread is left to count connections"));
        }
    }

    /** One that was asked for with port 0 has got another. */
    private Set<Integer> keptPorts() {
        Set<Integer> ports = new LinkedHashSet<>();
        List<String> actual = listeningOn.get();
        for (int i = 0; i < listen.size(); i++) {
            if (listen.get(i).place() instanceof Place.Port port) {
                String address = i < actual.size() ? actual.get(i) : "";
                String last = address.substring(address.lastIndexOf(':') + 1);
                ports.add(port.port() != 0 || last.isEmpty() ? port.port() : Integer.parseInt(last));
            }
        }
        return ports;
    }

    private Set<String> keptFiles() {
        Set<String> files = new LinkedHashSet<>();
        for (ListenAddress one : listen) {
            if (one.place() instanceof Place.File file) {
                files.add(file.path().toString());
            }
        }
        return files;
    }

    /** On the thread of its own. */
    private void read(Set<Integer> kept, long rest, List<Consumer<PreflightVerdict>> asking) {
        PreflightVerdict verdict;
        long begin = System.nanoTime() + rest;
        try {
            Thread.sleep(Duration.ofNanos(rest));
            verdict = verdict(ConnectionTable.read(TABLES, named, kept, keptFiles(), MAX_READ));
        } catch (IOException unreadable) {
            verdict = unknown("the kernel's connections cannot be counted: " + unreadable.getMessage());
        } catch (InterruptedException ending) {
            verdict = unknown("the supervisor ends");
        }
        long end = System.nanoTime();
        PreflightVerdict found = verdict;
        inbox.run(() -> {
            running = false;
            lastEnd = end;
            pause = Math.min(MAX_PAUSE_NANOS, (end - begin) * PAUSE_FACTOR);
            answer(asking, found);
            startNext();
        });
    }

    private static void answer(List<Consumer<PreflightVerdict>> asking, PreflightVerdict verdict) {
        asking.forEach(one -> one.accept(verdict));
    }

    static PreflightVerdict verdict(Map<String, ConnectionTable.Count> counted) {
        List<Blocker> blockers = new ArrayList<>();
        int all = 0;
        for (Map.Entry<String, ConnectionTable.Count> one : counted.entrySet()) {
            int connections = one.getValue().connections();
            all += connections;
            if (connections > 0) {
                blockers.add(new Blocker("connection", Optional.empty(), connections,
                        words(one.getKey(), one.getValue())));
            }
        }
        Map<String, Integer> counts = new LinkedHashMap<>();
        if (all > 0) {
            counts.put("connection", all);
        }
        return new PreflightVerdict(all == 0 ? Verdict.IDLE : Verdict.BUSY, "", counts, blockers);
    }

    private static String words(String place, ConnectionTable.Count count) {
        String peers = String.join(", ", count.peers());
        int more = count.connections() - count.peers().size();
        String from = peers.isEmpty() ? ""
                : " from " + peers + (more > 0 ? " and " + more + " more" : "");
        return count.connections() + (count.connections() == 1 ? " connection to " : " connections to ")
                + place + from;
    }

    private static PreflightVerdict unknown(String why) {
        return new PreflightVerdict(Verdict.UNKNOWN, "", Map.of(), List.of(new Blocker("connection",
                Optional.empty(), 1, "unknown, which is not idle: " + why)));
    }
}
