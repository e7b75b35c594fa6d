package dev.soleinit.watch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Set;

/**
 * The way to a file over all its symbolic links. A link can be replaced in the directory that holds
 * it, so each such directory matters, not only the one at the end. Source: path_resolution(7).
 */
final class SymlinkChain {
    private static final int MAX_LINKS = 40;

    private SymlinkChain() {}

    /** Adds the directories of the links, and of the file or of what exists of its path. */
    static void add(Set<Path> all, Path path) {
        try {
            add(all, path, 0);
        } catch (IOException | InvalidPathException gone) {
            // what was found so far is watched, and the poll sees the rest
        }
    }

    private static void add(Set<Path> all, Path path, int links) throws IOException {
        Path at = path.getRoot();
        for (int i = 0; i < path.getNameCount(); i++) {
            Path next = step(at, path.getName(i));
            boolean last = i == path.getNameCount() - 1;
            if (Files.isSymbolicLink(next)) {
                all.add(at);
                Path target = at.resolve(Files.readSymbolicLink(next));
                if (links < MAX_LINKS) {
                    add(all, last ? target : target.resolve(path.subpath(i + 1,
                            path.getNameCount())), links + 1);
                }
                return;
            }
            if (last || !Files.exists(next, LinkOption.NOFOLLOW_LINKS)) {
                all.add(at);
                return;
            }
            at = next;
        }
    }

    /** There is no link in {@code at}, so that its parent is what {@code ..} means. */
    private static Path step(Path at, Path name) {
        return switch (name.toString()) {
            case "", "." -> at;
            case ".." -> at.getParent() == null ? at : at.getParent();
            default -> at.resolve(name);
        };
    }
}
