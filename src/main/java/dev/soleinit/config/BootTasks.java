package dev.soleinit.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What is done once, before the daemon's first start.
 *
 * @param directories what is made for it, in this order
 */
public record BootTasks(List<Directory> directories) {
    /**
     * A directory that the daemon needs; what is not given stays as it is.
     *
     * @param owner {@code USER} or {@code USER:GROUP}
     * @param mode  its permissions, 0 to 07777
     */
    public record Directory(Path path, Optional<String> owner, OptionalInt mode) {}
}
