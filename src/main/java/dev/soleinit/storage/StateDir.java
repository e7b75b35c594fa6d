package dev.soleinit.storage;

import dev.soleinit.json.Json;
import dev.soleinit.json.JsonException;
import dev.soleinit.storage.files.AtomicFile;
import dev.soleinit.storage.files.JsonFile;
import dev.soleinit.storage.files.Quarantine;
import dev.soleinit.storage.files.WritableDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * The directory that outlives the container where it is a volume: the generation counter, the
 * count of failures, and who owns it. What cannot be read is set aside and reported, never fatal.
 */
public final class StateDir {
    private static final String BACKOFF = "backoff.json";
    private static final String OWNER = "owner.json";
    private static final int MAX_BYTES = 1 << 20;

    /** What is kept of the backoff: quick failures in a row. */
    public record Backoff(int failures) {}

    /** Null where nothing is kept. */
    private final Path directory;
    private final GenerationCounter counter;
    private final List<String> warnings;

    private StateDir(Path directory, List<String> warnings) {
        this.directory = directory;
        this.counter = directory == null ? null : new GenerationCounter(directory);
        this.warnings = warnings;
    }

    /**
     * Makes the directory, or says why it cannot be used.
     *
     * @param daemonUid whom the daemon runs as, if not as this process
     */
    public static StateDir open(Path directory, OptionalInt daemonUid) {
        return new StateDir(directory,
                WritableDirectory.prepare(directory, "--state-dir", daemonUid));
    }

    /** The same for a daemon that runs as this process does. */
    public static StateDir open(Path directory) {
        return open(directory, OptionalInt.empty());
    }

    /** Keeps nothing: the numbers begin anew with each supervisor. */
    public static StateDir none() {
        return new StateDir(null, new ArrayList<>());
    }

    /** What is wrong with the directory, and what had to be set aside while reading. */
    public List<String> warnings() {
        return List.copyOf(warnings);
    }

    /**
     * The newest generation that was used; 0 if there was none. Takes the room that storing the
     * next ones needs. Only for who has the directory's lock.
     *
     * @param hint a number from elsewhere that the counter must not fall behind
     */
    public long loadGeneration(long hint) {
        if (directory == null) {
            return hint;
        }
        AtomicFile.removeLeftovers(directory, "");
        long newest = Math.max(hint, counter.load(warnings));
        try {
            counter.reserve(newest);
        } catch (IOException full) {
            warnings.add("Cannot take room for the generation counter in " + directory + ": "
                    + full.getMessage() + "; it is tried again at each start of the daemon");
        }
        return newest;
    }

    /** Makes the number durable: when this returns it has reached the disk. */
    public void store(long generation) throws IOException {
        if (directory != null) {
            counter.store(generation);
        }
    }

    /** What {@link #store} does, up to the writing. */
    public void rehearse() {
        if (directory != null) {
            counter.rehearse();
        }
    }

    /** Writes it for people and scripts, too; what counts is what {@link #store} has made durable. */
    public void publish(long generation) {
        if (directory != null) {
            counter.publish(generation);
        }
    }

    public Backoff loadBackoff() {
        if (directory == null) {
            return new Backoff(0);
        }
        Path file = directory.resolve(BACKOFF);
        String why = "it is broken";
        try {
            if (Json.parse(JsonFile.text(file, MAX_BYTES)) instanceof Map<?, ?> fields
                    && fields.get("failures") instanceof Long failures && failures >= 0
                    && failures <= Integer.MAX_VALUE) {
                return new Backoff(failures.intValue());
            }
        } catch (NoSuchFileException none) {
            return new Backoff(0);
        } catch (IOException unreadable) {
            why = Quarantine.reason(unreadable);
        } catch (JsonException broken) {
            why = "it is no JSON in line " + broken.line();
        }
        warnings.add(Quarantine.move(file, why, ""));
        return new Backoff(0);
    }

    public void storeBackoff(Backoff backoff) throws IOException {
        if (directory == null) {
            return;
        }
        JsonFile.write(directory.resolve(BACKOFF), Map.of("failures", backoff.failures()));
    }

    /** Leaves a word for others who find the directory locked. */
    public void writeOwner(String instance, String bootId, int pid) throws IOException {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("host", host());
        fields.put("bootId", bootId);
        fields.put("instance", instance);
        fields.put("pid", pid);
        fields.put("since", Instant.now().toString());
        JsonFile.write(directory.resolve(OWNER), fields);
    }

    private static String host() {
        try {
            return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
        } catch (IOException noProc) {
            return "unknown";
        }
    }

    /** Who has the lock, in words. */
    public static String describeOwner(Path directory) {
        return JsonFile.read(directory.resolve(OWNER))
                .map(owner -> "host " + JsonFile.text(owner, "host") + ", instance "
                        + JsonFile.text(owner, "instance") + ", boot "
                        + JsonFile.text(owner, "bootId") + ", since "
                        + JsonFile.text(owner, "since"))
                .orElse("an unknown owner (owner.json is missing or cannot be read)");
    }
}
