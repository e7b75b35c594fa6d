package dev.soleinit.config.settings;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What is done once, before the daemon's first start.
 *
 * @param directories   what is made for it, in this order
 * @param envFiles      files of variables, of which a later one wins
 * @param secrets       variables, each with the file that its value is in
 * @param fileVariables names, or beginnings of names with a * behind, of variables whose value is in
 *                      the file that a variable NAME_FILE names
 * @param before        commands that are run, in this order
 */
public record BootTasks(List<Directory> directories, List<Path> envFiles, Map<String, Path> secrets,
        List<String> fileVariables, List<List<String>> before) {
    /**
     * A directory that the daemon needs; what is not given stays as it is.
     *
     * @param owner {@code USER} or {@code USER:GROUP}
     * @param mode  its permissions, 0 to 07777
     */
    public record Directory(Path path, Optional<String> owner, OptionalInt mode) {}

    /** Whether nothing has to be made or read, commands aside. */
    public boolean needsNothing() {
        return directories.isEmpty() && envFiles.isEmpty() && secrets.isEmpty()
                && fileVariables.isEmpty();
    }
}
