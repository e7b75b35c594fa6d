package dev.soleinit.os;

import dev.soleinit.os.ffi.Errno;
import dev.soleinit.os.ffi.LibC;
import dev.soleinit.os.ffi.NativeMemory;
import dev.soleinit.os.ffi.Pointer;
import dev.soleinit.os.ffi.SignalSet;
import dev.soleinit.os.net.NotifySocket;
import dev.soleinit.os.net.PassedDescriptors;
import dev.soleinit.os.net.PollSet;
import dev.soleinit.os.spawn.LaunchReports;
import dev.soleinit.os.spawn.OutputPipes;
import dev.soleinit.os.spawn.PosixSpawn;
import dev.soleinit.process.ExitStatus;
import dev.soleinit.process.ListenAddress;
import dev.soleinit.process.Signal;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Linux through glibc. Signals are blocked and read from a signalfd, so nothing ever runs in a
 * handler; one poll waits for them, for wake-ups from other threads (an eventfd) and for the
 * daemon's datagrams. Made by {@code supervisor} on the thread that will use it.
 */
public final class LinuxKernel implements Kernel {
    private static final int NONBLOCK_CLOEXEC = 04000 | 02000000;
    private static final int PR_SET_CHILD_SUBREAPER = 36;
    private static final int WNOHANG = 1;
    private static final int WEXITED_WNOHANG_WNOWAIT = 4 | 1 | 0x01000000;
    private static final int SIGINFO = 128;
    private static final int BATCH = 16;
    private static final int CHILD_DIED = 17;
    private static final byte[] ONE = {1, 0, 0, 0, 0, 0, 0, 0};

    private final NativeMemory nativeCode = new NativeMemory();
    private final LibC libc = nativeCode.libc;
    private final int self = libc.getpid();
    private final int signals;
    private final int wakeUps;
    private final LaunchReports reports = new LaunchReports(nativeCode, PassedDescriptors.USUAL_LOWEST);
    private final OutputPipes outputs = new OutputPipes(nativeCode, reports);
    private final PosixSpawn spawner = new PosixSpawn(nativeCode, reports, outputs);
    private final PollSet polled = new PollSet(nativeCode);
    private final Pointer infos = nativeCode.allocate(BATCH * SIGINFO);
    private final int[] status = new int[1];
    private final List<NotifySocket> notify = new ArrayList<>(2);
    /** One bit for each of these: it may hold a datagram. */
    private int datagramsWait;
    private Pointer marker;
    private final MemoryTrimmer footprint = new MemoryTrimmer(nativeCode);
    private final PassedDescriptors passed = new PassedDescriptors(nativeCode);
    private int storeWatch;

    /** Opens what collects signals, for threads that block them. */
    public LinuxKernel() {
        byte[] set = SignalSet.collected();
        signals = libc.signalfd(-1, set, NONBLOCK_CLOEXEC);
        wakeUps = libc.eventfd(0, NONBLOCK_CLOEXEC);
        if (signals < 0 || wakeUps < 0) {
            throw nativeCode.failure("open a signalfd");
        }
        polled.add(signals);
        polled.add(wakeUps);
        ProcessEnd.by(libc);
    }

