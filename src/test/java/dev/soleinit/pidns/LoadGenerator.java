package dev.soleinit.pidns;

import java.io.IOException;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;

/**
 * Clients of the reference daemon: sessions that begin at a steady rate, each with an id of its own.
 * Counts what became of them; those that found nobody are told apart from those that were refused.
 */
final class LoadGenerator implements AutoCloseable {
    private final URI base;
    private final long sessionMs;
    private final long pauseMs;
    private final ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<String, Integer> counts = new TreeMap<>();
    private final Semaphore open = new Semaphore(2_000);
    private final Thread source;
    private volatile boolean over;
    private int number;

    /** Begins at once: {@code perSecond} sessions of {@code sessionMs}; a gap of pauseMs a second. */
    LoadGenerator(int port, int perSecond, long sessionMs, long pauseMs) {
        this(URI.create("http://127.0.0.1:" + port + "/sessions"), perSecond, sessionMs, pauseMs);
    }

    /** The same to another place, which is asked with a query of {@code ms} and {@code id}. */
    LoadGenerator(URI base, int perSecond, long sessionMs, long pauseMs) {
        this.base = base;
        this.sessionMs = sessionMs;
        this.pauseMs = pauseMs;
        this.source = Thread.ofPlatform().daemon().start(() -> arrive(1_000 / perSecond));
    }

    private void arrive(long every) {
        long began = System.nanoTime();
        while (!over) {
            String id = "c" + ++number;
            open.acquireUninterruptibly();
            clients.submit(() -> session(id));
            PidNamespace.pause(every);
            if (pauseMs > 0 && System.nanoTime() - began > 1_000_000_000L) {
                PidNamespace.pause(pauseMs);
                began = System.nanoTime();
            }
        }
    }

    private void session(String id) {
        String end;
        try {
            HttpURLConnection http = (HttpURLConnection) URI.create(base + "?ms=" + sessionMs
                    + "&id=" + id).toURL().openConnection();
            http.setRequestMethod("POST");
            // a client that repeats a request by itself would count twice
            http.setDoOutput(true);
            http.setFixedLengthStreamingMode(0);
            http.setReadTimeout(30_000);
            http.getOutputStream().close();
            int code = http.getResponseCode();
            end = code == 200 ? "ended" : code == 503 ? "refused" : "code " + code;
            http.disconnect();
        } catch (ConnectException nobody) {
            end = "nobody there";
        } catch (IOException broken) {
            end = "no answer";
        } finally {
            open.release();
        }
        synchronized (counts) {
            counts.merge(end, 1, Integer::sum);
        }
    }

    /** Ends, and says what became of all. */
    Map<String, Integer> finish() {
        over = true;
        try {
            source.join();
        } catch (InterruptedException stop) {
            throw new IllegalStateException(stop);
        }
        clients.close();
        return counts;
    }

    @Override
    public void close() {
        over = true;
        clients.shutdownNow();
    }
}
