package dev.soleinit.config.loading;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * Where the two directories are when nobody says so, as the user may. As text: what a variable holds
 * need not be a path. Stateless.
 */
final class DefaultDirectories {
    private static final Path RUN = Path.of("/run/daemon");
    private static final Path STATE = Path.of("/var/lib/daemon");

    private DefaultDirectories() {}

    /** /run/daemon or, without rights there, the user's runtime directory. */
    static String defaultRun(Map<String, String> environment) {
        if (usable(RUN)) {
            return RUN.toString();
        }
        String own = environment.get("XDG_RUNTIME_DIR");
        return own != null ? own + "/daemon"
                : System.getProperty("java.io.tmpdir") + "/daemon-" + owner(environment);
    }

    /** /var/lib/daemon or, without rights there, the user's state directory. */
    static String defaultState(Map<String, String> environment) {
        if (usable(STATE)) {
            return STATE.toString();
        }
        String own = environment.get("XDG_STATE_HOME");
        return own != null ? own + "/daemon"
                : environment.getOrDefault("HOME", "/tmp") + "/.local/state/daemon";
    }

    private static String owner(Map<String, String> environment) {
        return environment.getOrDefault("USER", System.getProperty("user.name"));
    }

    /** In a container the fixed places are right even if they turn out to be unusable. */
    private static boolean usable(Path directory) {
        return Files.isWritable(directory)
                || !Files.exists(directory) && Files.isWritable(directory.getParent());
    }
}