    @Override
    public int self() {
        return self;
    }

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }

    @Override
    public void becomeSubreaper() {
        if (libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0) {
            throw nativeCode.failure("become a child subreaper");
        }
    }

    @Override
    public boolean signalsAreBlocked() {
        return ProcFs.allThreadsBlock(SignalSet.collectedMask());
    }

    @Override
    public boolean hasTerminal() {
        return libc.isatty(0) == 1;
    }

    @Override
    public Identity lookup(String userAndGroup) {
        return UserDatabase.lookup(userAndGroup);
    }

    @Override
    public Map<String, Optional<String>> userVariables(String userAndGroup) {
        return UserDatabase.variables(userAndGroup);
    }

    @Override
    public void makeDirectory(DirectoryRequest wanted) throws IOException {
        new DirectoryMaker(nativeCode, wanted).make();
    }

    @Override
    public SpawnResult spawn(SpawnRequest request) {
        return spawner.spawn(request, passed.inheritable(request.passed()));
    }

    @Override
    public void prepare(SpawnRequest request) {
        // as they are: there may be a daemon that uses them
        Passed how = request.passed() == Passed.NOTHING ? Passed.NOTHING : Passed.SHARED;
        spawner.prepare(request, passed.inheritable(how).size());
    }

    @Override
    public List<Launched> launched() {
        return reports.read();
    }

    @Override
    public int readOutput(int pid, byte[] bytes) {
        return outputs.read(pid, bytes);
    }

    @Override
    public void closeOutput(int pid) {
        outputs.close(pid);
    }

    // ---- listening

    @Override
    public void listen(List<ListenAddress> wanted, Optional<Identity> owner) {
        passed.listen(wanted, owner);
    }

    @Override
    public List<String> listeningOn() {
        return passed.listeningOn();
    }

    @Override
    public List<String> reopenShutDownSockets() {
        return passed.repair();
    }

    @Override
    public void stopListening() {
        passed.close();
    }

    @Override
    public void openDescriptorStore(int max) {
        if (max > 0) {
            storeWatch = polled.add(passed.openStore(max));
            reports.keepAbove(passed.lowest());
        }
    }

    @Override
    public DescriptorStore descriptorStore() {
        return passed.store();
    }

    // ---- children

    @Override
    public Optional<Reaped> reap() {
        int pid = libc.waitpid(-1, status, WNOHANG);
        // what the dead has said is in the socket, and may change what its death means
        datagramsWait |= pid > 0 ? -1 : 0;
        return pid > 0 ? Optional.of(new Reaped(pid, ExitStatus.fromWait(status[0])))
                : Optional.empty();
    }

    @Override
    public boolean hasChildren() {
        return libc.waitid(0, 0, infos, WEXITED_WNOHANG_WNOWAIT) == 0;
    }

    @Override
    public OptionalInt onlyChildOfShell(int pid) {
        return ProcFs.onlyChildOfShell(pid);
    }

    @Override
    public boolean isMemberOf(int pid, int group) {
        if (pid <= 0) {
            return false;
        }
        return pid == group || libc.getpgid(pid) == group || ProcFs.descends(pid, group);
    }

    @Override
    public int groupOf(int pid) {
        return Math.max(0, libc.getpgid(pid));
    }

    @Override
    public int userOf(int pid) {
        return ProcFs.user(pid);
    }

    @Override
    public Set<Integer> descendants(int pid) {
        return ProcFs.descendants(pid);
    }

    @Override
    public boolean isOwnChild(int pid) {
        return ProcFs.parent(pid) == self;
    }

    @Override
    public long startTicks(int pid) {
        return ProcFs.startTicks(pid);
    }

    @Override
    public List<ProcessEntry> processes() {
        return ProcFs.living();
    }

    @Override
    public boolean mayHaveOrphans() {
        // most often there is no child at all, which costs one call and no file
        return hasChildren() && ProcFs.mayHaveOrphans(self);
    }

    @Override
    public Optional<String> invocationId(int pid) {
        return ProcFs.invocationId(pid);
    }

    @Override
    public OptionalLong outOfMemoryKills() {
        return OomKillCounter.kills();
    }

    @Override
    public String bootId() {
        return ProcFs.bootId();
    }

    // ---- sending

    @Override
    public boolean kill(int pid, Signal signal) {
        return pid > 0 && reached(libc.kill(pid, signal.number()));
    }

    @Override
    public boolean killGroup(int group, Signal signal) {
        return group > 1 && group != groupOf(self) && reached(libc.kill(-group, signal.number()));
    }

    @Override
    public boolean signalAllOthers(Signal signal) {
        return signalAllOthers(signal.number());
    }

    @Override
    public boolean hasOtherProcesses() {
        return signalAllOthers(0);
    }

    /** As PID 1 minus one means the whole namespace; elsewhere it would mean the whole machine. */
    private boolean signalAllOthers(int signal) {
        if (self == 1) {
            return reached(libc.kill(-1, signal));
        }
        boolean any = false;
        for (int pid : ProcFs.descendants(self)) {
            any |= reached(libc.kill(pid, signal));
        }
        return any;
    }

    /** Without permission there is still somebody. */
    private boolean reached(int answer) {
        return answer == 0 || nativeCode.errno() == Errno.EPERM;
    }

    @Override
    public void rememberMarker(Path file) {
        marker = nativeCode.text(file.toString());
    }

    @Override
    public void removeMarker() {
        if (marker != null) {
            libc.unlink(marker);
        }
    }

    // ---- waiting and receiving

    @Override
    public List<Signal> pollSignals() {
        List<Signal> taken = List.of();
        long most = (long) BATCH * SIGINFO;
        long size;
        do {
            size = libc.read(signals, infos, most);
            taken = size > 0 && taken.isEmpty() ? new ArrayList<>() : taken;
            for (long at = 0; at < size; at += SIGINFO) {
                collect(at, taken);
            }
        } while (size == most);
        return taken;
    }

    /** A SIGPIPE for our own write has our own pid as its sender: it is none of the daemon's. */
    private void collect(long at, List<Signal> taken) {
        int number = infos.getInt(at);
        int sender = infos.getInt(at + 12);
        if (number != CHILD_DIED && sender != self) {
            taken.add(new Signal(number));
        }
    }

    @Override
    public void openNotifySockets(Path known, Path told) {
        notify.add(new NotifySocket(nativeCode, told, true));
        notify.add(new NotifySocket(nativeCode, known, false));
        for (NotifySocket socket : notify) {
            polled.add(socket.fd());
        }
    }

    @Override
    public Optional<Datagram> receive() {
        for (int i = 0; i < notify.size(); i++) {
            if ((datagramsWait & 1 << i) != 0) {
                Optional<Datagram> next = notify.get(i).receive();
                if (next.isPresent()) {
                    return next;
                }
                datagramsWait &= ~(1 << i);
            }
        }
        return Optional.empty();
    }

    @Override
    public void close(List<Integer> descriptors) {
        for (int fd : descriptors) {
            libc.close(fd);
        }
    }

    @Override
    public void await(Duration max) {
        long begun = nanoTime();
        long millis = Math.clamp((max.toNanos() + 999_999) / 1_000_000, 0, Integer.MAX_VALUE);
        int quiet = footprint.quietMillis();
        boolean mayShrink = millis > quiet;
        polled.addOnce(reports.descriptors());
        polled.addOnce(outputs.descriptors());
        int ready = polled.poll((int) (mayShrink ? quiet : millis));
        if (mayShrink && ready == 0) {
            footprint.next();
            // not by way of the loop, which would use again much of what was given back
            await(max.minusNanos(nanoTime() - begun));
            return;
        }
        footprint.noteActivity();
        if (ready > 0 && polled.isReadable(1)) {
            libc.read(wakeUps, infos, 8);
        }
        for (int i = 0; ready > 0 && i < notify.size(); i++) {
            datagramsWait |= polled.isReadable(2 + i) ? 1 << i : 0;
        }
        if (ready > 0 && storeWatch > 0 && polled.isReadable(storeWatch)) {
            passed.dropHungUp();
        }
    }

    @Override
    public void wake() {
        libc.write(wakeUps, ONE, ONE.length);
    }
}
