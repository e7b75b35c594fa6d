package dev.soleinit.os;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Gives back what only the start has needed: free pages of the C heap, and pages of files that
 * nothing has written to (the code of the JVM, the AOT cache). The kernel keeps the latter as cache
 * and maps again what is really used. Nothing that runs notices. Sources: malloc_trim(3),
 * madvise(2), proc_pid_smaps(5).
 */
final class Footprint {
    private static final Path MAPPINGS = Path.of("/proc/self/smaps");
    private static final String NO_OWN_PAGE = "Anonymous:             0 kB";
    private static final int MADV_DONTNEED = 4;

    private final LibC libc;

    Footprint(LibC libc) {
        this.libc = libc;
    }

    /** Best effort: it is no duty. */
    void shrink() {
        try {
            // found first and dropped last, since finding them needs some of them
            List<String> mappings = unwritten();
            libc.malloc_trim(0);
            for (String range : mappings) {
                int dash = range.indexOf('-');
                long from = Long.parseLong(range, 0, dash, 16);
                long to = Long.parseLong(range, dash + 1, range.length(), 16);
                libc.madvise(from, to - from, MADV_DONTNEED);
            }
        } catch (IOException | RuntimeException | OutOfMemoryError another) {
            // so it stays as large as it was
        }
    }

    /**
     * Mappings of files that cannot be written and have no page of their own, so that all of them
     * can be read again. Each begins with "from-to r-xp offset device inode path", in hexadecimal.
     */
    private static List<String> unwritten() throws IOException {
        List<String> found = new ArrayList<>();
        try (BufferedReader lines = Files.newBufferedReader(MAPPINGS, StandardCharsets.ISO_8859_1)) {
            String mapping = "";
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                char first = line.charAt(0);
                if (first < 'A' || first > 'Z') {
                    mapping = line;
                } else if (first == 'A' && line.equals(NO_OWN_PAGE) && mapping.indexOf('/') > 0) {
                    int space = mapping.indexOf(' ');
                    if (mapping.charAt(space + 2) == '-') {
                        found.add(mapping.substring(0, space));
                    }
                }
            }
        }
        return found;
    }
}
