package dev.soleinit.supervisor.probes;

import dev.soleinit.config.Readiness;
import dev.soleinit.statemachine.model.Event;
import dev.soleinit.statemachine.settings.ReadySettings.Source;
import dev.soleinit.supervisor.inbox.Inbox;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/**
 * Asks one generation over the network, again and again, until it answers or the probe is
 * cancelled. A thread of its own, because connecting waits; made by {@link ReadinessProber}.
 */
final class NetworkProbe implements Runnable {
    private static final Duration TIMEOUT = Duration.ofSeconds(2);

    private final Readiness how;
    private final Duration interval;
    private final long generation;
    private final boolean reloading;
    private final Inbox inbox;

    /** With {@code reloading} it tells each answer, good or bad, until its thread is interrupted. */
    NetworkProbe(Readiness how, Duration interval, long generation, boolean reloading,
            Inbox inbox) {
        this.how = how;
        this.interval = interval;
        this.generation = generation;
        this.reloading = reloading;
        this.inbox = inbox;
    }

    @Override
    public void run() {
        try {
            boolean ready = false;
            while (!ready || reloading) {
                ready = answers();
                if (Thread.currentThread().isInterrupted()) {
                    return;
                }
                if (ready) {
                    inbox.post(new Event.DaemonReady(generation, Source.PROBE));
                } else if (reloading) {
                    inbox.post(new Event.DaemonNotReady(generation));
                }
                Thread.sleep(interval);
            }
        } catch (InterruptedException cancelled) {
            // the generation has ended: nobody wants the answer
        }
    }

    private boolean answers() {
        return failure(how, TIMEOUT).isEmpty();
    }

    /** Asks once; why there was no good answer, if there was none. Waits. */
    static Optional<String> failure(Readiness how, Duration timeout) {
        int millis = (int) Math.clamp(timeout.toMillis(), 1, Integer.MAX_VALUE);
        return switch (how) {
            case Readiness.Tcp(String host, int port) -> connects(host, port, millis);
            case Readiness.Http(URI uri) -> HttpProbe.failure(uri, timeout);
            case Readiness.None _, Readiness.Notify _, Readiness.Attach _, Readiness.Exec _ ->
                    Optional.of("it is no network probe");
        };
    }

    private static Optional<String> connects(String host, int port, int millis) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(host, port), millis);
            return Optional.empty();
        } catch (IOException no) {
            return Optional.of(String.valueOf(no.getMessage()));
        }
    }
}
