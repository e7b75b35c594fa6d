package dev.soleinit.pidns;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * Short connections that arrive at a steady rate, whatever becomes of those before: each waits for one line.
 * Counts what they got, and how long the longest took.
 */
final class Arrivals implements AutoCloseable {
    private final int port;
    private final ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor();
    private final TreeMap<String, Integer> ends = new TreeMap<>();
    private final List<Long> micros = new ArrayList<>();
    private final Thread source;
    private volatile boolean over;

    /** Begins at once. */
    Arrivals(int port, int perSecond) {
        this.port = port;
        this.source = Thread.ofPlatform().daemon().start(() -> arrive(1_000_000_000L / perSecond));
    }

    private void arrive(long every) {
        long next = System.nanoTime();
        while (!over) {
            clients.submit(this::connect);
            next += every;
            long left = next - System.nanoTime();
            if (left > 0) {
                java.util.concurrent.locks.LockSupport.parkNanos(left);
            }
        }
    }

    private void connect() {
        long began = System.nanoTime();
        String end;
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 20_000);
            socket.setSoTimeout(20_000);
            String line = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            end = line.isEmpty() ? "closed without an answer" : line;
        } catch (IOException failed) {
            end = "failed: " + failed.getMessage();
        }
        synchronized (ends) {
            ends.merge(end, 1, Integer::sum);
            micros.add((System.nanoTime() - began) / 1_000);
        }
    }

    /** How many were answered by this generation so far. */
    int answeredBy(long generation) {
        synchronized (ends) {
            return ends.getOrDefault("generation " + generation, 0);
        }
    }

    /** Ends, and says what became of those that were not answered; empty if all were. */
    String unanswered() {
        over = true;
        try {
            source.join();
            clients.shutdown();
            clients.awaitTermination(30, TimeUnit.SECONDS);
        } catch (InterruptedException stop) {
            throw new IllegalStateException(stop);
        }
        synchronized (ends) {
            TreeMap<String, Integer> bad = new TreeMap<>(ends);
            bad.keySet().removeIf(end -> end.startsWith("generation "));
            return bad.isEmpty() ? "" : bad + " of " + micros.size();
        }
    }

    /** In milliseconds. */
    long longest() {
        synchronized (ends) {
            return micros.stream().mapToLong(Long::longValue).max().orElse(0) / 1_000;
        }
    }

    @Override
    public void close() {
        over = true;
        clients.shutdownNow();
    }
}
