package dev.soleinit.lifecycle;

import dev.soleinit.json.Json;
import dev.soleinit.json.JsonException;
import dev.soleinit.rundir.AtomicFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * State that one life hands to the next: {@code NAME.json} in a directory, replaced atomically,
 * format 1, checksummed. It is claimed by renaming it, with one attempt more, and deleted only once
 * it is confirmed, so that a life that dies meanwhile leaves it to the next one. What cannot be
 * restored is set aside. For one process at a time.
 */
public final class StateStore {
    private static final long FORMAT = 1;

    /** What a file holds. */
    private record Stored(Map<String, Object> state, Instant savedAt, int attempts,
            long generation) {}

    private final Path directory;
    private final Path saved;
    private final Path claimed;
    private Duration maxAge = Duration.ofMinutes(10);
    private int maxAttempts = 3;
    private InstantSource clock = InstantSource.system();

    /**
     * Makes a store.
     *
     * @param name 1 to 64 of {@code a-z 0-9 . _ -}
     */
    public StateStore(Path directory, String name) {
        if (!name.matches("[a-z0-9._-]{1,64}")) {
            throw new IllegalArgumentException("Cannot name a state '" + name + "': give 1 to 64 of "
                    + "a-z, 0-9, '.', '_' and '-'");
        }
        this.directory = directory;
        this.saved = directory.resolve(name + ".json");
        this.claimed = directory.resolve(name + ".claimed.json");
    }

    /** How old a state may be that is restored; 10 minutes by default. */
    public StateStore withMaxAge(Duration age) {
        maxAge = age;
        return this;
    }

    /** How many lives may try to live on one state; 3 by default. */
    public StateStore withMaxAttempts(int attempts) {
        maxAttempts = attempts;
        return this;
    }

    StateStore withClock(InstantSource other) {
        clock = other;
        return this;
    }

    /** Keeps the state, in place of what was kept before; when this returns it is on disk. */
    public void save(Map<String, Object> state, long generation) throws IOException {
        Files.createDirectories(directory);
        write(saved, new Stored(state, clock.instant(), 0, generation));
    }

    /** Claims what is there. */
    public Restored load() {
        try {
            if (Files.exists(saved)) {
                if (Files.exists(claimed)) {
                    // an older life never confirmed it, and then saved something newer
                    aside(claimed, "superseded");
                }
                Files.move(saved, claimed, StandardCopyOption.ATOMIC_MOVE);
            }
            return claim(read(claimed));
        } catch (NoSuchFileException none) {
            return new Restored.Nothing();
        } catch (IOException unreadable) {
            return new Restored.Failed("Cannot read " + claimed + ": " + unreadable.getMessage(),
                    Optional.empty());
        } catch (FutureFormat future) {
            return failed(future.getMessage(), "future");
        } catch (JsonException | RuntimeException corrupt) {
            return failed("it is corrupt: " + corrupt.getMessage(), "corrupt");
        }
    }

    private Restored claim(Stored found) throws IOException {
        Duration age = Duration.between(found.savedAt(), clock.instant());
        Duration known = age.isNegative() ? Duration.ZERO : age;
        if (known.compareTo(maxAge) > 0) {
            return failed("it is " + known.toSeconds() + " s old, at most " + maxAge.toSeconds()
                    + " s are allowed", "expired");
        }
        int attempt = found.attempts() + 1;
        if (attempt > maxAttempts) {
            return failed("it was tried " + found.attempts() + " times and never confirmed",
                    "exhausted");
        }
        write(claimed, new Stored(found.state(), found.savedAt(), attempt, found.generation()));
        return new Restored.State(found.state(), known, attempt, found.generation());
    }

    /** The state has been taken over: it is not needed any longer. */
    public void confirm() throws IOException {
        Files.deleteIfExists(claimed);
    }

    private Restored failed(String reason, String why) {
        try {
            return new Restored.Failed("Cannot restore " + saved.getFileName() + ": " + reason,
                    Optional.of(aside(claimed, why)));
        } catch (IOException stuck) {
            return new Restored.Failed("Cannot restore " + saved.getFileName() + ": " + reason
                    + "; nor move it away: " + stuck.getMessage(), Optional.empty());
        }
    }

    private Path aside(Path file, String why) throws IOException {
        Path aside = saved.resolveSibling(saved.getFileName() + "." + why + "-"
                + clock.instant().toEpochMilli());
        return Files.move(file, aside, StandardCopyOption.REPLACE_EXISTING);
    }

    // ---- the file

    private static void write(Path file, Stored stored) throws IOException {
        Map<String, Object> whole = new LinkedHashMap<>();
        whole.put("format", FORMAT);
        whole.put("checksum", checksum(stored.state()));
        whole.put("savedAt", stored.savedAt().toString());
        whole.put("attempts", (long) stored.attempts());
        whole.put("generation", stored.generation());
        whole.put("state", stored.state());
        AtomicFile.write(file, (Json.write(whole) + "\n").getBytes(StandardCharsets.UTF_8));
    }

    private static final class FutureFormat extends RuntimeException {
        private static final long serialVersionUID = 1L;

        FutureFormat(Object format) {
            super("it has format " + format + ", this version knows format " + FORMAT);
        }
    }

    @SuppressWarnings("unchecked")
    private static Stored read(Path file) throws IOException, JsonException {
        Map<?, ?> whole = (Map<?, ?>) Json.parse(Files.readString(file));
        if (whole.get("format") instanceof Long format && format != FORMAT) {
            throw new FutureFormat(format);
        }
        Map<String, Object> state = (Map<String, Object>) whole.get("state");
        if (!checksum(state).equals(whole.get("checksum"))) {
            throw new IllegalArgumentException("its checksum is wrong");
        }
        return new Stored(state, Instant.parse((String) whole.get("savedAt")),
                ((Long) whole.get("attempts")).intValue(), (Long) whole.get("generation"));
    }

    private static String checksum(Map<String, Object> state) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256")
                    .digest(Json.write(state).getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException never) {
            throw new IllegalStateException(never);
        }
    }
}
