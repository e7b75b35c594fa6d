package dev.soleinit.config.settings;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What is run, and as whom.
 *
 * @param command  program and arguments; may be empty
 * @param user     who it runs as
 * @param umask    its file mode mask, 0 to 0777
 * @param chdir    its working directory
 * @param env      what is added to its environment
 * @param pidFiles pid files of its own, removed before each start
 */
public record DaemonProgram(List<String> command, Optional<String> user, OptionalInt umask,
        Optional<Path> chdir, Map<String, String> env, List<Path> pidFiles) {}
