package dev.soleinit.os;

import dev.soleinit.process.ExitStatus;
import dev.soleinit.process.Grouping;
import dev.soleinit.process.Inherited;
import dev.soleinit.process.ListenAddress;
import dev.soleinit.process.Signal;
import dev.soleinit.process.SpawnError;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/**
 * What a supervisor needs of the kernel. One thread uses it, the loop; only {@link #wake} may be
 * called from anywhere. Signals are blocked in the whole process and collected here, never
 * handled in a handler. Sources: waitpid(2), signalfd(2), poll(2), posix_spawn(3), kill(2),
 * prctl(2), unix(7).
 */
public interface Kernel {
    /** A child that has been collected. */
    record Reaped(int pid, ExitStatus status) {}

    /** What the kernel answered to a start. */
    sealed interface SpawnResult {
        /** It runs; {@code startTicks} is 0 if it had ended before /proc could be read. */
        record Started(int pid, long startTicks) implements SpawnResult {}

        /** It could not be started; no process is left of the attempt. */
        record Failed(SpawnError error) implements SpawnResult {}
    }

    /**
     * Whether a process that was started with {@code reported} has become its program.
     *
     * @param error why not, and then the process ends
     */
    record Launched(int pid, Optional<SpawnError> error) {}

    /** Who a started process shall be: numeric ids, resolved beforehand. */
    record Identity(int uid, int gid, List<Integer> groups) {}

    /**
     * A directory that has to be there, as have those above it; no part of the path may be a link. What
     * is not given stays as it is where it was there before.
     *
     * @param owner whose it is to be
     * @param mode  its permissions, 0 to 07777
     */
    record DirectoryRequest(Path path, Optional<Identity> owner, OptionalInt mode) {}

    /**
     * What the launcher has changed for this JVM and a child gets back.
     *
     * @param oomScoreAdjustment -1000 to 1000, if it was changed
     * @param descriptors        the soft limit, if it was changed
     */
    record Limits(OptionalInt oomScoreAdjustment, OptionalInt descriptors) {
        /** As this process has inherited them. */
        public static Limits inherited() {
            return new Limits(Inherited.oomScoreAdjustment(), Inherited.descriptorLimit());
        }
    }

    /**
     * What a started process has in common with the one that started it.
     *
     * @param grouping its process group
     * @param shell    a file that is no program is run by /bin/sh, as execvp(3) does
     * @param signals  what it has blocked and ignored
     */
    record SpawnManner(Grouping grouping, boolean shell, Inherited.Signals signals) {
        /** A group of its own, and a clean slate. */
        public static final SpawnManner USUAL =
                new SpawnManner(Grouping.OWN_GROUP, false, Inherited.Signals.NONE);
    }

    /**
     * What to start and how. The child gets an empty signal mask, default dispositions, a process
     * group of its own, descriptors 0 to 2 and nothing else.
     *
     * @param command     program and arguments; a program without a slash is looked up in PATH
     * @param environment the whole environment of the child, an entry each
     * @param directory   working directory, if not the supervisor's
     * @param identity    user and groups, if not the supervisor's
     * @param umask       file mode mask 0 to 0777, if not the supervisor's
     * @param foreground  make its group the foreground group of the terminal on descriptor 0
     * @param manner      what is not as usual
     * @param output      file that takes its descriptors 1 and 2 (appended), with 0 on /dev/null
     * @param captured    its descriptors 1 and 2 are a pipe that {@link #readOutput} reads, with 0 on
     *                    /dev/null
     * @param input       what is on its descriptor 0, if anything; at most what a pipe takes, 64 KiB
     * @param passed      whether the sockets of {@link #listen}, and behind them what is in the
     *                    {@link #descriptorStore}, become descriptors 3 and on; then LISTEN_PID
     *                    is its process id
     * @param reported    {@link #launched} tells what becomes of it; else a failure is a line on its
     *                    standard error
     * @param limits      what it gets back
     */
    record SpawnRequest(List<String> command, List<String> environment,
            Optional<Path> directory, Optional<Identity> identity, OptionalInt umask,
            boolean foreground, SpawnManner manner, Optional<Path> output, boolean captured,
            Optional<byte[]> input, Passed passed, boolean reported, Limits limits) {}

    /** How a process gets what is kept for the daemon. */
    enum Passed {
        /** Not at all. */
        NOTHING,
        /** To itself: blocking, whatever another process did to what they share. */
        ALONE,
        /** Beside a process that uses it: as it is, since whether it blocks holds for both. */
        SHARED
    }

    /**
     * A datagram with the sender's ids as the kernel vouches for them (SCM_CREDENTIALS).
     *
     * @param pid         0 for a sender outside of the PID namespace
     * @param toldAddress it came by the address that only the daemon was told
     * @param descriptors what came along; whoever receives it hands them to {@link #close}
     */
    record Datagram(String text, int pid, int uid, int gid, boolean toldAddress,
            List<Integer> descriptors) {}

    /**
     * A living process.
     *
     * @param parent     its parent's process id, 0 if that is outside the namespace
     * @param group      its process group
     * @param session    its session, 0 if that is outside the namespace
     * @param startTicks as {@link #startTicks}
     * @param name       what it calls itself: any bytes, a character each
     */
    record ProcessEntry(int pid, int parent, int group, int session, long startTicks,
            String name) {}

    /** The process id of the supervisor. */
    int self();

    /** Nanoseconds of a clock that never steps. */
    long nanoTime();

