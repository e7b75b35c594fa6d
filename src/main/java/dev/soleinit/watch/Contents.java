package dev.soleinit.watch;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The content of files and directories that are watched. Symbolic links are followed, what cannot
 * be read counts as absent, and a path need not exist yet. For any thread.
 */
public final class Contents {
    private static final int DEEPEST = 40;

    /** What tells without reading that a file is as it was. */
    private record Stamp(long size, Object modified, Object changed, Object key) {}

    private record Known(Stamp stamp, String hash) {}

    private final List<Path> paths;
    private final Ignored ignored;
    private final Map<Path, Known> known = new HashMap<>();

    /**
     * Watches these.
     *
     * @param ignore patterns of files that do not count, such as {@code *.log} or {@code .git/*}
     * @throws IllegalArgumentException if a pattern is malformed
     */
    public Contents(List<Path> paths, List<String> ignore) {
        this.paths = paths.stream().map(path -> path.toAbsolutePath().normalize()).toList();
        this.ignored = new Ignored(ignore);
    }

    public List<Path> paths() {
        return paths;
    }

    /** Reads what has changed since the last time, as far as the file system tells. */
    public synchronized Snapshot take() {
        Map<Path, String> files = new TreeMap<>();
        for (Path path : paths) {
            files(path).forEach((file, attributes) -> {
                String hash = hash(file, attributes);
                if (hash != null) {
                    files.put(file, hash);
                }
            });
        }
        known.keySet().retainAll(files.keySet());
        return new Snapshot(hash(files), files);
    }

    /** Reads everything. */
    public synchronized Snapshot takeFresh() {
        known.clear();
        return take();
    }

    /** The directories in which something could happen that matters. */
    Set<Path> directories() {
        Set<Path> all = new TreeSet<>();
        for (Path path : paths) {
            Path existing = path;
            while (existing != null && !Files.isDirectory(existing)) {
                existing = existing.getParent();
            }
            addWithParents(all, existing);
            addWithParents(all, path.getParent());
            try {
                // where links lead to, for example the folder of a ConfigMap
                addWithParents(all, path.toRealPath().getParent());
            } catch (IOException notYet) {
                // its parent is watched
            }
            walk(path, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes a) {
                    if (ignored.directory(path, directory)) {
                        return FileVisitResult.SKIP_SUBTREE;
                    }
                    all.add(directory);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException gone) {
                    return FileVisitResult.CONTINUE;
                }
            });
        }
        return all;
    }

    private static void addWithParents(Set<Path> all, Path directory) {
        if (directory != null && Files.isDirectory(directory)) {
            all.add(directory);
        }
    }

    /** What is to be said of the paths before anybody relies on them. */
    public List<String> warnings() {
        return MountPoints.files(paths).stream().map(path -> path + " is a single-file mount: an "
                + "editor on the outside that renames a new file over it is not seen here; mount "
                + "its directory").toList();
    }

    // ---- reading

    private Map<Path, BasicFileAttributes> files(Path root) {
        Map<Path, BasicFileAttributes> files = new TreeMap<>();
        walk(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes a) {
                return ignored.directory(root, directory) ? FileVisitResult.SKIP_SUBTREE
                        : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                if (attributes.isRegularFile() && !ignored.file(root, file)) {
                    files.put(file, attributes);
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException gone) {
                // a loop of links, or a file that has just gone
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, IOException gone) {
                return FileVisitResult.CONTINUE;
            }
        });
        return files;
    }

    private static void walk(Path root, SimpleFileVisitor<Path> visitor) {
        try {
            Files.walkFileTree(root, EnumSet.of(FileVisitOption.FOLLOW_LINKS), DEEPEST, visitor);
        } catch (IOException | SecurityException gone) {
            // then there is nothing
        }
    }

    /** The hash of a file's content; null if it cannot be read. */
    private String hash(Path file, BasicFileAttributes attributes) {
        try {
            Stamp stamp = new Stamp(attributes.size(), attributes.lastModifiedTime(),
                    Files.getAttribute(file, "unix:ctime"), attributes.fileKey());
            Known before = known.get(file);
            if (before != null && before.stamp().equals(stamp)) {
                return before.hash();
            }
            String hash = read(file);
            known.put(file, new Known(stamp, hash));
            return hash;
        } catch (IOException | RuntimeException unreadable) {
            return null;
        }
    }

    private static String read(Path file) throws IOException {
        MessageDigest digest = sha256();
        byte[] buffer = new byte[16 * 1024];
        try (InputStream in = Files.newInputStream(file)) {
            for (int size = in.read(buffer); size >= 0; size = in.read(buffer)) {
                digest.update(buffer, 0, size);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static String hash(Map<Path, String> files) {
        MessageDigest digest = sha256();
        files.forEach((file, hash) -> digest.update((file + "\0" + hash + "\0")
                .getBytes(StandardCharsets.UTF_8)));
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException never) {
            throw new IllegalStateException(never);
        }
    }
}
