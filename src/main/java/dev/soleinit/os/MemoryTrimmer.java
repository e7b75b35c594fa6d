package dev.soleinit.os;

import dev.soleinit.os.ffi.LibC;
import dev.soleinit.os.ffi.NativeMemory;
import dev.soleinit.os.ffi.Pointer;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Gives back what only the start, or a burst of work, has needed: free pages of the C heap, and pages of
 * files that nothing has written to (the code of the JVM, the AOT cache). The kernel keeps the latter as
 * cache and maps again what is really used. Nothing that runs notices. Sources: malloc_trim(3),
 * madvise(2), proc_pid_smaps(5), getrusage(2).
 */
final class MemoryTrimmer {
    /** After this long without anything to do the start is over. */
    private static final int START_IS_OVER = 1_000;
    /** And after this long the JVM has compiled what it has found itself doing. */
    private static final int IS_COMPILED = 200;
    /** And after this long mostly what has just given back, too. Each of these numbers is a step. */
    private static final int HAS_SETTLED = 300;
    /** And after this long nobody is in the middle of something. */
    private static final int BURST_IS_OVER = 2_000;
    /** And after this long even little that came will not go on, and may cost some milliseconds. */
    private static final int LULL = 20_000;
    private static final int NEVER = Integer.MAX_VALUE;
    private static final long USUAL_HEAP = 4L << 20;
    private static final long LARGE_HEAP = 16L << 20;
    /** Less garbage is not worth the pause, however quiet it is. */
    private static final long SOME_GARBAGE = 1L << 20;
    /**
     * More, and collecting it would hold a signal up for long: the JVM itself would first fill the whole
     * heap, and the pause goes with all that is in it, dead or alive.
     */
    private static final long MUCH_GARBAGE = 4L << 20;
    /** As often the loop has to wake, some hundred calls or restarts, until it has been a burst. */
    private static final int MANY_TIMES = 1_000;
    /**
     * Giving back is itself what the JVM now and then compiles, behind it, and a compiler maps 8 MiB
     * again that nobody would give back any more. It is looked until that has not happened, or so often.
     */
    private static final int LOOKS_BEHIND = 3;
    /** What comes so often while it is looked is compiled then, and not behind what gives back. */
    private static final int UNTIL_COMPILED = 5;
    /** Giving back and looking are some 60; with each the kernel maps the pages around it. */
    private static final int MANY_MISSES = 100;
    /** So large are only the code of the JVM and the AOT cache, which stay mapped where they are. */
    private static final long LARGE_RANGE = 4L << 20;
    private static final int RUSAGE_SELF = 0;
    private static final int RUSAGE_BYTES = 144;
    private static final int MISSES = 64;
    private static final Path DETAILS = Path.of("/proc/self/smaps");
    private static final Path MAPPINGS = Path.of("/proc/self/maps");
    private static final String NO_OWN_PAGE = "Anonymous:             0 kB";
    private static final int MADV_DONTNEED = 4;

    private final LibC libc;
    private final Pointer usage;
    private int quietMillis = START_IS_OVER;
    private long large = LARGE_HEAP;
    /** How much of the heap was in use when it was last without garbage. */
    private long live = USUAL_HEAP;
    private int awake;
    private int looksBehind;
    private long misses;
    private Map<String, Range> unwritten = Map.of();
    private List<Range> ranges = List.of();

    MemoryTrimmer(NativeMemory nativeCode) {
        libc = nativeCode.libc;
        usage = nativeCode.allocate(RUSAGE_BYTES);
    }

    /** After so much quiet the {@link #next} step is due; none is after the last. */
    int quietMillis() {
        return quietMillis;
    }

    /**
     * Something has happened. What has made the heap grow is often over at once, but a heap alone never
     * shrinks: so what is dead is collected in the next quiet moment, if there can be much of it. And
     * who is asked a thousand things maps again what was given back after the start.
     */
    void noteActivity() {
        if (used() - live >= Math.max(MUCH_GARBAGE, live / 2)) {
            collect();
        }
        awake = Math.min(awake + 1, MANY_TIMES);
        if (quietMillis == NEVER || quietMillis == HAS_SETTLED) {
            quietMillis = LULL;
        }
        if (quietMillis == LULL
                && (awake >= MANY_TIMES || Runtime.getRuntime().totalMemory() >= large)) {
            quietMillis = BURST_IS_OVER;
        }
    }

