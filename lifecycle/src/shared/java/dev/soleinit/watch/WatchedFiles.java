package dev.soleinit.watch;

import dev.soleinit.checksum.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The content of files and directories that are watched. Symbolic links are followed, what cannot
 * be read counts as absent, and a path need not exist yet. For any thread.
 */
public final class WatchedFiles {
    /** Longer than the tick of a file system's clock: two writes in one have the same dates. */
    private static final Duration YOUNG = Duration.ofSeconds(2);

    /** So many files, and so much of them, are read and remembered by name. */
    public static final int MAX_FILES = 5_000;
    public static final long MAX_BYTES = 64L << 20;
    /** So many are looked at at all; links can make more of a tree than there is. */
    public static final int MAX_WALKED = 200_000;
    /** In so many directories the kernel is asked to tell of changes. */
    static final int MAX_DIRECTORIES = 2_000;

    /** What tells without reading that a file is as it was. */
    private record Stamp(long size, FileTime modified, FileTime changed, Object key) {
        boolean isYoung() {
            return changed.toInstant().isAfter(Instant.now().minus(YOUNG));
        }
    }

    private record CachedHash(Stamp stamp, String hash) {}

    private final List<Path> paths;
    private final IgnorePatterns ignored;
    private final Map<Path, CachedHash> known = new HashMap<>();
    private volatile boolean byDate;

    /**
     * Watches these.
     *
     * @param ignore patterns of files that do not count, such as {@code *.log} or {@code .git/*}
     * @throws IllegalArgumentException if a pattern is malformed
     */
    public WatchedFiles(List<Path> paths, List<String> ignore) {
        this.paths = paths.stream().map(path -> path.toAbsolutePath().normalize()).toList();
        this.ignored = new IgnorePatterns(ignore);
    }

    public List<Path> paths() {
        return paths;
    }

    /**
     * Reads what has changed since the last time, as far as the file system tells. What is more than
     * {@link #MAX_FILES} or {@link #MAX_BYTES} is known by its dates from then on, without names.
     */
    public Snapshot snapshot() {
        return takeIfSmall().orElseGet(this::takeDates);
    }

    /** The same where that takes little time; nothing if there is too much to be read. */
    public Optional<Snapshot> takeIfSmall() {
        return byDate ? Optional.empty() : takeContents();
    }

    private synchronized Optional<Snapshot> takeContents() {
        Map<Path, BasicFileAttributes> found = byDate ? null : files();
        if (found == null) {
            byDate = true;
            known.clear();
            return Optional.empty();
        }
        Map<Path, String> files = new TreeMap<>();
        found.forEach((file, attributes) -> {
            String hash = hash(file, attributes);
            if (hash != null) {
                files.put(file, hash);
            }
        });
        known.keySet().retainAll(files.keySet());
        return Optional.of(new Snapshot(hash(files), files));
    }

    /** Holds no lock: it may take long. */
    private Snapshot takeDates() {
        ByDate dates = new ByDate();
        for (Path path : paths) {
            WatchedTree.walk(path, ignored, (found, attributes) -> {
                if (attributes.isRegularFile()) {
                    dates.add(found, attributes);
                }
                return dates.count() < MAX_WALKED;
            });
        }
        return new Snapshot(dates.hash(), Map.of());
    }

    /** Whether there is too much to be read. For any thread. */
    public boolean isByDate() {
        return byDate;
    }

    /** Reads everything. */
    public Snapshot rereadAll() {
        forget();
        return snapshot();
    }

    private synchronized void forget() {
        known.clear();
    }

    /** The directories in which something could happen that matters; not many more than are watched. */
    Set<Path> directories() {
        Set<Path> all = new TreeSet<>();
        for (Path path : paths) {
            SymlinkChain.add(all, path);
            WatchedTree.walk(path, ignored, (found, attributes) -> {
                if (attributes.isDirectory()) {
                    all.add(found);
                }
                if (Files.isSymbolicLink(found)) {
                    SymlinkChain.add(all, found);
                }
                return all.size() <= MAX_DIRECTORIES;
            });
        }
        return all;
    }

    /** What is to be said of the paths before anybody relies on them. */
    public List<String> warnings() {
        return MountPoints.files().stream().filter(this::watches).map(path -> path + " is a "
                + "single-file mount: an editor on the outside that renames a new file over it is "
                + "not seen here; mount its directory").toList();
    }

    private boolean watches(Path file) {
        return paths.stream().map(WatchedFiles::real).anyMatch(path -> file.equals(path)
                || file.startsWith(path) && !ignored.file(path, file));
    }

    private static Path real(Path path) {
        try {
            return path.toRealPath();
        } catch (IOException notYet) {
            return path;
        }
    }

    // ---- reading

    /** Null if they are too many, or too large. */
    private Map<Path, BasicFileAttributes> files() {
        Map<Path, BasicFileAttributes> files = new TreeMap<>();
        long[] bytes = new long[1];
        for (Path path : paths) {
            WatchedTree.walk(path, ignored, (found, attributes) -> {
                if (attributes.isRegularFile() && files.put(found, attributes) == null) {
                    bytes[0] += attributes.size();
                }
                return files.size() <= MAX_FILES && bytes[0] <= MAX_BYTES;
            });
        }
        return files.size() <= MAX_FILES && bytes[0] <= MAX_BYTES ? files : null;
    }

    /** The hash of a file's content; null if it cannot be read. */
    private String hash(Path file, BasicFileAttributes attributes) {
        try {
            Stamp stamp = new Stamp(attributes.size(), attributes.lastModifiedTime(),
                    (FileTime) Files.getAttribute(file, "unix:ctime"), attributes.fileKey());
            CachedHash before = known.get(file);
            if (before != null && before.stamp().equals(stamp)) {
                return before.hash();
            }
            boolean tells = !stamp.isYoung();
            String hash = read(file);
            if (tells) {
                known.put(file, new CachedHash(stamp, hash));
            } else {
                known.remove(file);
            }
            return hash;
        } catch (IOException | RuntimeException unreadable) {
            return null;
        }
    }

    private static String read(Path file) throws IOException {
        Sha256 sum = new Sha256();
        byte[] buffer = new byte[16 * 1024];
        try (InputStream in = Files.newInputStream(file)) {
            for (int size = in.read(buffer); size >= 0; size = in.read(buffer)) {
                sum.add(buffer, size);
            }
        }
        return sum.hex();
    }

    private static String hash(Map<Path, String> files) {
        Sha256 sum = new Sha256();
        files.forEach((file, hash) -> sum.add(file + "\0" + hash + "\0"));
        return sum.hex();
    }
}
