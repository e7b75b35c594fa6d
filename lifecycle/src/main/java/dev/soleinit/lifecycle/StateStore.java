package dev.soleinit.lifecycle;

import dev.soleinit.checksum.Sha256;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
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
    /** The last load could not get at what is there; confirming would lose it. */
    private boolean stuck;

    /**
     * Makes a store.
     *
     * @param name 1 to 64 of {@code a-z 0-9 . _ -}; not ending in {@code .claimed}
     */
    public StateStore(Path directory, String name) {
        if (!name.matches("[a-z0-9._-]{1,64}")) {
            throw new IllegalArgumentException("Cannot name a state '" + name + "': give 1 to 64 of "
                    + "a-z, 0-9, '.', '_' and '-'");
        }
        if (name.endsWith(".claimed")) {
            throw new IllegalArgumentException("Cannot name a state '" + name + "': its file "
                    + "would be the claim of another; let it not end in '.claimed'");
        }
        this.directory = directory;
        this.saved = directory.resolve(name + ".json");
        this.claimed = directory.resolve(name + ".claimed.json");
    }

    /**
     * How old a state may be that is restored; 10 minutes by default. By the wall clock: a state
     * from the future, because the clock was set back, counts as fresh.
     */
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
        StateFile.removeLeftovers(saved);
        StateFile.removeLeftovers(claimed);
        Stored stored = new Stored(state, clock.instant(), 0, generation);
        try {
            // better refused now, with the old state still there, than found corrupt later
            parse(text(stored));
        } catch (RuntimeException unreadable) {
            throw new IOException("Cannot keep the state in " + saved + ": it could not be read "
                    + "back: " + unreadable.getMessage(), unreadable);
        }
        write(saved, stored);
    }

    /** Claims what is there. */
    public Restored load() {
        stuck = false;
        try {
            if (Files.exists(saved)) {
                if (Files.exists(claimed)) {
                    // an older life never confirmed it, and then saved something newer
                    aside(claimed, "superseded");
                }
                Files.move(saved, claimed, StandardCopyOption.ATOMIC_MOVE);
            }
            return claim(parse(Files.readString(claimed)));
        } catch (NoSuchFileException none) {
            return new Restored.None();
        } catch (CharacterCodingException noText) {
            return failed("it is corrupt: it is no UTF-8", "corrupt");
        } catch (IOException why) {
            stuck = true;
            return new Restored.Failed("Cannot claim " + saved + ": " + why, Optional.empty());
        } catch (FutureFormat future) {
            return failed(future.getMessage(), "future");
        } catch (RuntimeException corrupt) {
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

    /** The state has been taken over and is not needed any more; what could not be loaded stays. */
    public void confirm() throws IOException {
        if (!stuck) {
            Files.deleteIfExists(claimed);
        }
    }

    private Restored failed(String reason, String why) {
        try {
            return new Restored.Failed("Cannot restore " + saved.getFileName() + ": " + reason,
                    Optional.of(aside(claimed, why)));
        } catch (IOException full) {
            stuck = true;
            return new Restored.Failed("Cannot restore " + saved.getFileName() + ": " + reason
                    + "; nor move it away: " + full.getMessage(), Optional.empty());
        }
    }

    private Path aside(Path file, String why) throws IOException {
        long millis = clock.instant().toEpochMilli();
        while (Files.exists(asideAt(why, millis))) {
            millis++;
        }
        return Files.move(file, asideAt(why, millis));
    }

    private Path asideAt(String why, long millis) {
        return saved.resolveSibling(saved.getFileName() + "." + why + "-" + millis);
    }

    // ---- the file

    private static void write(Path file, Stored stored) throws IOException {
        StateFile.write(file, text(stored));
    }

    private static String text(Stored stored) {
        Map<String, Object> whole = new LinkedHashMap<>();
        whole.put("format", FORMAT);
        whole.put("checksum", checksum(stored.state()));
        whole.put("savedAt", stored.savedAt().toString());
        whole.put("attempts", (long) stored.attempts());
        whole.put("generation", stored.generation());
        whole.put("state", stored.state());
        return Json.write(whole) + "\n";
    }

    private static final class FutureFormat extends RuntimeException {
        private static final long serialVersionUID = 1L;

        FutureFormat(long format) {
            super("it has format " + format + ", this version knows format " + FORMAT);
        }
    }

    @SuppressWarnings("unchecked")
    private static Stored parse(String text) {
        Map<?, ?> whole = typed(Map.class, Json.parse(text), "the whole");
        long format = typed(Long.class, whole.get("format"), "format");
        if (format > FORMAT) {
            throw new FutureFormat(format);
        }
        Map<String, Object> state = typed(Map.class, whole.get("state"), "state");
        if (!checksum(state).equals(whole.get("checksum"))) {
            throw new IllegalArgumentException("its checksum is wrong");
        }
        long attempts = typed(Long.class, whole.get("attempts"), "attempts");
        if (format < FORMAT || attempts < 0 || attempts > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("format " + format + " and " + attempts
                    + " attempts cannot be");
        }
        String savedAt = typed(String.class, whole.get("savedAt"), "savedAt");
        return new Stored(state, Instant.parse(savedAt), (int) attempts,
                typed(Long.class, whole.get("generation"), "generation"));
    }

    private static <T> T typed(Class<T> type, Object value, String name) {
        if (!type.isInstance(value)) {
            throw new IllegalArgumentException(name + " is missing or of a wrong type");
        }
        return type.cast(value);
    }

    private static String checksum(Map<String, Object> state) {
        return Sha256.of(Json.write(state));
    }
}
