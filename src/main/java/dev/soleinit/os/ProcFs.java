package dev.soleinit.os;

import dev.soleinit.os.Kernel.ProcessEntry;
import dev.soleinit.process.Signal;
import java.io.FileInputStream;
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
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** What /proc says of processes. Stateless, for any thread. Source: proc(5). */
public final class ProcFs {
    private static final Path PROC = Path.of("/proc");
    /** Fields of /proc/PID/stat, counted after the command name, which may hold anything. */
    private static final int STATE = 0;
    private static final int PARENT = 1;
    private static final int GROUP = 2;
    private static final int SESSION = 3;
    private static final int THREADS = 17;
    private static final int START_TICKS = 19;
    /** A thread's status is some 1,400 bytes, of which SigBlk is in the first 1,200. */
    private static final int STATUS_BYTES = 2_048;
    private static final String THREAD_IS_GONE = "\nThreads:\t0\n";
    private static final long ALL_SIGNALS = -1L;
    private static final String INVOCATION_ID = "INVOCATION_ID=";

    /** Shells that stay in front of a command instead of becoming it. */
    private static final Set<String> SHELLS = Set.of("sh", "bash", "dash", "ash", "busybox");

    private ProcFs() {}

    /** Field 22 of /proc/PID/stat; 0 if there is no such process or only its corpse. */
    public static long startTicks(int pid) {
        String[] fields = stat(pid);
        return fields.length <= START_TICKS || fields[STATE].equals("Z") ? 0
                : Long.parseLong(fields[START_TICKS]);
    }

    /** The parent's process id, 0 if there is no such process. */
    static int parent(int pid) {
        String[] fields = stat(pid);
        return fields.length <= PARENT ? 0 : Integer.parseInt(fields[PARENT]);
    }

    /** A process names itself with bytes that need not be text, so they are not read as such. */
    private static String[] stat(int pid) {
        String text = statText(pid);
        return text.isEmpty() ? new String[0] : fields(text);
    }

    private static String[] fields(String text) {
        return text.substring(text.lastIndexOf(')') + 2).split(" ");
    }

    private static String statText(int pid) {
        try {
            return new String(Files.readAllBytes(PROC.resolve(pid + "/stat")),
                    StandardCharsets.ISO_8859_1);
        } catch (IOException gone) {
            return "";
        }
    }

    static OptionalInt onlyChildOfShell(int pid) {
        if (!SHELLS.contains(text(pid + "/comm"))) {
            return OptionalInt.empty();
        }
        return OptionalInt.of(heeds(pid, Signal.TERM) ? 0 : onlyChild(pid));
    }

    private static int onlyChild(int pid) {
        // one thread, so its children are all; the kernel may be built without this file
        String children = text(pid + "/task/" + pid + "/children");
        boolean one = !children.isEmpty() && children.indexOf(' ') < 0;
        return !one || text(children + "/comm").equals("sleep") ? 0 : Integer.parseInt(children);
    }

    /** Whether it has a handler for the signal or ignores it, as one with somebody at it does. */
    private static boolean heeds(int pid, Signal signal) {
        long heeded = 0;
        for (String line : text(pid + "/status").split("\n")) {
            if (line.startsWith("SigCgt:") || line.startsWith("SigIgn:")) {
                heeded |= Long.parseUnsignedLong(line.substring(7).strip(), 16);
            }
        }
        return (heeded >>> signal.number() - 1 & 1) != 0;
    }

