package dev.soleinit.storage;

import dev.soleinit.storage.files.JsonFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * run/{@code generation.json}: which life of the daemon this is. Compare (instance, generation),
 * never clocks.
 *
 * @param generation the fencing number
 * @param instance   id of the supervisor's life
 * @param pid        the daemon's process id, 0 if it is down
 * @param startTicks field 22 of /proc/PID/stat
 * @param bootId     the kernel's boot
 * @param startedAt  ISO 8601, UTC; empty before the first start
 * @param phase      the state word of {@code daemon status}
 * @param reason     why it is in that phase, may be empty
 * @param command    what runs
 */
public record GenerationFile(long generation, String instance, int pid, long startTicks,
        String bootId, String startedAt, String phase, String reason, List<String> command) {
    private static final String NAME = "generation.json";

    public void write(Path runDir) throws IOException {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("generation", generation);
        fields.put("instance", instance);
        fields.put("pid", pid);
        fields.put("startTicks", startTicks);
        fields.put("bootId", bootId);
        fields.put("startedAt", startedAt);
        fields.put("phase", phase);
        fields.put("reason", reason);
        fields.put("command", command);
        JsonFile.write(runDir.resolve(NAME), fields);
    }

    /** What is there is no longer true. */
    public static void remove(Path runDir) throws IOException {
        Files.deleteIfExists(runDir.resolve(NAME));
    }

    /** The generation that the file names; empty if it is missing or broken. */
    public static Optional<Long> readGeneration(Path runDir) {
        return JsonFile.read(runDir.resolve(NAME))
                .map(fields -> JsonFile.number(fields, "generation"));
    }
}
