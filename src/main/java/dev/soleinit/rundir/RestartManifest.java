package dev.soleinit.rundir;

import dev.soleinit.json.Json;
import dev.soleinit.json.JsonException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * state/{@code restart-manifest.json}: work that was interrupted and may be resumed. Format 1,
 * checksummed; what cannot be read is set aside and reported, never fatal and never dropped.
 *
 * @param reason      why the last interruption came about
 * @param requestedAt when, in ISO 8601
 * @param generation  whose work it was
 * @param drained     pieces that ended before
 * @param entries     what may be resumed
 */
public record RestartManifest(String reason, String requestedAt, long generation, int drained,
        List<Entry> entries) {
    private static final String NAME = "restart-manifest.json";
    private static final long FORMAT = 1;
    private static final int MAX_BYTES = 16 << 20;

    /**
     * One piece of interrupted work.
     *
     * @param running    it ran when it was cut; else it was only queued
     * @param checkpoint what the daemon wants back
     * @param generation whose work it was
     * @param deadline   until when it may be resumed
     * @param claimedBy  the generation that took it last, 0 for none
     * @param attempts   how often it has been taken
     */
    public record Entry(String id, String kind, String description, boolean running,
            Optional<String> checkpoint, long generation, Instant deadline, long claimedBy,
            int attempts) {
        /** Taken by a generation once more. */
        public Entry claimed(long by) {
            return new Entry(id, kind, description, running, checkpoint, generation, deadline, by,
                    attempts + 1);
        }
    }

    /** What was found, and what is wrong with it. */
    public record Found(Optional<RestartManifest> manifest, Optional<String> warning) {}

    private static final class WrongFormat extends RuntimeException {
        private static final long serialVersionUID = 1L;

        WrongFormat(String message) {
            super(message);
        }
    }

    /** Reads it; a broken one is renamed. */
    public static Found read(Path stateDir) {
        Path file = stateDir.resolve(NAME);
        try {
            return new Found(Optional.of(parse(JsonFile.text(file, MAX_BYTES))), Optional.empty());
        } catch (NoSuchFileException none) {
            return new Found(Optional.empty(), Optional.empty());
        } catch (IOException unreadable) {
            return setAside(file, Quarantine.reason(unreadable));
        } catch (JsonException broken) {
            // not its message, which cites the text: that may be somebody else's file
            return setAside(file, "it is no JSON in line " + broken.line());
        } catch (WrongFormat wrong) {
            return setAside(file, wrong.getMessage());
        } catch (RuntimeException incomplete) {
            return setAside(file, "something in it is missing or of a wrong type");
        }
    }

    private static Found setAside(Path file, String why) {
        return new Found(Optional.empty(), Optional.of(Quarantine.move(file, why,
                "Interrupted work in it is not resumed")));
    }

    /** Replaces it durably; without an entry there is no file. */
    public void write(Path stateDir) throws IOException {
        Path file = stateDir.resolve(NAME);
        if (entries.isEmpty()) {
            AtomicFile.delete(file);
            return;
        }
        Map<String, Object> content = content();
        Map<String, Object> whole = new LinkedHashMap<>();
        whole.put("format", FORMAT);
        whole.put("checksum", checksum(content));
        whole.put("content", content);
        JsonFile.write(file, whole, MAX_BYTES);
    }

    private Map<String, Object> content() {
        Map<String, Object> content = new LinkedHashMap<>();
        content.put("generation", generation);
        content.put("reason", reason);
        content.put("requestedAt", requestedAt);
        content.put("drained", (long) drained);
        content.put("cut", entries.stream().filter(one -> one.running()
                && one.generation() == generation).map(Entry::id).toList());
        content.put("candidates", entries.stream().map(RestartManifest::fields).toList());
        return content;
    }

    private static Map<String, Object> fields(Entry entry) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("id", entry.id());
        fields.put("kind", entry.kind());
        fields.put("description", entry.description());
        fields.put("running", entry.running());
        fields.put("checkpoint", entry.checkpoint().orElse(null));
        fields.put("generation", entry.generation());
        fields.put("deadline", entry.deadline().toString());
        fields.put("claimedBy", entry.claimedBy());
        fields.put("attempts", (long) entry.attempts());
        return fields;
    }

    private static RestartManifest parse(String text) throws JsonException {
        Map<?, ?> whole = (Map<?, ?>) Json.parse(text);
        if (!Long.valueOf(FORMAT).equals(whole.get("format"))) {
            throw new WrongFormat("it has another format: this "
                    + "version knows format " + FORMAT);
        }
        Map<?, ?> content = (Map<?, ?>) whole.get("content");
        if (!checksum(content).equals(whole.get("checksum"))) {
            throw new WrongFormat("its checksum is wrong");
        }
        List<Entry> entries = new ArrayList<>();
        for (Object one : (List<?>) content.get("candidates")) {
            entries.add(entry((Map<?, ?>) one));
        }
        return new RestartManifest((String) content.get("reason"),
                (String) content.get("requestedAt"), (Long) content.get("generation"),
                ((Long) content.get("drained")).intValue(), entries);
    }

    private static Entry entry(Map<?, ?> fields) {
        return new Entry((String) fields.get("id"), (String) fields.get("kind"),
                (String) fields.get("description"), (Boolean) fields.get("running"),
                Optional.ofNullable((String) fields.get("checkpoint")),
                (Long) fields.get("generation"), Instant.parse((String) fields.get("deadline")),
                (Long) fields.get("claimedBy"), ((Long) fields.get("attempts")).intValue());
    }

    private static String checksum(Map<?, ?> content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256")
                    .digest(Json.write(content).getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException never) {
            throw new IllegalStateException(never);
        }
    }
}
