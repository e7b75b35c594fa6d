package dev.soleinit.watch;

import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.PatternSyntaxException;

/**
 * Patterns of files that do not count: {@code *.log} is a name anywhere, {@code .git/*} is
 * everything in a directory of that name anywhere, other patterns with a slash are a path below the
 * watched one.
 */
final class IgnorePatterns {
    private final List<PathMatcher> names = new ArrayList<>();
    private final List<PathMatcher> directories = new ArrayList<>();
    private final List<PathMatcher> paths = new ArrayList<>();

    IgnorePatterns(List<String> patterns) {
        for (String pattern : patterns) {
            String directory = pattern.replaceFirst("/\\*{0,2}$", "");
            if (!pattern.contains("/")) {
                names.add(matcher(pattern, pattern));
            } else if (!directory.contains("/") && !directory.equals(pattern)) {
                directories.add(matcher(directory, pattern));
            } else {
                paths.add(matcher(pattern.endsWith("/") ? pattern + "**" : pattern, pattern));
            }
        }
    }

    private static PathMatcher matcher(String glob, String pattern) {
        try {
            return FileSystems.getDefault().getPathMatcher("glob:" + glob);
        } catch (PatternSyntaxException malformed) {
            throw new IllegalArgumentException("Cannot use ignore pattern '" + pattern + "': "
                    + malformed.getDescription(), malformed);
        }
    }

    /** Whether nothing in this directory counts. */
    boolean directory(Path root, Path directory) {
        return !directory.equals(root) && directory.getFileName() != null
                && matches(directories, directory.getFileName());
    }

    boolean file(Path root, Path file) {
        return matches(names, file.getFileName()) || matches(paths, root.relativize(file));
    }

    private static boolean matches(List<PathMatcher> matchers, Path path) {
        return matchers.stream().anyMatch(one -> one.matches(path));
    }
}
