package dev.soleinit.cli;

import dev.soleinit.control.client.ControlClient;
import dev.soleinit.control.client.RpcException;
import dev.soleinit.control.text.CommandOutput;
import dev.soleinit.control.text.StatusText;
import dev.soleinit.process.text.TimeSpan;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Shows on a terminal what a long wait waits for: the state, who blocks, how much time is left.
 * Silent everywhere else. A thread of its own, "progress", until it is closed.
 */
public final class Progress implements AutoCloseable {
    private static final long PAUSE_MS = 500;
    private static final String CLEAR = "\r\033[K";

    private final Path socket;
    private final String what;
    private final Thread thread;
    private volatile boolean shown;

    private Progress(Path socket, String what) {
        this.socket = socket;
        this.what = what;
        this.thread = Thread.ofPlatform().daemon().name("progress").unstarted(this::run);
    }

    public static Progress begin(Path socket, String what) {
        Progress progress = new Progress(socket, what);
        if (onTerminal()) {
            progress.thread.start();
        }
        return progress;
    }

    public static boolean onTerminal() {
        return System.console() != null && System.console().isTerminal();
    }

    private void run() {
        try {
            while (true) {
                Thread.sleep(PAUSE_MS);
                show();
            }
        } catch (InterruptedException done) {
            // the wait is over
        }
    }

    private void show() {
        try (ControlClient client = ControlClient.connect(socket)) {
            String line = line(what, client.call("status", Map.of(), ControlClient.TIMEOUT));
            System.err.print(CLEAR + (line.length() <= 100 ? line : line.substring(0, 99) + "…"));
            System.err.flush();
            shown = true;
        } catch (IOException | RpcException busy) {
            // the next look may do better
        }
    }

    /** One line for people. */
    static String line(String what, Map<String, Object> status) {
        StringBuilder line = new StringBuilder(what + ": " + status.get("state"));
        Map<?, ?> overlap = CommandOutput.object(status, "overlap");
        if (!overlap.isEmpty()) {
            line.append("; ").append(overlap.get("role")).append(" (generation ")
                    .append(overlap.get("generation")).append(") is ").append(overlap.get("stage"))
                    .append(StatusText.left(overlap));
        }
        line.append(StatusText.left(CommandOutput.object(status, "awaited")));
        Map<?, ?> work = CommandOutput.object(status, "work");
        List<String> blockers = StatusText.blockers(work);
        if (!blockers.isEmpty()) {
            line.append("; waits for ").append(String.join(", ", blockers));
        }
        if (status.get("restarts") instanceof List<?> waiting && !waiting.isEmpty()) {
            Map<?, ?> first = (Map<?, ?>) waiting.getFirst();
            if (first.get("givesUpInMs") instanceof Number left) {
                line.append("; gives up in ").append(TimeSpan.ofMillis(left));
            } else if (first.get("dueInMs") instanceof Number due && due.longValue() > 0) {
                line.append("; begins in ").append(TimeSpan.ofMillis(due));
            }
        }
        if (status.get("nextAttemptInMs") instanceof Number next) {
            line.append("; next try in ").append(TimeSpan.ofMillis(next));
        }
        return Terminal.value(line);
    }

    @Override
    public void close() {
        thread.interrupt();
        if (shown) {
            System.err.print(CLEAR);
            System.err.flush();
        }
    }
}