    private static String text(String file) {
        try {
            return Files.readString(PROC.resolve(file), StandardCharsets.ISO_8859_1).strip();
        } catch (IOException gone) {
            return "";
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

    /** Every living process. One whose main thread alone has ended still lives. */
    static List<ProcessEntry> living() {
        List<ProcessEntry> living = new ArrayList<>();
        for (int pid : processes()) {
            String text = statText(pid);
            String[] fields = text.isEmpty() ? new String[0] : fields(text);
            boolean dead = fields.length <= START_TICKS || (fields[STATE].equals("Z")
                    || fields[STATE].equals("X")) && Integer.parseInt(fields[THREADS]) <= 1;
            if (!dead) {
                living.add(new ProcessEntry(pid, Integer.parseInt(fields[PARENT]),
                        Integer.parseInt(fields[GROUP]), Integer.parseInt(fields[SESSION]),
                        Long.parseLong(fields[START_TICKS]),
                        text.substring(text.indexOf('(') + 1, text.lastIndexOf(')'))));
            }
        }
        return living;
    }

    /**
     * Whether a process has, or may have, adopted orphans: the kernel gives them to its first thread,
     * which in a JVM starts none itself. Only with CONFIG_PROC_CHILDREN is that known.
     */
    static boolean mayHaveOrphans(int pid) {
        try {
            return Files.readAllBytes(PROC.resolve(pid + "/task/" + pid + "/children")).length > 0;
        } catch (IOException unknown) {
            return true;
        }
    }

    /**
     * The value of INVOCATION_ID that a process was started with: an empty text if it has none,
     * nothing if that cannot be known. Whose environment is unreadable (another user's, without
     * CAP_SYS_PTRACE), empty, or overwritten by a title, cannot be asked.
     */
    static Optional<String> invocationId(int pid) {
        String environment;
        try {
            environment = new String(Files.readAllBytes(PROC.resolve(pid + "/environ")),
                    StandardCharsets.ISO_8859_1);
        } catch (IOException unreadable) {
            return Optional.empty();
        }
        if (environment.startsWith(INVOCATION_ID)) {
            return Optional.of(value(environment, 0));
        }
        int at = environment.indexOf('\0' + INVOCATION_ID);
        if (at >= 0) {
            return Optional.of(value(environment, at + 1));
        }
        int first = environment.indexOf('\0');
        return first > 0 && environment.lastIndexOf('=', first) > 0 ? Optional.of("")
                : Optional.empty();
    }

    private static String value(String environment, int at) {
        int end = environment.indexOf('\0', at);
        return environment.substring(at + INVOCATION_ID.length(),
                end < 0 ? environment.length() : end);
    }

    private static List<Integer> processes() {
        List<Integer> pids = new ArrayList<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(PROC)) {
            for (Path one : all) {
                String name = one.getFileName().toString();
                if (name.charAt(0) >= '0' && name.charAt(0) <= '9') {
                    pids.add(Integer.parseInt(name));
                }
            }
        } catch (IOException noProc) {
            return List.of();
        }
        return pids;
    }

    /**
     * Whether each thread of this process blocks these signals, bit n-1 for signal n. Every thread
     * counts: the kernel gives a signal to any that does not block it.
     */
    static boolean allThreadsBlock(long needed) {
        return threads().stream().allMatch(task -> (blockedSignals(status(task)) & needed) == needed);
    }

    private static String status(Path task) {
        // neither line by line nor with the buffers of Files: fifteen threads of sixty lines each are
        // a fifth of what a start may allocate before the first garbage collection
        byte[] bytes = new byte[STATUS_BYTES];
        try (FileInputStream file = new FileInputStream(task + "/status")) {
            return new String(bytes, 0, Math.max(0, file.read(bytes)), StandardCharsets.ISO_8859_1);
        } catch (IOException gone) {
            return THREAD_IS_GONE;
        }
    }

    /**
     * The signals that a thread blocks, from its status. One that is ending has given its signals
     * back: the kernel delivers none to it and shows empty sets and no threads, for as long as it is
     * not scheduled away.
     */
    static long blockedSignals(String status) {
        if (status.contains(THREAD_IS_GONE)) {
            return ALL_SIGNALS;
        }
        int at = status.indexOf("\nSigBlk:\t");
        return at < 0 ? 0 : Long.parseUnsignedLong(status, at + 9, at + 25, 16);
    }

    /** The threads of this process, as folders of /proc. */
    private static List<Path> threads() {
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
