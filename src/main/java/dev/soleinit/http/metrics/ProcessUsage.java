package dev.soleinit.http.metrics;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What this process uses, under the names that Prometheus has for it. Used on the server's thread.
 * Sources: proc_pid_stat(5), proc_stat(5).
 */
public final class ProcessUsage {
    private static final Path SELF = Path.of("/proc/self");
    /** USER_HZ, which is the same on every Linux that a JVM runs on. */
    private static final double TICKS_A_SECOND = 100;
    /** Fields of /proc/self/stat, counted from the one behind the name. */
    private static final int USER_TIME = 11;
    private static final int SYSTEM_TIME = 12;
    private static final int THREADS = 17;
    private static final int STARTED = 19;
    private static final int VIRTUAL = 20;
    private static final String RESIDENT = "VmRSS:";

    /** What cannot be read is left out. */
    public List<MetricFamily> families() {
        List<MetricFamily> all = new ArrayList<>();
        try {
            String stat = read(SELF.resolve("stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            all.add(MetricFamily.counter("process_cpu_seconds",
                    "CPU time of the supervisor, of all its threads.",
                    (number(fields[USER_TIME]) + number(fields[SYSTEM_TIME])) / TICKS_A_SECOND));
            all.add(MetricFamily.gauge("process_resident_memory_bytes",
                    "Resident memory of the supervisor.", resident()));
            all.add(MetricFamily.gauge("process_virtual_memory_bytes",
                    "Virtual memory of the supervisor.", number(fields[VIRTUAL])));
            all.add(MetricFamily.gauge("process_start_time_seconds",
                    "When the supervisor was started, in seconds since 1970.",
                    bootTime() + number(fields[STARTED]) / TICKS_A_SECOND));
            all.add(MetricFamily.gauge("process_threads", "Threads of the supervisor.",
                    number(fields[THREADS])));
            all.add(MetricFamily.gauge("process_open_fds", "Open descriptors of the supervisor.",
                    descriptors()));
        } catch (IOException | RuntimeException unreadable) {
            // another system than Linux, or no /proc: the rest is shown
        }
        return all;
    }

    private static double number(String field) {
        return Double.parseDouble(field);
    }

    private static String read(Path file) throws IOException {
        return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
    }

    private static double resident() throws IOException {
        String status = read(SELF.resolve("status"));
        int begin = status.indexOf(RESIDENT) + RESIDENT.length();
        return 1024 * number(status.substring(begin, status.indexOf("kB", begin)).strip());
    }

    private static double bootTime() throws IOException {
        String stat = read(Path.of("/proc/stat"));
        int begin = stat.indexOf("btime ") + "btime ".length();
        return number(stat.substring(begin, stat.indexOf('\n', begin)));
    }

    private static double descriptors() throws IOException {
        int count = 0;
        try (DirectoryStream<Path> all = Files.newDirectoryStream(SELF.resolve("fd"))) {
            for (Path _ : all) {
                count++;
            }
        }
        return count;
    }
}
