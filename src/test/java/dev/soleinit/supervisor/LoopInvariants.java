package dev.soleinit.supervisor;

import dev.soleinit.os.Kernel.Datagram;
import dev.soleinit.process.Signal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * What has to hold, seen from outside: from what the kernel gave and what it was asked to do, never from what
 * the loop knows. The first violation is kept; nothing is thrown, for the loop catches everything.
 */
final class LoopInvariants implements FakeKernel.Observer {
    private static final long MS = 1_000_000;
    private static final long STOP_TIMEOUT_MS = 8_000;
    private static final long CONTAINER_STOP_TIMEOUT_MS = 10_000;
    private static final int MAX_TURNS_AT_ONE_TIME = 2_000;
    private static final long MAX_LIFE_MS = 3_600_000;
    private static final int LAST = 25;
    private static final Set<Signal> STOPS = Set.of(Signal.TERM, Signal.INT, Signal.QUIT);

    private record Owed(Signal signal, long since, FakeProcess target) {}

    private final LongSupplier clock;
    private final long slackMillis;
    private final List<FakeProcess> alive = new ArrayList<>();
    private final List<Owed> owed = new ArrayList<>();
    private final Set<Integer> mains = new HashSet<>();
    private final List<String> steps = new ArrayList<>();
    private Optional<String> violation = Optional.empty();
    private FakeProcess main;
    /** What was started beside it, or was replaced by it, while that lives. */
    private FakeProcess beside;
    private boolean mayOverlap;
    private int overlaps;
    private long stopSince = -1;
    private FakeProcess stopped;
    private boolean failed;
    private boolean lost;
    private boolean statusLost;
    private int turn;
    private long turnTime;
    private int turnsThen;

    /** @param slackMillis how late the kernel may wake the loop */
    LoopInvariants(LongSupplier clock, long slackMillis) {
        this.clock = clock;
        this.slackMillis = slackMillis;
    }

    Optional<String> violation() {
        return violation;
    }

    List<String> lastSteps() {
        return steps;
    }

    /**
     * A fault of the kernel's, or of our own code, has been planted just now. What the kernel had given away when
     * it was planted has reached nobody, and is not owed.
     */
    void faultPlanted(String what, boolean nothingReturned) {
        note("FAULT " + what);
        failed = true;
        lost = nothingReturned;
    }

    void note(String step) {
        steps.add(clock.getAsLong() / MS + " ms: " + step);
        if (steps.size() > LAST) {
            steps.removeFirst();
        }
    }

    void broken(String rule, String how) {
        if (violation.isEmpty()) {
            note("BROKEN " + rule + ": " + how);
            violation = Optional.of(rule + ": " + how);
        }
    }

    /** Whether a fault was planted, so that what goes on is {@link FallbackInit}. */
    boolean hasFailed() {
        return failed;
    }

    /** Whether a second daemon may be started beside one that lives. */
    void mayOverlap(boolean may) {
        mayOverlap = may;
    }

    /** How often one was. */
    int overlaps() {
        return overlaps;
    }

    /** The one beside the current one, if it lives. */
    Optional<FakeProcess> beside() {
        return Optional.ofNullable(beside).filter(FakeProcess::isAlive);
    }

    /** The daemon's main process, null before the first start. */
    FakeProcess main() {
        return main;
    }

    /** The kernel had told of a death when the fault was planted, and nobody has got that. */
    boolean statusWasLost() {
        return statusLost;
    }

    // ---- what happens

    @Override
    public void spawned(FakeProcess process) {
        note("spawned " + process);
        if (lost) {
            // nobody knows it: it ends with PID 1
            return;
        }
        alive.add(process);
        if (process.isDaemon()) {
            daemonStarts(process);
        }
    }

    private void daemonStarts(FakeProcess process) {
        List<FakeProcess> others = alive.stream().filter(one -> one != process && one.isAlive()
                && mains.contains(one.pid)).toList();
        if (others.size() > (mayOverlap ? 1 : 0)) {
            broken("oneDaemon", others + " lives beside " + process);
        }
        if (stopSince >= 0) {
            broken("stopWins", process + " is started after a stop signal");
        }
        mains.add(process.pid);
        if (main != null && main.isAlive() && !others.isEmpty()) {
            beside = process;
            overlaps++;
        } else {
            main = process;
        }
    }

    /** It takes the place of the current one as soon as it says that it is ready, or is the only one. */
    private void takeOver() {
        FakeProcess old = main;
        main = beside;
        beside = old;
    }

    private boolean mayTakeOver(FakeProcess one) {
        return one == beside && one.isAlive() && stopSince < 0 && !failed
                && one.received.stream().noneMatch(STOPS::contains) && !one.wasKilled()
                && one.pid > main.pid;
    }

    @Override
    public void executed(FakeProcess process) {
        note("executed " + process);
    }

    /** A process that a daemon has forked. */
    void forked(FakeProcess process) {
        note("forked " + process);
        alive.add(process);
    }

    @Override
    public void reaped(FakeProcess process) {
        note("reaped " + process + ": " + process.status().words());
        alive.remove(process);
        statusLost |= lost && process == main;
    }

