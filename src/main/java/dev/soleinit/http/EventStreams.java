package dev.soleinit.http;

import dev.soleinit.json.Json;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What followers of {@code /events} get: each line of the journal as an event named {@code journal} with
 * its {@code seq} as id, and the status as one named {@code status} when it has changed, at the most once
 * a second. Used on the server's thread. Source: the HTML standard, server-sent events.
 */
final class EventStreams {
    private static final int REMEMBERED = 256;
    private static final long STATUS_NANOS = 1_000_000_000L;
    private static final long KEEP_ALIVE_NANOS = 15_000_000_000L;
    /** These differ each time. */
    private static final Set<String> CLOCKS = Set.of("uptimeMs", "supervisor", "nextAttemptInMs",
            "awaited");
    private static final String HEAD = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
            + "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n"
            + "retry: 2000\n\n";

    /** An event that may be wanted again. */
    private record Remembered(long seq, String event) {}

    private final Endpoints endpoints;
    private final Deque<Remembered> past = new ArrayDeque<>();
    private String lastStatus = "";
    private long statusAt = System.nanoTime();
    private long sentAt = System.nanoTime();

    EventStreams(Endpoints endpoints) {
        this.endpoints = endpoints;
    }

    /** What a new follower gets first: what it has missed since the event that it names. */
    byte[] begin(RequestHead request) {
        StringBuilder first = new StringBuilder(HEAD);
        for (Remembered one : past) {
            if (request.lastEventId().isPresent() && one.seq() > request.lastEventId().get()) {
                first.append(one.event());
            }
        }
        // the next round has the status for all
        lastStatus = "";
        statusAt = System.nanoTime() - STATUS_NANOS;
        return first.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** What is new since the last call. */
    byte[] take(List<String> lines, long now, boolean followed) {
        StringBuilder news = new StringBuilder();
        for (String line : lines) {
            long seq = seq(line);
            String event = (seq > 0 ? "id: " + seq + "\n" : "") + "event: journal\ndata: " + line
                    + "\n\n";
            endpoints.heard(line);
            past.add(new Remembered(seq, event));
            if (past.size() > REMEMBERED) {
                past.remove();
            }
            news.append(event);
        }
        if (!followed) {
            return new byte[0];
        }
        if (now - statusAt >= STATUS_NANOS || !lines.isEmpty()) {
            status(news, now);
        }
        if (news.isEmpty() && now - sentAt >= KEEP_ALIVE_NANOS) {
            news.append(":\n\n");
        }
        sentAt = news.isEmpty() ? sentAt : now;
        return news.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** The newest that there is, while another is asked for. */
    private void status(StringBuilder news, long now) {
        Published.Snapshot snapshot = endpoints.snapshot(now);
        if (snapshot == null || snapshot.at() - statusAt < 0) {
            return;
        }
        statusAt = now;
        Map<String, Object> compared = new LinkedHashMap<>(snapshot.status());
        compared.keySet().removeAll(CLOCKS);
        String status = Json.write(compared);
        if (!status.equals(lastStatus)) {
            lastStatus = status;
            news.append("event: status\ndata: ").append(Json.write(snapshot.status())).append("\n\n");
        }
    }

    private static long seq(String line) {
        String begin = "{\"seq\":";
        long seq = 0;
        for (int i = line.startsWith(begin) ? begin.length() : line.length(); i < line.length()
                && line.charAt(i) >= '0' && line.charAt(i) <= '9'; i++) {
            seq = 10 * seq + line.charAt(i) - '0';
        }
        return seq;
    }
}