    /** Adopts orphans although the supervisor is not PID 1 (PR_SET_CHILD_SUBREAPER). */
    void becomeSubreaper();

    /** Whether every signal that can be forwarded is blocked in the whole process. */
    boolean signalsAreBlocked();

    /** Whether descriptor 0 is a terminal. */
    boolean hasTerminal();

    /** User or {@code user:group}, by name or number, as a container sees it. */
    Identity lookup(String userAndGroup);

    /** HOME, USER, LOGNAME and SHELL of that user; empty for one that is not to be set at all. */
    Map<String, Optional<String>> userVariables(String userAndGroup);

    /** Makes a directory, or throws what to do about it. */
    void makeDirectory(DirectoryRequest wanted) throws IOException;

    /**
     * Starts a process, which goes on to execute the program: see {@link #launched}. Never throws for
     * what the kernel or the file system refuse.
     */
    SpawnResult spawn(SpawnRequest request);

    /** Does now what {@link #spawn} would do first with this very object; the last one counts. */
    void prepare(SpawnRequest request);

    /** Which processes have become their program, or failed to, since the last call. */
    List<Launched> launched();

    /**
     * Takes what a process that was started with {@code captured}, or one of its own, has printed,
     * without waiting; returns how many bytes, 0 if there is nothing now.
     */
    int readOutput(int pid, byte[] bytes);

    /** Ends that: whoever still holds the other end gets SIGPIPE when it prints more. */
    void closeOutput(int pid);

    /** Collects one dead child, if there is one, without waiting. */
    Optional<Reaped> reap();

    /** Whether any child, living or dead, is left to wait for. */
    boolean hasChildren();

    /** Sends a signal to one process; false if there is no such process. */
    boolean kill(int pid, Signal signal);

    /** Sends a signal to a process group; false if it has no member or is the supervisor's own. */
    boolean killGroup(int group, Signal signal);

    /**
     * Sends a signal to everything that is left: as PID 1 to every process of the namespace, as a
     * subreaper to its own descendants only. Returns whether there was any.
     */
    boolean signalAllOthers(Signal signal);

    /** Whether any process but the supervisor is left that {@link #signalAllOthers} would reach. */
    boolean hasOtherProcesses();

    /** The process group of a process, 0 if there is no such process. */
    int groupOf(int pid);

    /**
     * The real user id of a living process, -1 if there is no such process or the number is that of
     * one of its threads only.
     */
    int userOf(int pid);

    /** Every process that descends from this one, at any depth. */
    Set<Integer> descendants(int pid);

    /** Whether it is a child of the supervisor's own, living or dead, so that {@link #reap} gets it. */
    boolean isOwnChild(int pid);

    /**
     * The only child of a process that is a shell without a handler for TERM; 0 if it has a handler,
     * no child or more, or if its child sleeps (sleep(1)), as in a script that is a daemon itself;
     * empty if it is no shell at all.
     */
    OptionalInt onlyChildOfShell(int pid);

    /** Whether a living process is in the process group {@code group} or descends from it. */
    boolean isMemberOf(int pid, int group);

    /** Every living process that the supervisor can see; a walk through /proc. */
    List<ProcessEntry> processes();

    /** Whether orphans may have been adopted that have not been reaped; a call, a small read at most. */
    boolean mayHaveOrphans();

    /** INVOCATION_ID of a process, empty text for none; nothing if that cannot be known. */
    Optional<String> invocationId(int pid);

    /** The signals that have come since the last call, in the order of arrival, without SIGCHLD. */
    List<Signal> pollSignals();

    /**
     * Opens datagram sockets of sd_notify (mode 0666), replacing stale ones.
     *
     * @param known where everybody finds one
     * @param told  where one is that only the daemon is told of
     */
    void openNotifySockets(Path known, Path told);

    /**
     * Opens sockets and keeps them listening for as long as the supervisor lives.
     *
     * @param owner who socket files belong to unless they say otherwise
     * @throws ListenException if one cannot be had
     */
    void listen(List<ListenAddress> wanted, Optional<Identity> owner);

    /** Where these listen, in their order, with the port that a 0 has become. */
    List<String> listeningOn();

    /** Opens anew what a daemon has shut down for all; a line for each. */
    List<String> reopenShutDownSockets();

    /** Removes their socket files. */
    void stopListening();

    /**
     * Keeps up to {@code max} descriptors for the daemon from now on, 0 for none; to be called before
     * {@link #listen}.
     *
     * @throws ListenException if so many cannot be open
     */
    void openDescriptorStore(int max);

    /** What has been kept; it keeps nothing unless it was opened. */
    DescriptorStore descriptorStore();

    /** The next datagram, if there is one, without waiting. */
    Optional<Datagram> receive();

    /** Closes descriptors that came with a datagram. */
    void close(List<Integer> descriptors);

    /** Notes the file that says that a supervisor answers here, for {@link #removeMarker}. */
    void rememberMarker(Path file);

    /** Removes that file. Must not allocate: that memory is short may be why nobody answers. */
    void removeMarker();

    /** Sleeps until a signal, a dead child, a datagram or {@link #wake}, at the most {@code max}. */
    void await(Duration max);

    /** Ends the current or the next {@link #await}; for any thread. */
    void wake();

    /** Start ticks (field 22 of /proc/PID/stat), 0 if there is no such living process. */
    long startTicks(int pid);

    /** How many processes of this container were killed for want of memory, where that is counted. */
    OptionalLong outOfMemoryKills();

    /** This boot's id, from /proc/sys/kernel/random/boot_id. */
    String bootId();
}