    void next() {
        if (quietMillis == HAS_SETTLED) {
            boolean more = misses() - misses >= MANY_MISSES;
            if (more) {
                shrinkAgain();
            }
            looksBehind++;
            quietMillis = more && looksBehind < LOOKS_BEHIND ? HAS_SETTLED : NEVER;
        } else if (quietMillis == IS_COMPILED) {
            shrink();
            awake = 0;
            looksBehind = 0;
            quietMillis = HAS_SETTLED;
        } else {
            if (used() - live >= SOME_GARBAGE) {
                collect();
            }
            live = Math.min(live, used());
            look();
            quietMillis = IS_COMPILED;
        }
    }

    /** How often a thread of ours has missed a page, which the kernel then mapped. */
    private long misses() {
        libc.getrusage(RUSAGE_SELF, usage);
        return usage.getLong(MISSES);
    }

    /** The JVM gives back the rest of its heap with it, at once: see its options. */
    private void collect() {
        System.gc();
        live = used();
        large = Math.max(LARGE_HEAP, 2 * Runtime.getRuntime().totalMemory());
    }

    private static long used() {
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    /**
     * Finds what can be given back. It is a loop over thousands of lines, which the JVM compiles, and
     * a compiler uses much of what is to be given back: so this is for a moment before.
     */
    private void look() {
        try {
            unwritten = unwrittenMappings();
            Collections.sort(new ArrayList<>(unwritten.values()));
            for (int i = 0; i < UNTIL_COMPILED; i++) {
                misses();
                libc.madvise(0, 0, MADV_DONTNEED);
            }
        } catch (IOException | RuntimeException | OutOfMemoryError another) {
            // so it stays as large as it was: it is no duty
        }
    }

    /** Gives back what was found and is still there; the largest last, as this needs some of it. */
    private void shrink() {
        try {
            libc.malloc_trim(0);
            ranges = new ArrayList<>();
            for (String mapping : Files.readAllLines(MAPPINGS, StandardCharsets.ISO_8859_1)) {
                Range range = unwritten.get(mapping);
                if (range != null) {
                    ranges.add(range);
                }
            }
            Collections.sort(ranges);
            misses = misses();
            for (Range range : ranges) {
                libc.madvise(range.from, range.bytes, MADV_DONTNEED);
            }
        } catch (IOException | RuntimeException | OutOfMemoryError another) {
            // as above
        }
        unwritten = Map.of();
    }

    /** Without reading anything: else there would be more to compile each time. */
    private void shrinkAgain() {
        misses = misses();
        for (int i = 0; i < ranges.size(); i++) {
            Range range = ranges.get(i);
            if (range.bytes >= LARGE_RANGE) {
                libc.madvise(range.from, range.bytes, MADV_DONTNEED);
            }
        }
    }

    /** Small ones first; no lambda says so, for which the JVM would write a class. */
    private record Range(long from, long bytes) implements Comparable<Range> {
        @Override
        public int compareTo(Range other) {
            return Long.compare(bytes, other.bytes);
        }

        static Range of(String mapping) {
            int dash = mapping.indexOf('-');
            long from = Long.parseLong(mapping, 0, dash, 16);
            return new Range(from, Long.parseLong(mapping, dash + 1, mapping.indexOf(' '), 16) - from);
        }
    }

    /**
     * Mappings of files that cannot be written and have no page of their own, so that all of them
     * can be read again. Each begins with "from-to r-xp offset device inode path", in hexadecimal.
     */
    private static Map<String, Range> unwrittenMappings() throws IOException {
        Map<String, Range> found = new HashMap<>();
        try (BufferedReader lines = Files.newBufferedReader(DETAILS, StandardCharsets.ISO_8859_1)) {
            String mapping = "";
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                char first = line.charAt(0);
                if (first < 'A' || first > 'Z') {
                    mapping = line;
                } else if (first == 'A' && line.equals(NO_OWN_PAGE) && mapping.indexOf('/') > 0
                        && mapping.charAt(mapping.indexOf(' ') + 2) == '-') {
                    found.put(mapping, Range.of(mapping));
                }
            }
        }
        return found;
    }
}
