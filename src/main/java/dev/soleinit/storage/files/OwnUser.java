package dev.soleinit.storage.files;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whose files this process makes. Source: proc_pid_status(5). Stateless. */
final class OwnUser {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final String UID = "\nUid:";

    private OwnUser() {}

    /**
     * The file system's user id: the last of the four in {@code Uid:}. Not the owner of /proc/self,
     * who is root where a program may be run but not read.
     */
    static int uid() throws IOException {
        String status = new String(Files.readAllBytes(STATUS), StandardCharsets.ISO_8859_1);
        int begin = status.indexOf(UID);
        if (begin < 0) {
            throw new IOException(STATUS + " names no user");
        }
        int end = status.indexOf('\n', begin + 1);
        return (int) Long.parseLong(status.substring(status.lastIndexOf('\t', end) + 1, end));
    }
}
