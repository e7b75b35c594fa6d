package dev.soleinit.storage;

import dev.soleinit.storage.files.AtomicFile;
import dev.soleinit.storage.files.JsonFile;
import dev.soleinit.storage.files.WritableDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * run/{@code supervisor.json}, the marker: who supervises here. It explains; whether that
 * supervisor lives is for its lock to say ({@link ProcessLock#isHeld}).
 *
 * @param pid        the supervisor's process id
 * @param startTicks field 22 of /proc/PID/stat
 * @param instance   id of the supervisor's life
 * @param version    of soleinit
 * @param socket     path of the control socket
 */
public record SupervisorMarker(int pid, long startTicks, String instance, String version, String socket) {
    private static final String NAME = "supervisor.json";

    /**
     * Makes the run directory, or says why it cannot be used.
     *
     * @param daemonUid whom the daemon runs as, if not as this process
     * @return warnings
     */
    public static List<String> prepare(Path runDir, OptionalInt daemonUid) {
        return WritableDirectory.prepare(runDir, "--run-dir", daemonUid);
    }

    /** Where it is. */
    public static Path file(Path runDir) {
        return runDir.resolve(NAME);
    }

    /** The same for a daemon that runs as this process does. */
    public static void prepare(Path runDir) {
        prepare(runDir, OptionalInt.empty());
    }

    /** Removes what earlier owners left half; to be done before this one writes its first file. */
    public static void removeLeftovers(Path runDir) {
        AtomicFile.removeLeftovers(runDir, "");
    }

    public void write(Path runDir) throws IOException {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("pid", pid);
        fields.put("startTicks", startTicks);
        fields.put("instance", instance);
        fields.put("version", version);
        fields.put("socket", socket);
        JsonFile.write(runDir.resolve(NAME), fields);
    }

    public static void remove(Path runDir) throws IOException {
        Files.deleteIfExists(runDir.resolve(NAME));
    }

    /** Empty if there is none, or one that cannot be read. */
    public static Optional<SupervisorMarker> read(Path runDir) {
        return JsonFile.read(runDir.resolve(NAME)).map(fields -> new SupervisorMarker(
                (int) JsonFile.number(fields, "pid"), JsonFile.number(fields, "startTicks"),
                JsonFile.text(fields, "instance"), JsonFile.text(fields, "version"),
                JsonFile.text(fields, "socket")));
    }
}
