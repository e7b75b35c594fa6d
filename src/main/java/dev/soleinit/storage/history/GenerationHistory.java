package dev.soleinit.storage.history;

import dev.soleinit.json.Json;
import dev.soleinit.json.JsonException;
import dev.soleinit.storage.files.RegularFile;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The generations that the journal's lines tell of, the last {@value #KEPT} of them. Lines that are no
 * lines of ours, or that have been taken already, change nothing: the daemon may own the directory.
 */
public final class GenerationHistory {
    /** So many are kept. */
    public static final int KEPT = 100;
    /** More than a journal becomes before it is set aside. */
    private static final int MAX_BYTES = 2 << 20;
    private static final int MAX_LINE = 64 * 1024;
    private static final int MAX_TEXT = 200;

    private final Deque<Generation> all = new ArrayDeque<>();
    private long lastSeq;
    private Optional<Instant> downSince = Optional.empty();
    private String requested = "";

    /** Reads what lies in a state directory, the older file first; what cannot be read is left out. */
    public static GenerationHistory load(Path stateDir) {
        GenerationHistory history = new GenerationHistory();
        for (String name : List.of("events.jsonl.1", "events.jsonl")) {
            try (FileChannel file = RegularFile.openToRead(stateDir.resolve(name))) {
                new String(RegularFile.tail(file, MAX_BYTES), StandardCharsets.UTF_8).lines()
                        .forEach(history::add);
            } catch (IOException none) {
                // there may be no older one yet, or none at all
            }
        }
        return history;
    }

    /** Newest first. */
    public List<Generation> newestFirst() {
        List<Generation> list = new ArrayList<>();
        all.descendingIterator().forEachRemaining(list::add);
        return list;
    }

    /** Takes a line, unless one with a greater number has been taken. */
    public void add(String line) {
        if (line.length() > MAX_LINE) {
            return;
        }
        try {
            if (Json.parse(line) instanceof Map<?, ?> fields && number(fields, "seq") > lastSeq) {
                lastSeq = number(fields, "seq");
                take(fields, Instant.parse(text(fields, "at")));
            }
        } catch (JsonException | DateTimeException broken) {
            // a line that was cut off, or one that we have not written
        }
    }

    private void take(Map<?, ?> fields, Instant at) {
        switch (text(fields, "event")) {
            case "boot" -> boot(at);
            case "request" -> request(fields);
            case "phase" -> phase(text(fields, "phase"), number(fields, "generation"),
                    number(fields, "pid"), at);
            case "end" -> end(fields, at);
            default -> {
                // of requests and of files: nothing that makes or ends a generation
            }
        }
    }

    /** What still ran then has ended with its supervisor, which did not live to say so. */
    private void boot(Instant at) {
        downSince = Optional.empty();
        requested = "";
        if (!all.isEmpty() && all.getLast().endedAt().isEmpty()) {
            all.addLast(all.removeLast().ended(at, "unknown", "its supervisor ended without a word",
                    false));
        }
    }

    private void request(Map<?, ?> fields) {
        String action = text(fields, "action");
        if (List.of("start", "restart", "reload").contains(action)) {
            String mode = text(fields, "mode");
            String reason = text(fields, "reason");
            requested = action + (mode.isEmpty() ? "" : " (" + mode + ")") + " by "
                    + text(fields, "caller") + (reason.isEmpty()
                            || text(fields, "caller").endsWith(reason) ? "" : ": " + reason);
        }
    }

    private void phase(String phase, long number, long pid, Instant at) {
        boolean ready = phase.equals("ready");
        if (pid != 0 && (all.isEmpty() || all.getLast().number() < number)) {
            if (!all.isEmpty() && all.getLast().endedAt().isEmpty()) {
                all.addLast(all.removeLast().ended(at, "reloaded", "goes on as the next generation",
                        true));
            }
            all.addLast(Generation.first(number, pid, at, requested));
            requested = "";
            if (all.size() > KEPT) {
                all.removeFirst();
            }
        }
        if (ready && !all.isEmpty() && all.getLast().number() == number) {
            Optional<Duration> down = downSince.map(since -> Duration.between(since, at));
            downSince = Optional.empty();
            if (all.getLast().readyAt().isEmpty()) {
                all.addLast(all.removeLast().ready(at, down));
            }
        } else if (phase.equals("held")) {
            downSince = Optional.empty();
        } else if (!ready) {
            notReady(at);
        }
    }

    private void notReady(Instant at) {
        if (downSince.isEmpty() && !all.isEmpty() && all.getLast().readyAt().isPresent()) {
            downSince = Optional.of(at);
        }
    }

    private void end(Map<?, ?> fields, Instant at) {
        if (all.isEmpty() || all.getLast().number() != number(fields, "generation")) {
            return;
        }
        notReady(at);
        all.addLast(all.removeLast().ended(at, text(fields, "words"), text(fields, "cause"),
                Boolean.TRUE.equals(fields.get("asked"))));
    }

    private static String text(Map<?, ?> fields, String name) {
        String text = fields.get(name) instanceof String value ? value : "";
        return text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT) + "…";
    }

    private static long number(Map<?, ?> fields, String name) {
        return fields.get(name) instanceof Long value ? value : 0;
    }
}
