package dev.soleinit.rundir;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The directory that outlives the container where it is a volume: the generation counter, the
 * count of failures, and who owns it. What cannot be read is set aside and reported, never fatal.
 */
public final class StateDir {
    private static final String GENERATION = "generation";
    private static final String BACKOFF = "backoff.json";
    private static final String OWNER = "owner.json";

    /** What is kept of the backoff: quick failures in a row. */
    public record Backoff(int failures) {}

    /** Null where nothing is kept. */
    private final Path directory;
    private final List<String> warnings = new ArrayList<>();

    private StateDir(Path directory) {
        this.directory = directory;
    }

    /** Makes the directory, or says why it cannot be used. */
    public static StateDir open(Path directory) {
        Directories.prepare(directory, "--state-dir");
        return new StateDir(directory);
    }

    /** Keeps nothing: the numbers begin anew with each supervisor. */
    public static StateDir none() {
        return new StateDir(null);
    }

    /** What had to be set aside while reading. */
    public List<String> warnings() {
        return List.copyOf(warnings);
    }

    /**
     * The newest generation that was used; 0 if there was none.
     *
     * @param hint a number from elsewhere that the counter must not fall behind
     */
    public long load(long hint) {
        if (directory == null) {
            return hint;
        }
        Path file = directory.resolve(GENERATION);
        try {
            String text = Files.readString(file, StandardCharsets.ISO_8859_1).strip();
            if (text.matches("[0-9]{1,18}")) {
                return Math.max(hint, Long.parseLong(text));
            }
            setAside(file, "it holds no number");
        } catch (NoSuchFileException first) {
            return hint;
        } catch (IOException unreadable) {
            setAside(file, unreadable.getMessage());
        }
        return hint;
    }

    private void setAside(Path file, String why) {
        Path aside = file.resolveSibling(file.getFileName() + ".corrupt-"
                + Instant.now().toEpochMilli());
        try {
            Files.move(file, aside);
            warnings.add("Cannot read " + file + ": " + why + "; set aside as "
                    + aside.getFileName() + ". A fencing token may have been used before");
        } catch (IOException stuck) {
            warnings.add("Cannot read " + file + ": " + why + "; nor move it away: " + stuck);
        }
    }

    /** Makes the number durable: when this returns it has reached the disk. */
    public void store(long generation) throws IOException {
        if (directory == null) {
            return;
        }
        AtomicFile.write(directory.resolve(GENERATION),
                (generation + "\n").getBytes(StandardCharsets.US_ASCII));
    }

    public Backoff loadBackoff() {
        if (directory == null) {
            return new Backoff(0);
        }
        Path file = directory.resolve(BACKOFF);
        if (!Files.exists(file)) {
            return new Backoff(0);
        }
        long failures = JsonFile.read(file).map(fields -> JsonFile.number(fields, "failures"))
                .orElse(-1L);
        if (failures < 0 || failures > Integer.MAX_VALUE) {
            setAside(file, "it is broken");
            return new Backoff(0);
        }
        return new Backoff((int) failures);
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
                .map(owner -> "host " + owner.get("host") + ", instance " + owner.get("instance")
                        + ", boot " + owner.get("bootId") + ", since " + owner.get("since"))
                .orElse("somebody who left no word");
    }
}
