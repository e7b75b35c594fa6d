package dev.soleinit.supervisor;

import dev.soleinit.process.ExitStatus;
import dev.soleinit.process.Signal;
import dev.soleinit.process.SpawnError;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeMap;

/**
 * A kernel in memory with a virtual clock, which only {@link #await} moves on: what the loop does between
 * two waits takes no time. Everything happens on the loop's thread, in an order that the seed alone decides.
 * The process is PID 1. Process ids are never used again.
 */
final class FakeKernel extends FakeSurroundings {
    static final int SELF = 1;
    static final long MS = 1_000_000;
    private static final int DAEMON_USER = 0;

    private record Due(long at, long order, Runnable what) implements Comparable<Due> {
        @Override
        public int compareTo(Due other) {
            return at != other.at ? Long.compare(at, other.at) : Long.compare(order, other.order);
        }
    }

    final Observer observer;
    private final Programs programs;
    private final PriorityQueue<Due> due = new PriorityQueue<>();
    private final TreeMap<Integer, FakeProcess> processes = new TreeMap<>();
    private final Deque<Signal> signals = new ArrayDeque<>();
    private final Deque<Datagram> datagrams = new ArrayDeque<>();
    private final List<Launched> reports = new ArrayList<>();
    private long now = 1_000 * MS;
    private long order;
    private int nextPid = 100;
    private int turn;
    private boolean woken;
    private boolean abandoned;
    private long late;
    private Runnable beforeWait = () -> { };

    FakeKernel(Observer observer, Programs programs) {
        this.observer = observer;
        this.programs = programs;
    }

    // ---- what the test does to it

    int turn() {
        return turn;
    }

    /** Has something happen after so many milliseconds. */
    void after(long millis, Runnable what) {
        due.add(new Due(now + millis * MS, order++, what));
    }

    /** Time goes by while the loop is at work. */
    void pass(long millis) {
        now += millis * MS;
    }

    /** Has something done whenever the loop has nothing else to do. */
    void beforeEachWait(Runnable what) {
        beforeWait = what;
    }

    /** Makes the next wait end so much later than it should. */
    void beLate(long millis) {
        late = millis * MS;
    }

    void signal(Signal signal) {
        // ordinary signals do not queue
        if (signal.number() >= 34 || !signals.contains(signal)) {
            signals.add(signal);
        }
    }

    void datagram(FakeProcess from, String text) {
        datagrams.add(new Datagram(text, from.pid, DAEMON_USER, DAEMON_USER, true, List.of()));
    }

    FakeProcess fork(FakeProcess parent) {
        return add(parent.pid, parent.group, Optional.empty());
    }

    private FakeProcess add(int parent, int group, Optional<SpawnRequest> request) {
        int pid = nextPid++;
        FakeProcess process = new FakeProcess(pid, parent, group == 0 ? pid : group, now / (10 * MS),
                request);
        processes.put(pid, process);
        return process;
    }

    /** It becomes its program, or says why it cannot and ends. */
    void execute(FakeProcess process, Optional<SpawnError> error) {
        if (!process.isAlive()) {
            return;
        }
        report(process, error);
        if (error.isPresent()) {
            exit(process, error.get().kind().exitCode());
            return;
        }
        process.executed = true;
        observer.executed(process);
        // until then they were blocked
        for (Signal signal : List.copyOf(process.received)) {
            end(process, new ExitStatus.Signaled(signal, false));
        }
    }

    private void report(FakeProcess process, Optional<SpawnError> error) {
        if (process.isDaemon() && !process.reported) {
            process.reported = true;
            reports.add(new Launched(process.pid, error));
        }
    }

    void exit(FakeProcess process, int code) {
        end(process, new ExitStatus.Exited(code));
    }

    private void end(FakeProcess process, ExitStatus how) {
        if (!process.isAlive()) {
            return;
        }
        process.die(how, turn);
        // the pipe is closed by whatever ends the process, too
        report(process, Optional.empty());
        if (process.parent != SELF) {
            process.reap();
        }
        for (FakeProcess child : processes.values()) {
            if (child.parent == process.pid && !child.isReaped()) {
                child.parent = SELF;
            }
        }
    }

    /** What the last daemon was started with. */
    Optional<SpawnRequest> lastStart() {
        return all().stream().filter(FakeProcess::isDaemon).reduce((_, last) -> last)
                .flatMap(one -> one.request);
    }

    Collection<FakeProcess> all() {
        return processes.values();
    }

    // ---- waiting

    @Override
    public void await(Duration max) {
        observer.turnEnds();
        outputs.leak(pid -> known(pid) != null).ifPresent(observer::leaked);
        if (observer.isOver() && !abandoned) {
            abandon();
        }
        beforeWait.run();
        turn++;
        long until = now + max.toNanos();
        happen();
        while (!isReady() && now < until) {
            Due next = due.peek();
            now = next == null || next.at() > until ? until : next.at();
            happen();
        }
        now += late;
        late = 0;
        happen();
        woken = false;
    }

    /** Whatever the loop believes: with nobody left, and a stop signal, it ends. */
    private void abandon() {
        abandoned = true;
        due.clear();
        List.copyOf(all()).forEach(one -> end(one, new ExitStatus.Exited(99)));
        signals.add(Signal.TERM);
    }

