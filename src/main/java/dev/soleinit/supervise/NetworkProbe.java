package dev.soleinit.supervise;

import dev.soleinit.config.Readiness;
import dev.soleinit.machine.Event;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;

/**
 * Asks one generation over the network, again and again, until it answers or the probe is
 * cancelled. A thread of its own, because connecting waits; made by {@link Prober}.
 */
final class NetworkProbe {
    private static final int TIMEOUT_MS = 2_000;

    private final Readiness how;
    private final Duration interval;
    private final Thread thread;

    NetworkProbe(Readiness how, Duration interval, long generation, Inbox inbox) {
        this.how = how;
        this.interval = interval;
        this.thread = new Thread(() -> run(generation, inbox), "probe");
        thread.setDaemon(true);
        thread.start();
    }

    void cancel() {
        thread.interrupt();
    }

    private void run(long generation, Inbox inbox) {
        try {
            while (!answers()) {
                Thread.sleep(interval);
            }
            if (!Thread.currentThread().isInterrupted()) {
                inbox.tell(new Event.ReadyTold(generation));
            }
        } catch (InterruptedException cancelled) {
            // the generation has ended: nobody wants the answer
        }
    }

    private boolean answers() {
        return switch (how) {
            case Readiness.Tcp(String host, int port) -> connects(host, port);
            case Readiness.Http(URI uri) -> isOk(uri);
            case Readiness.None _, Readiness.Notify _, Readiness.Attach _, Readiness.Exec _ -> false;
        };
    }

    private static boolean connects(String host, int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(host, port), TIMEOUT_MS);
            return true;
        } catch (IOException notYet) {
            return false;
        }
    }

    /** Any 2xx answer. */
    private static boolean isOk(URI uri) {
        try {
            HttpURLConnection http = (HttpURLConnection) uri.toURL().openConnection();
            http.setConnectTimeout(TIMEOUT_MS);
            http.setReadTimeout(TIMEOUT_MS);
            int code = http.getResponseCode();
            http.disconnect();
            return code >= 200 && code < 300;
        } catch (IOException notYet) {
            return false;
        }
    }
}
