package dev.soleinit.os.spawn;

import dev.soleinit.os.Kernel.Identity;
import dev.soleinit.os.Kernel.SpawnManner;
import dev.soleinit.os.Kernel.SpawnRequest;
import dev.soleinit.os.Kernel.SpawnResult;
import dev.soleinit.os.ProcFs;
import dev.soleinit.os.ffi.Errno;
import dev.soleinit.os.ffi.LibC;
import dev.soleinit.os.ffi.NativeMemory;
import dev.soleinit.os.ffi.OpenFlags;
import dev.soleinit.os.ffi.Pointer;
import dev.soleinit.os.ffi.SignalSet;
import java.lang.ref.Reference;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Starts programs: posix_spawn executes the launcher, which executes the program. So nothing of Java
 * runs between fork and exec, no thread of this process ever has the daemon's rights, and a program on
 * a slow disk holds nobody up; what becomes of it is read from a pipe ({@link LaunchReports}). Used on
 * the loop's thread. Sources: posix_spawn(3), docker/entrypoint/exec.c.
 */
public final class PosixSpawn {
    private static final short SETPGROUP = 0x02;
    private static final short SETSIGDEF = 0x04;
    private static final short SETSIGMASK = 0x08;
    private static final short SETSID = 0x80;
    /** More than glibc's posix_spawnattr_t (336) and posix_spawn_file_actions_t (80) take. */
    private static final int STRUCT_BYTES = 512;
    private static final int O_RDONLY = 0;
    private static final int FIRST_KEPT_SOCKET = 3;

    private final NativeMemory memory;
    private final LibC libc;
    private final LaunchReports reports;
    private final OutputPipes outputs;
    private final InputPipes inputs;
    /** Null where nothing is prepared. */
    private Words prepared;
    private final String launcher = System.getProperty("soleinit.home", "") + "/bin/daemon";

    public PosixSpawn(NativeMemory memory, LaunchReports reports, OutputPipes outputs) {
        this.memory = memory;
        this.libc = memory.libc;
        this.reports = reports;
        this.outputs = outputs;
        this.inputs = new InputPipes(libc, reports);
    }

    /** What C gets of a request that does not change while it waits. */
    private record Words(SpawnRequest request, int sockets, Pointer arguments, Pointer environment) {
        boolean areFor(SpawnRequest other, int otherSockets) {
            return request == other && sockets == otherSockets;
        }
    }

    /** Lays out in memory what a {@link #spawn} of this very object would have to. */
    public void prepare(SpawnRequest request, int sockets) {
        prepared = hasNul(request.command()) ? null : words(request, sockets);
    }

    private Words words(SpawnRequest request, int sockets) {
        return new Words(request, sockets, memory.strings(arguments(request, sockets)),
                memory.strings(request.environment()));
    }

    /** Starts it with these sockets as its descriptors 3 and on. */
    public SpawnResult spawn(SpawnRequest request, List<Integer> sockets) {
        String program = request.command().getFirst();
        if (program.isEmpty() || hasNul(request.command())) {
            return new SpawnResult.Failed(SpawnErrors.badName(program.replace('\0', '?')));
        }
        int input = request.input().map(inputs::filled).orElse(-1);
        if (request.input().isPresent() && input < 0) {
            return new SpawnResult.Failed(SpawnErrors.noProcess(program, Errno.EAGAIN));
        }
        LaunchReports.Pipe report = request.reported() ? reports.open() : LaunchReports.NONE;
        LaunchReports.Pipe printed = request.captured() ? outputs.open() : LaunchReports.NONE;
        if (request.reported() && report.writeEnd() < 0 || request.captured() && printed.writeEnd() < 0) {
            int errno = memory.errno();
            closeAll(input, report.readEnd(), report.writeEnd(), printed.readEnd(), printed.writeEnd());
            return new SpawnResult.Failed(SpawnErrors.noProcess(program, errno));
        }
        int output = request.captured() ? printed.writeEnd()
                : request.output().map(this::open).orElse(-1);
        Pointer attributes = memory.allocate(STRUCT_BYTES);
        Pointer actions = memory.allocate(STRUCT_BYTES);
        libc.posix_spawnattr_init(attributes);
        libc.posix_spawn_file_actions_init(actions);
        try {
            setAttributes(attributes, request);
            setActions(actions, input, output, report, sockets);
            int pid = start(request, sockets.size(), actions, attributes);
            return pid < 0 ? refused(program, -pid, report, printed)
                    : started(program, pid, report, printed);
        } finally {
            libc.posix_spawn_file_actions_destroy(actions);
            libc.posix_spawnattr_destroy(attributes);
            closeAll(input, output, report.writeEnd());
        }
    }

    private SpawnResult refused(String program, int errno, LaunchReports.Pipe report,
            LaunchReports.Pipe printed) {
        closeAll(report.readEnd(), printed.readEnd());
        return new SpawnResult.Failed(SpawnErrors.noProcess(program, errno));
    }

