package dev.soleinit.supervisor.reporting;

import dev.soleinit.statemachine.model.ExitRecord;
import dev.soleinit.storage.EventJournal;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says what happens, to people (the log on standard error) and to programs (the event journal).
 * Used on the loop's thread.
 */
public final class EventLog {
    private static final Logger LOG = LoggerFactory.getLogger("soleinit");

    private final EventJournal events;
    private boolean refused;
    private BiConsumer<String, Map<String, Object>> observer;

    public EventLog(EventJournal events) {
        this.events = events;
    }

    public void warn(String line) {
        LOG.warn(line);
        record("note", Map.of("message", line));
    }

    /** Says why no daemon was started; the log says nothing of how that ends. */
    public void warnRefused(String line) {
        LOG.error(line);
        record("note", Map.of("message", line));
        refused = true;
    }

    public void ended(ExitRecord end) {
        Map<String, Object> fields = StateNames.end(end);
        Object role = fields.get("role");
        LOG.info("generation {} (pid {}{}) ended after {} ms: {}, {}", end.generation(), end.pid(),
                role == null ? "" : ", the " + role, end.uptime().toMillis(), end.status().words(),
                end.cause());
        record("end", fields);
    }

    /** What {@link #ended} does, without telling anybody. */
    public void rehearse(ExitRecord end) {
        events.rehearse(StateNames.end(end));
    }

    void phase(String phase, long generation, int pid) {
        if (!refused) {
            LOG.info("generation {}{}: {}", generation, pid == 0 ? "" : " (pid " + pid + ")", phase);
        }
        record("phase", Map.of("phase", phase, "generation", generation, "pid", pid));
    }

    /** What becomes of the generation beside the current one while a restart overlaps. */
    void overlap(String role, String stage, long generation, int pid) {
        LOG.info("generation {}{}: {}, {}", generation, pid == 0 ? "" : " (pid " + pid + ")", role,
                stage);
        record("overlap", Map.of("role", role, "stage", stage, "generation", generation, "pid", pid));
    }

    /** Has {@code fields} told of each line before it is text, and {@code lines} of the text. */
    public void observe(BiConsumer<String, Map<String, Object>> fields, Consumer<String> lines) {
        observer = fields;
        events.listen(lines);
    }

    /** Has {@code lines} told of each line. */
    public void follow(Consumer<String> lines) {
        events.listen(lines);
    }

    /** One line of the audit journal; {@code fields} keep their order if the map does. */
    public void record(String event, Map<String, Object> fields) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("event", event);
        line.putAll(fields);
        events.append(line);
        if (observer != null) {
            observer.accept(event, fields);
        }
    }

    EventJournal events() {
        return events;
    }
}
