package dev.soleinit.storage;

import dev.soleinit.json.JsonException;
import dev.soleinit.storage.files.AtomicFile;
import dev.soleinit.storage.files.Quarantine;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
    /** So many pieces are kept, and so many characters of checkpoints. */
    public static final int MAX_ENTRIES = 20_000;
    public static final int MAX_CHECKPOINTS = 8 << 20;
    /** Of the other texts of a piece. */
    private static final int MAX_TEXT = 1_024;

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
        int characters() {
            return checkpoint.map(String::length).orElse(0);
        }

        /** The same without its checkpoint. */
        public Entry bare() {
            return new Entry(id, kind, description, running, Optional.empty(), generation, deadline,
                    claimedBy, attempts);
        }

        Map<String, Object> fields() {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("id", id);
            fields.put("kind", kind);
            fields.put("description", description);
            fields.put("running", running);
            fields.put("checkpoint", checkpoint.orElse(null));
            fields.put("generation", generation);
            fields.put("deadline", deadline.toString());
            fields.put("claimedBy", claimedBy);
            fields.put("attempts", (long) attempts);
            return fields;
        }

        private static Entry of(Map<String, Object> fields) {
            return new Entry(text(fields, "id"), text(fields, "kind"),
                    text(fields, "description"), (Boolean) fields.get("running"),
                    Optional.ofNullable((String) fields.get("checkpoint")),
                    (Long) fields.get("generation"), Instant.parse((String) fields.get("deadline")),
                    (Long) fields.get("claimedBy"), ((Long) fields.get("attempts")).intValue());
        }

        /** Taken by a generation once more. */
        public Entry claimed(long by) {
            return new Entry(id, kind, description, running, checkpoint, generation, deadline, by,
                    attempts + 1);
        }
    }

    /** What was found, and what is wrong with it. */
    public record ReadResult(Optional<RestartManifest> manifest, Optional<String> warning) {}

    private static final class WrongFormat extends RuntimeException {
        private static final long serialVersionUID = 1L;

        WrongFormat(String message) {
            super(message);
        }
    }

    /** Reads it; a broken one is renamed. */
    public static ReadResult read(Path stateDir) {
        Path file = stateDir.resolve(NAME);
        try {
            return new ReadResult(Optional.of(parse(file)), Optional.empty());
        } catch (NoSuchFileException none) {
            return new ReadResult(Optional.empty(), Optional.empty());
        } catch (IOException unreadable) {
            return quarantine(file, Quarantine.reason(unreadable));
        } catch (JsonException broken) {
            // not its message, which cites the text: that may be somebody else's file
            return quarantine(file, "it is no JSON of ours in line " + broken.line());
        } catch (WrongFormat wrong) {
            return quarantine(file, wrong.getMessage());
        } catch (RuntimeException incomplete) {
            return quarantine(file, "something in it is missing or of a wrong type");
        }
    }

    private static ReadResult quarantine(Path file, String why) {
        return new ReadResult(Optional.empty(), Optional.of(Quarantine.move(file, why,
                "Interrupted work in it is not resumed")));
    }

    /** Replaces it durably; without an entry there is no file. */
    public void write(Path stateDir) throws IOException {
        Path file = stateDir.resolve(NAME);
        if (entries.isEmpty()) {
            AtomicFile.delete(file);
        } else {
            requireReadable(file);
            ManifestFile.write(file, head(), entries.stream()
                    .filter(one -> one.running() && one.generation() == generation).map(Entry::id),
                    entries.stream().map(Entry::fields));
        }
    }

    private Map<String, Object> head() {
        Map<String, Object> head = new LinkedHashMap<>();
        head.put("generation", generation);
        head.put("reason", reason);
        head.put("requestedAt", requestedAt);
        head.put("drained", (long) drained);
        return head;
    }

    /** What could not be read back is not written. */
    private void requireReadable(Path file) throws IOException {
        long characters = 0;
        int longest = reason.length();
        for (Entry one : entries) {
            characters += one.characters();
            longest = Math.max(longest, Math.max(one.id().length(),
                    Math.max(one.kind().length(), one.description().length())));
        }
        if (entries.size() > MAX_ENTRIES || characters > MAX_CHECKPOINTS || longest > MAX_TEXT) {
            throw new IOException(file + ": it would hold " + entries.size() + " pieces of work with "
                    + characters + " characters of checkpoints; at the most " + MAX_ENTRIES
                    + " pieces and " + MAX_CHECKPOINTS + " characters are kept");
        }
    }

    /** Gathers entries until one is wrong, or they are more than are ever kept; says so when asked. */
    private static final class Gathered {
        private final List<Entry> entries = new ArrayList<>();
        private long characters;
        private RuntimeException wrong;

        void add(Map<String, Object> fields) {
            try {
                if (wrong == null) {
                    Entry entry = Entry.of(fields);
                    characters += entry.characters();
                    fields.forEach(Gathered::requireShort);
                    if (entries.size() == MAX_ENTRIES || characters > MAX_CHECKPOINTS) {
                        throw new WrongFormat("it holds more than is ever kept");
                    }
                    entries.add(entry);
                }
            } catch (RuntimeException incomplete) {
                wrong = incomplete;
                entries.clear();
            }
        }

        private static void requireShort(String name, Object value) {
            if (value instanceof String text && text.length() > MAX_TEXT
                    && !name.equals("checkpoint")) {
                throw new WrongFormat("it holds more than is ever kept");
            }
        }

        List<Entry> entries() {
            if (wrong != null) {
                throw wrong;
            }
            return entries;
        }
    }

    private static String text(Map<?, ?> fields, String name) {
        return Objects.requireNonNull((String) fields.get(name), name);
    }

    private static RestartManifest parse(Path file) throws IOException, JsonException {
        Gathered gathered = new Gathered();
        ManifestFile.Head head = ManifestFile.read(file, gathered::add);
        if (!Long.valueOf(FORMAT).equals(head.whole().get("format"))) {
            throw new WrongFormat("it has another format: this "
                    + "version knows format " + FORMAT);
        }
        if (!head.untouched()) {
            throw new WrongFormat("its checksum is wrong");
        }
        Map<?, ?> content = (Map<?, ?>) head.whole().get("content");
        return new RestartManifest(text(content, "reason"), text(content, "requestedAt"),
                (Long) content.get("generation"),
                ((Long) content.get("drained")).intValue(), gathered.entries());
    }
}
