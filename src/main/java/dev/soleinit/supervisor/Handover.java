package dev.soleinit.supervisor;

import dev.soleinit.os.Kernel.Reaped;
import dev.soleinit.process.Signal;
import dev.soleinit.process.SupervisorExit;
import dev.soleinit.statemachine.model.Goal;
import dev.soleinit.statemachine.model.Phase;
import dev.soleinit.statemachine.state.State;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;

/**
 * What {@link FallbackInit} goes on with if the loop fails: each thing that the kernel tells only once
 * is noted here before anything is done with it that may throw. Used on the loop's thread.
 */
final class Handover {
    /** Those that were taken from the kernel and not decided on, the one in hand among them. */
    private final Queue<Signal> signals = new ArrayDeque<>();
    private boolean inHand;
    private boolean forwarded;
    private int child;
    private int dead;
    private int deadCode = SupervisorExit.SOFTWARE;

    // ---- signals

    void took(List<Signal> taken) {
        signals.addAll(taken);
    }

    /** The next one to be decided on, null if there is none; the one before it is done with. */
    Signal nextSignal() {
        if (inHand) {
            signals.poll();
        }
        forwarded = false;
        inHand = !signals.isEmpty();
        return signals.peek();
    }

    /** The daemon has got the one in hand, or what is done in its place has been begun. */
    void signalForwarded() {
        forwarded = true;
    }

    /** Those that the kernel has given away and the daemon has not got, oldest first. */
    Queue<Signal> unforwarded(State state) {
        if (inHand && forwarded) {
            signals.poll();
            inHand = false;
        }
        Queue<Signal> all = new ArrayDeque<>(state.earlySignals());
        if (state.phase() instanceof Phase.StopDelayed delayed) {
            all.add(delayed.signal());
        }
        all.addAll(signals);
        return all;
    }

    // ---- the daemon

    void forked(int pid) {
        child = pid;
    }

    /** The daemon's main process may have become another. */
    void follow(int daemon) {
        child = daemon != 0 && daemon != dead ? daemon : child;
    }

    void reaped(Reaped one, int daemon) {
        if (one.pid() == child || one.pid() == daemon) {
            dead = one.pid();
            deadCode = one.status().code();
            child = one.pid() == child ? 0 : child;
        }
    }

    /** The daemon that the kernel made and that has not been reaped; 0 if there is none. */
    int child(int daemon) {
        follow(daemon);
        return child;
    }

    /**
     * The exit code of PID 1 if there is no daemon: as decided, or the daemon's own if its death has
     * not been decided on or was asked for; else 70, for there should be a daemon.
     */
    int code(State state, int daemon) {
        if (state.phase() instanceof Phase.Done done) {
            return done.code();
        }
        if (state.phase() instanceof Phase.Sweeping sweeping) {
            return sweeping.code();
        }
        boolean itsEnd = dead != 0 && daemon == dead || state.goal() == Goal.EXIT;
        return itsEnd ? deadCode : SupervisorExit.SOFTWARE;
    }
}
