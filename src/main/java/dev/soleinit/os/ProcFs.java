package dev.soleinit.os;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What /proc says of processes. Stateless, for any thread. Source: proc(5). */
final class ProcFs {
    private static final Path PROC = Path.of("/proc");
    /** Fields of /proc/PID/stat, counted after the command name, which may hold anything. */
    private static final int STATE = 0;
    private static final int PARENT = 1;
    private static final int START_TICKS = 19;

    private ProcFs() {}

    /** Field 22 of /proc/PID/stat; 0 if there is no such process or only its corpse. */
    static long startTicks(int pid) {
        String[] fields = stat(pid);
        return fields.length <= START_TICKS || fields[STATE].equals("Z") ? 0
                : Long.parseLong(fields[START_TICKS]);
    }

    /** The parent's process id, 0 if there is no such process. */
    static int parent(int pid) {
        String[] fields = stat(pid);
        return fields.length <= PARENT ? 0 : Integer.parseInt(fields[PARENT]);
    }

    private static String[] stat(int pid) {
        try {
            String text = Files.readString(PROC.resolve(pid + "/stat"),
                    StandardCharsets.ISO_8859_1);
            return text.substring(text.lastIndexOf(')') + 2).split(" ");
        } catch (IOException gone) {
            return new String[0];
        }
    }

    /** The real user id; -1 if there is no such process, or only a thread of that number. */
    static int user(int pid) {
        boolean process = false;
        try {
            for (String line : Files.readAllLines(PROC.resolve(pid + "/status"),
                    StandardCharsets.ISO_8859_1)) {
                process |= line.equals("Tgid:\t" + pid);
                if (line.startsWith("Uid:\t")) {
                    return process ? Integer.parseUnsignedInt(line.split("\t")[1]) : -1;
                }
            }
        } catch (IOException gone) {
            return -1;
        }
        return -1;
    }

    /** Whether a process descends from another. A few reads, so that a flood of questions is cheap. */
    static boolean descends(int pid, int ancestor) {
        int parent = pid;
        while (parent > 1 && parent != ancestor) {
            parent = parent(parent);
        }
        return parent == ancestor;
    }

    /** Every process below {@code ancestor}, at any depth. */
    static Set<Integer> descendants(int ancestor) {
        Map<Integer, List<Integer>> children = new HashMap<>();
        for (int pid : processes()) {
            children.computeIfAbsent(parent(pid), _ -> new ArrayList<>()).add(pid);
        }
        Set<Integer> found = new HashSet<>();
        collect(ancestor, children, found);
        return found;
    }

    private static void collect(int pid, Map<Integer, List<Integer>> children, Set<Integer> found) {
        for (int child : children.getOrDefault(pid, List.of())) {
            if (found.add(child)) {
                collect(child, children, found);
            }
        }
    }

    private static List<Integer> processes() {
        List<Integer> pids = new ArrayList<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path one : all) {
                pids.add(Integer.parseInt(one.getFileName().toString()));
            }
        } catch (IOException noProc) {
            return List.of();
        }
        return pids;
    }

    /** The signals that one thread of this process blocks, bit n-1 for signal n. */
    static long blockedSignals(Path task) {
        try {
            for (String line : Files.readAllLines(task.resolve("status"))) {
                if (line.startsWith("SigBlk:")) {
                    return Long.parseUnsignedLong(line.substring(7).strip(), 16);
                }
            }
        } catch (IOException gone) {
            return -1L;
        }
        return 0;
    }

    /** The threads of this process, as folders of /proc. */
    static List<Path> threads() {
        List<Path> tasks = new ArrayList<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(PROC.resolve("self/task"))) {
            all.forEach(tasks::add);
        } catch (IOException noProc) {
            return List.of();
        }
        return tasks;
    }

    static String bootId() {
        try {
            return Files.readString(PROC.resolve("sys/kernel/random/boot_id")).strip();
        } catch (IOException noProc) {
            return "unknown";
        }
    }
}
