package dev.soleinit.os.host;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** What a process has for itself. Stateless, for any thread. Source: proc(5). */
public final class ProcessMemory {
    private ProcessMemory() {}

    /** In bytes, neither files nor what was never touched; 0 if there is no such process. */
    public static long of(int pid) {
        return of(Path.of("/proc/" + pid + "/status"));
    }

    static long of(Path status) {
        long kilobytes = 0;
        try {
            for (String line : Files.readAllLines(status, StandardCharsets.ISO_8859_1)) {
                if (line.startsWith("RssAnon:") || line.startsWith("RssShmem:")) {
                    kilobytes += Long.parseLong(line.substring(line.indexOf(':') + 1)
                            .replace("kB", "").strip());
                }
            }
        } catch (IOException | RuntimeException gone) {
            return 0;
        }
        return kilobytes << 10;
    }
}
