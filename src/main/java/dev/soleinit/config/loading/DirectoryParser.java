package dev.soleinit.config.loading;

import dev.soleinit.config.settings.BootTasks.Directory;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;

/** Reads {@code PATH[:USER[:GROUP[:MODE]]]}; each part but the path may be empty. Stateless. */
final class DirectoryParser {
    private static final int PARTS = 4;

    private DirectoryParser() {}

    /** Throws an IllegalArgumentException that says what would be right. */
    static Directory read(String text) {
        String[] parts = text.split(":", -1);
        if (!parts[0].startsWith("/") || parts.length > PARTS) {
            throw new IllegalArgumentException("give PATH[:USER[:GROUP[:MODE]]] with an absolute path, "
                    + "such as /run/app:www-data:www-data:0750");
        }
        Optional<String> owner = part(parts, 1);
        Optional<String> group = part(parts, 2);
        if (group.isPresent() && owner.isEmpty()) {
            throw new IllegalArgumentException("give the group's user, too, by name or number");
        }
        return new Directory(path(parts[0]), owner.map(user ->
                group.map(name -> user + ":" + name).orElse(user)), mode(part(parts, 3)));
    }

    private static Optional<String> part(String[] parts, int index) {
        return parts.length <= index || parts[index].isEmpty() ? Optional.empty()
                : Optional.of(parts[index]);
    }

    private static Path path(String text) {
        try {
            Path path = Path.of(text).normalize();
            if (path.getNameCount() > 0) {
                return path;
            }
        } catch (InvalidPathException bytes) {
            // worded below
        }
        throw new IllegalArgumentException("it is no path of a directory that could be made");
    }

    private static OptionalInt mode(Optional<String> text) {
        if (text.isEmpty()) {
            return OptionalInt.empty();
        }
        if (!text.get().matches("[0-7]{3,4}")) {
            throw new IllegalArgumentException("the mode is octal, such as 0750");
        }
        return OptionalInt.of(Integer.parseInt(text.get(), 8));
    }
}