    private void happen() {
        while (!due.isEmpty() && due.peek().at() <= now) {
            due.poll().what().run();
        }
    }

    private boolean isReady() {
        return woken || !signals.isEmpty() || !datagrams.isEmpty() || !reports.isEmpty()
                || anyZombie() || outputs.isReadable();
    }

    private boolean anyZombie() {
        return all().stream().anyMatch(one -> one.isZombie() && one.parent == SELF);
    }

    @Override
    public void wake() {
        woken = true;
    }

    @Override
    public long nanoTime() {
        return now;
    }

    // ---- children

    @Override
    public SpawnResult spawn(SpawnRequest request) {
        Optional<SpawnError> refusal = abandoned
                ? Optional.of(new SpawnError(SpawnError.Kind.RESOURCES, "it is over"))
                : programs.refusal(request);
        if (refusal.isPresent()) {
            return new SpawnResult.Failed(refusal.get());
        }
        FakeProcess process = add(SELF, 0, Optional.of(request));
        if (request.captured()) {
            outputs.open(process.pid);
        }
        observer.spawned(process);
        programs.started(process);
        return new SpawnResult.Started(process.pid, process.startTicks);
    }

    @Override
    public List<Launched> launched() {
        List<Launched> all = List.copyOf(reports);
        reports.clear();
        return all;
    }

    @Override
    public Optional<Reaped> reap() {
        for (FakeProcess process : all()) {
            if (process.isZombie() && process.parent == SELF) {
                process.reap();
                observer.reaped(process);
                return Optional.of(new Reaped(process.pid, process.status()));
            }
        }
        return Optional.empty();
    }

    @Override
    public boolean hasChildren() {
        return all().stream().anyMatch(one -> !one.isReaped() && one.parent == SELF);
    }

    private FakeProcess known(int pid) {
        FakeProcess process = processes.get(pid);
        return process == null || process.isReaped() ? null : process;
    }

    private FakeProcess living(int pid) {
        FakeProcess process = known(pid);
        return process == null || !process.isAlive() ? null : process;
    }

    // ---- signals

    @Override
    public List<Signal> pollSignals() {
        List<Signal> taken = new ArrayList<>(signals);
        signals.clear();
        taken.forEach(observer::taken);
        return taken;
    }

    @Override
    public boolean kill(int pid, Signal signal) {
        FakeProcess process = known(pid);
        observer.sent(pid, process, signal);
        if (process != null) {
            deliver(process, signal);
        }
        return process != null;
    }

    private void deliver(FakeProcess process, Signal signal) {
        if (!process.isAlive()) {
            return;
        }
        process.received.add(signal);
        if (signal.equals(Signal.KILL)) {
            end(process, new ExitStatus.Signaled(signal, false));
        } else if (process.executed) {
            programs.signalled(process, signal);
        }
    }

    @Override
    public boolean killGroup(int group, Signal signal) {
        if (group <= SELF) {
            return false;
        }
        boolean any = false;
        for (FakeProcess process : List.copyOf(all())) {
            if (process.group == group && !process.isReaped()) {
                any = true;
                observer.sent(process.pid, process, signal);
                deliver(process, signal);
            }
        }
        return any;
    }

    @Override
    public boolean signalAllOthers(Signal signal) {
        List<FakeProcess> rest = all().stream().filter(one -> !one.isReaped()).toList();
        rest.forEach(one -> {
            observer.sent(one.pid, one, signal);
            deliver(one, signal);
        });
        return !rest.isEmpty();
    }

    @Override
    public boolean hasOtherProcesses() {
        return all().stream().anyMatch(one -> !one.isReaped());
    }

    // ---- /proc

    @Override
    public int self() {
        return SELF;
    }

    @Override
    public int groupOf(int pid) {
        return pid == SELF ? SELF : known(pid) == null ? 0 : known(pid).group;
    }

    @Override
    public int userOf(int pid) {
        return known(pid) == null ? -1 : DAEMON_USER;
    }

    @Override
    public Set<Integer> descendants(int pid) {
        Set<Integer> found = new HashSet<>();
        for (FakeProcess process : all()) {
            if (!process.isReaped() && (process.parent == pid || found.contains(process.parent))) {
                found.add(process.pid);
            }
        }
        return found;
    }

    @Override
    public boolean isOwnChild(int pid) {
        return known(pid) != null && known(pid).parent == SELF;
    }

    @Override
    public boolean isMemberOf(int pid, int group) {
        // a zombie has its group until it is reaped
        return known(pid) != null
                && (known(pid).group == group || descendants(group).contains(pid));
    }

    @Override
    public List<ProcessEntry> processes() {
        List<ProcessEntry> found = new ArrayList<>();
        found.add(new ProcessEntry(SELF, 0, SELF, SELF, 0, "soleinit"));
        for (FakeProcess process : all()) {
            if (process.isAlive()) {
                found.add(new ProcessEntry(process.pid, process.parent, process.group, SELF,
                        process.startTicks, "fake"));
            }
        }
        return found;
    }

    @Override
    public long startTicks(int pid) {
        return pid == SELF ? 1 : living(pid) == null ? 0 : living(pid).startTicks;
    }

    // ---- datagrams

    @Override
    public Optional<Datagram> receive() {
        Optional<Datagram> next = Optional.ofNullable(datagrams.poll());
        next.ifPresent(observer::received);
        return next;
    }
}