    @Override
    public void leaked(int pid) {
        if (!failed) {
            broken("outputIsClosed", "the output of command " + pid + " is open after its end");
        }
    }

    @Override
    public void received(Datagram datagram) {
        note("datagram of " + datagram.pid() + ": " + datagram.text());
        if (datagram.text().equals("READY=1") && beside != null && datagram.pid() == beside.pid
                && mayTakeOver(beside)) {
            takeOver();
        }
        if (datagram.text().startsWith("MAINPID=") && main != null && !failed) {
            int pid = Integer.parseInt(datagram.text().substring("MAINPID=".length()));
            alive.stream().filter(one -> one.pid == pid && one.isAlive()
                    && (mains.contains(one.parent) || one.parent == FakeKernel.SELF)).findFirst()
                    .filter(_ -> mains.contains(datagram.pid())).ifPresent(next -> goesOn(datagram.pid(), next));
        }
    }

    @Override
    public void taken(Signal signal) {
        note("taken " + signal);
        boolean stop = signal.equals(Signal.TERM) || signal.equals(Signal.INT)
                || signal.equals(Signal.QUIT);
        if (!lost && main != null && main.isAlive() && (stop || main.executed)) {
            owed.add(new Owed(signal, clock.getAsLong(), main));
        }
        if (stop && !lost && !failed && beside != null && beside.isAlive()) {
            owed.add(new Owed(signal, clock.getAsLong(), beside));
        }
        if (stop && !lost && stopSince < 0) {
            stopSince = clock.getAsLong();
            stopped = main != null && main.isAlive() ? main : null;
        }
    }

    @Override
    public void sent(int pid, FakeProcess target, Signal signal) {
        note("sent " + signal + " to " + (target == null ? pid : target));
        if (pid <= FakeKernel.SELF) {
            broken("notToUs", signal + " was sent to " + pid);
        } else if (target == null) {
            broken("notToTheReaped", signal + " was sent to " + pid + ", which has been reaped");
        }
        owed.removeIf(one -> target == one.target() && one.signal().equals(signal)
                && one.since() == clock.getAsLong());
        // after a fault nobody follows here which of two is the current one
        if (!failed && target != null && target == beside && target.isAlive() && !STOPS.contains(signal)
                && !signal.equals(Signal.KILL)) {
            broken("signalsTheCurrent", signal + " was sent to " + target + ", current is " + main);
        }
    }

    /** As MAINPID has it. */
    private void goesOn(int speaker, FakeProcess next) {
        mains.add(next.pid);
        boolean theirs = beside != null && (beside.pid == speaker || next.parent == beside.pid);
        if (theirs) {
            beside = next;
        } else {
            main = next;
        }
    }

    // ---- at the end of each turn

    @Override
    public void turnEnds() {
        long now = clock.getAsLong();
        turn++;
        turnsThen = now == turnTime ? turnsThen + 1 : 0;
        turnTime = now;
        if (turnsThen > MAX_TURNS_AT_ONE_TIME) {
            broken("sleeps", "it turns without a rest");
        }
        forwards();
        if (main != null && main.isReaped() && beside != null && mayTakeOver(beside)) {
            takeOver();
        }
        reapsAll();
        stopsInTime(now);
        lost = false;
        if (now > MAX_LIFE_MS * MS) {
            broken("endsAtAll", "it lives for ever");
        }
    }

    @Override
    public boolean isOver() {
        return violation.isPresent();
    }

    private void forwards() {
        for (Owed one : owed) {
            if (one.target().isAlive() && !one.target().wasKilled()) {
                broken("atOnce", one.signal() + " has not reached " + one.target() + " in its turn");
            }
        }
        owed.clear();
    }

    private void reapsAll() {
        alive.stream().filter(one -> one.isZombie() && one.parent == FakeKernel.SELF
                && one.diedInTurn < turn - 1).findFirst()
                .ifPresent(one -> broken("reaps", one + " is left a zombie"));
    }

    private void stopsInTime(long now) {
        if (stopSince < 0 || failed) {
            return;
        }
        long since = (now - stopSince) / MS;
        if (stopped != null && stopped.isAlive() && !stopped.wasKilled()
                && since > STOP_TIMEOUT_MS + slackMillis) {
            broken("killsInTime", stopped + " was not killed " + since + " ms after the stop signal");
        }
        if (since > CONTAINER_STOP_TIMEOUT_MS + slackMillis) {
            broken("endsInTime", "PID 1 lives " + since + " ms after the stop signal");
        }
    }

    // ---- in the end

    /** PID 1 has ended with {@code code}. */
    void over(int code) {
        note("PID 1 ends with " + code);
        if (main == null) {
            if (failed && code == 0) {
                broken("endsBadly", "exit 0 although our own code failed and there was no daemon");
            }
            return;
        }
        if (main.isAlive()) {
            broken("staysWithTheDaemon", "PID 1 ends with " + code + " while " + main + " lives");
        } else if (stopped == main && main.isReaped() && !statusLost
                && main.parent == FakeKernel.SELF && code != main.status().code()) {
            broken("endsWithItsCode", "exit " + code + ", and the daemon had "
                    + main.status().words());
        }
    }
}
