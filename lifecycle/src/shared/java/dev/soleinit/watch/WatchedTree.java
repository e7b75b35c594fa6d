package dev.soleinit.watch;

import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumSet;
import java.util.function.BiPredicate;

/**
 * A walk over the directories and files at or below a watched path that are not ignored, links
 * followed, until the one who asks has seen enough. What cannot be read, or vanishes, is passed over.
 */
final class WatchedTree extends SimpleFileVisitor<Path> {
    private static final int DEEPEST = 40;
    /** Linked directories below each other; directories that link to one another never end. */
    private static final int MAX_LINKS = 3;

    private final Path root;
    private final IgnorePatterns ignored;
    private final BiPredicate<Path, BasicFileAttributes> found;
    private final Deque<Boolean> linked = new ArrayDeque<>();
    private int links;

    private WatchedTree(Path root, IgnorePatterns ignored, BiPredicate<Path, BasicFileAttributes> found) {
        this.root = root;
        this.ignored = ignored;
        this.found = found;
    }

    static void walk(Path root, IgnorePatterns ignored, BiPredicate<Path, BasicFileAttributes> found) {
        try {
            Files.walkFileTree(root, EnumSet.of(FileVisitOption.FOLLOW_LINKS), DEEPEST,
                    new WatchedTree(root, ignored, found));
        } catch (IOException | SecurityException gone) {
            // then there is nothing
        }
    }

    @Override
    public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
        boolean link = !directory.equals(root) && Files.isSymbolicLink(directory);
        if (ignored.directory(root, directory) || link && links == MAX_LINKS) {
            return FileVisitResult.SKIP_SUBTREE;
        }
        linked.push(link);
        links += link ? 1 : 0;
        return found.test(directory, attributes) ? FileVisitResult.CONTINUE
                : FileVisitResult.TERMINATE;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
        boolean more = !attributes.isRegularFile() || ignored.file(root, file)
                || found.test(file, attributes);
        return more ? FileVisitResult.CONTINUE : FileVisitResult.TERMINATE;
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException goneOrLoop) {
        return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path directory, IOException gone) {
        links -= linked.pop() ? 1 : 0;
        return FileVisitResult.CONTINUE;
    }
}