    private SpawnResult started(String program, int pid, LaunchReports.Pipe report,
            LaunchReports.Pipe printed) {
        if (report.readEnd() >= 0) {
            reports.expect(pid, program, report.readEnd());
        }
        if (printed.readEnd() >= 0) {
            outputs.expect(pid, printed.readEnd());
        }
        return new SpawnResult.Started(pid, ProcFs.startTicks(pid));
    }

    private void closeAll(int... descriptors) {
        for (int descriptor : descriptors) {
            if (descriptor >= 0) {
                libc.close(descriptor);
            }
        }
    }

    /** The group is made before posix_spawn returns, so that a signal to it never misses. */
    private void setAttributes(Pointer attributes, SpawnRequest request) {
        int group = switch (request.manner().grouping()) {
            case OWN_GROUP -> SETPGROUP;
            case OWN_SESSION -> SETSID;
            case SAME_GROUP -> 0;
        };
        libc.posix_spawnattr_setflags(attributes, (short) (SETSIGDEF | SETSIGMASK | group));
        // who ignores a signal hands that on, and the JVM has handlers of its own
        libc.posix_spawnattr_setsigdefault(attributes, SignalSet.all());
        // the launcher unblocks them right before it executes the program
        libc.posix_spawnattr_setsigmask(attributes, SignalSet.all());
        libc.posix_spawnattr_setpgroup(attributes, 0);
    }

    /** What is copied from lies above what is copied to, so that nothing is copied over. */
    private void setActions(Pointer actions, int input, int output, LaunchReports.Pipe pipe,
            List<Integer> sockets) {
        if (input >= 0) {
            libc.posix_spawn_file_actions_adddup2(actions, input, 0);
        }
        if (output >= 0) {
            if (input < 0) {
                libc.posix_spawn_file_actions_addopen(actions, 0, "/dev/null", O_RDONLY, 0);
            }
            libc.posix_spawn_file_actions_adddup2(actions, output, 1);
            libc.posix_spawn_file_actions_adddup2(actions, output, 2);
        }
        int next = FIRST_KEPT_SOCKET;
        for (int socket : sockets) {
            libc.posix_spawn_file_actions_adddup2(actions, socket, next++);
        }
        if (pipe.writeEnd() >= 0) {
            libc.posix_spawn_file_actions_adddup2(actions, pipe.writeEnd(), next);
        }
    }

    private List<String> arguments(SpawnRequest request, int sockets) {
        List<String> words = new ArrayList<>(List.of(launcher, "--exec"));
        if (request.reported()) {
            words.add("-e" + (FIRST_KEPT_SOCKET + sockets));
        }
        words.add("-l" + sockets);
        if (request.foreground()) {
            words.add("-t");
        }
        request.limits().oomScoreAdjustment().ifPresent(score -> words.add("-o" + score));
        request.limits().descriptors().ifPresent(limit -> words.add("-n" + limit));
        request.identity().ifPresent(identity -> addIdentity(words, identity));
        request.directory().ifPresent(directory -> words.add("-d" + directory));
        request.umask().ifPresent(mask -> words.add("-m" + Integer.toOctalString(mask)));
        addManner(words, request.manner());
        words.add("--");
        words.addAll(request.command());
        return words;
    }

    private static void addManner(List<String> words, SpawnManner manner) {
        if (manner.shell()) {
            words.add("-s");
        }
        if (manner.signals().blocked() != 0) {
            words.add("-b" + Long.toHexString(manner.signals().blocked()));
        }
        if (manner.signals().ignored() != 0) {
            words.add("-i" + Long.toHexString(manner.signals().ignored()));
        }
    }

    private static void addIdentity(List<String> words, Identity identity) {
        StringBuilder groups = new StringBuilder("-G");
        identity.groups().forEach(group -> groups.append(groups.length() > 2 ? "," : "").append(group));
        words.add(groups.toString());
        words.add("-g" + identity.gid());
        words.add("-u" + identity.uid());
    }

    /** The process id, or minus the error number. */
    private int start(SpawnRequest request, int sockets, Pointer actions, Pointer attributes) {
        Words words = prepared != null && prepared.areFor(request, sockets) ? prepared
                : words(request, sockets);
        prepared = null;
        int[] pid = new int[1];
        int errno = libc.posix_spawn(pid, launcher, actions, attributes, words.arguments(),
                words.environment());
        // C has only addresses of them: the collector must not think them dead meanwhile
        Reference.reachabilityFence(words);
        return errno == 0 ? pid[0] : -errno;
    }

    private int open(Path file) {
        int low = libc.open(file.toString(), OpenFlags.APPEND_NEW_NOFOLLOW_CLOEXEC, OpenFlags.MODE_0644);
        return low < 0 ? -1 : reports.moveUp(low);
    }

    /** A NUL would end the word for the kernel. */
    private static boolean hasNul(List<String> words) {
        return words.stream().anyMatch(word -> word.indexOf('\0') >= 0);
    }
}
