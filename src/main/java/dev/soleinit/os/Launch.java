package dev.soleinit.os;

import dev.soleinit.os.Os.SpawnRequest;
import dev.soleinit.os.Os.SpawnResult;
import dev.soleinit.process.SpawnError;
import java.lang.ref.Reference;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One start of a program with posix_spawn: nothing of Java runs between fork and exec. Used on the
 * loop's thread, or on a thread that has dropped its rights ({@link Credentials}). Source:
 * posix_spawn(3).
 */
final class Launch {
    private static final short SETPGROUP = 0x02;
    private static final short SETSIGDEF = 0x04;
    private static final short SETSIGMASK = 0x08;
    private static final short SETSID = 0x80;
    /** More than glibc's posix_spawnattr_t (336) and posix_spawn_file_actions_t (80) take. */
    private static final int ROOM = 512;
    private static final int O_RDONLY = 0;
    private static final int O_WRONLY_CREAT_APPEND = 1 | 0100 | 02000;
    private static final int OWNER_WRITES = 0644;

    private static final int FIRST_OF_ITS_OWN = 3;

    private final Native nativeCode;
    private final LibC libc;
    private final Optional<Handover> handover;

    /** Sockets that become descriptors 3 and on, with the gate at which their number is told. */
    record Handover(List<Integer> sockets, Gate gate) {}

    Launch(Native nativeCode, Optional<Handover> handover) {
        this.nativeCode = nativeCode;
        this.libc = nativeCode.libc;
        this.handover = handover;
    }

    SpawnResult spawn(SpawnRequest request) {
        Optional<SpawnError> bad = unusable(request);
        if (bad.isPresent()) {
            return new SpawnResult.Failed(bad.get());
        }
        String program = request.command().getFirst();
        Optional<String> file = ProgramPath.find(program, request.environment());
        return file.isEmpty()
                ? new SpawnResult.Failed(ProgramPath.notInPath(program, request.environment()))
                : spawn(request, program, file.get());
    }

    private static Optional<SpawnError> unusable(SpawnRequest request) {
        String program = request.command().getFirst();
        if (ProgramPath.hasNul(request.command()) || !ProgramPath.isPath(program)) {
            return Optional.of(ProgramPath.badName(program.replace('\0', '?')));
        }
        return request.directory().filter(directory -> !Files.isDirectory(directory))
                .map(directory -> ProgramPath.noDirectory(program, directory));
    }

    private SpawnResult spawn(SpawnRequest request, String program, String file) {
        Pointer attributes = nativeCode.allocate(ROOM);
        Pointer actions = nativeCode.allocate(ROOM);
        libc.posix_spawnattr_init(attributes);
        libc.posix_spawn_file_actions_init(actions);
        try {
            setAttributes(attributes, request);
            setActions(actions, request);
            return start(request, program, file, actions, attributes);
        } finally {
            libc.posix_spawn_file_actions_destroy(actions);
            libc.posix_spawnattr_destroy(attributes);
        }
    }

    private void setAttributes(Pointer attributes, SpawnRequest request) {
        int group = request.session() ? SETSID : SETPGROUP;
        libc.posix_spawnattr_setflags(attributes, (short) (SETSIGDEF | SETSIGMASK | group));
        libc.posix_spawnattr_setsigmask(attributes, SignalSet.none());
        libc.posix_spawnattr_setsigdefault(attributes, SignalSet.all());
        libc.posix_spawnattr_setpgroup(attributes, 0);
    }

    private void setActions(Pointer actions, SpawnRequest request) {
        handover.ifPresent(given -> libc.posix_spawn_file_actions_addopen(actions, FIRST_OF_ITS_OWN,
                given.gate().fifo().toString(), O_RDONLY, 0));
        request.output().ifPresent(file -> {
            libc.posix_spawn_file_actions_addopen(actions, 0, "/dev/null", O_RDONLY, 0);
            libc.posix_spawn_file_actions_addopen(actions, 1, file.toString(),
                    O_WRONLY_CREAT_APPEND, OWNER_WRITES);
            libc.posix_spawn_file_actions_adddup2(actions, 1, 2);
        });
        request.directory().ifPresent(directory ->
                libc.posix_spawn_file_actions_addchdir_np(actions, directory.toString()));
        if (request.foreground()) {
            libc.posix_spawn_file_actions_addtcsetpgrp_np(actions, 0);
        }
        int next = FIRST_OF_ITS_OWN;
        for (int socket : handover.map(Handover::sockets).orElse(List.of())) {
            libc.posix_spawn_file_actions_adddup2(actions, socket, next++);
        }
        libc.posix_spawn_file_actions_addclosefrom_np(actions, next);
    }

    private SpawnResult start(SpawnRequest request, String program, String file, Pointer actions,
            Pointer attributes) {
        Pointer arguments = nativeCode.strings(request.command(), List.of());
        Pointer environment = nativeCode.strings(flat(request.environment()),
                handover.map(given -> given.gate().variable()).stream().toList());
        int[] pid = new int[1];
        int mask = request.umask().isPresent() ? libc.umask(request.umask().getAsInt()) : -1;
        try {
            handover.ifPresent(given -> given.gate().startsHere());
            int errno = libc.posix_spawn(pid, file, actions, attributes, arguments,
                    environment);
            return errno == 0
                    ? new SpawnResult.Started(pid[0], ProcFs.startTicks(pid[0]))
                    : new SpawnResult.Failed(ProgramPath.explain(program, file, errno));
        } finally {
            // C has only addresses of them: the collector must not think them dead meanwhile
            Reference.reachabilityFence(arguments);
            Reference.reachabilityFence(environment);
            if (mask >= 0) {
                libc.umask(mask);
            }
        }
    }

    /** As execve(2) wants it; what C could not read to its end is left out. */
    static List<String> flat(Map<String, String> environment) {
        return environment.entrySet().stream()
                .map(entry -> entry.getKey() + "=" + entry.getValue())
                .filter(pair -> pair.indexOf('\0') < 0).toList();
    }
}
