package dev.soleinit.supervisor;

import dev.soleinit.os.Kernel;
import dev.soleinit.os.Kernel.Datagram;
import dev.soleinit.os.Kernel.Reaped;
import dev.soleinit.process.ExitStatus;
import dev.soleinit.process.Signal;
import java.time.Duration;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.locks.LockSupport;

/**
 * What is left when our own code has failed: reap, forward, and exit with the daemon's code, as
 * tini does. It decides nothing, allocates next to nothing, and uses the kernel alone; a step that
 * fails does not keep the others from being tried, now and in the next turn. Runs on the loop's thread in
 * place of {@link EventLoop}.
 */
final class FallbackInit {
    private static final Duration MAX_SLEEP = Duration.ofHours(1);
    /** A daemon that went on in somebody else's child: the kernel tells that one of its death. */
    private static final Duration POLL_INTERVAL = Duration.ofMillis(500);
    private static final long PAUSE_NANOS = 10_000_000;
    private static final int UNKNOWN = new ExitStatus.Unknown().code();

    private final Kernel os;
    private final Queue<Signal> signals;
    private int daemon;
    private int code;
    private boolean foreign;

    /**
     * Goes on from where the loop failed.
     *
     * @param daemon  the daemon that lives, 0 if there is none
     * @param signals what it has not got yet
     * @param code    the exit code if there is none
     */
    FallbackInit(Kernel os, int daemon, Queue<Signal> signals, int code) {
        this.os = os;
        this.daemon = daemon;
        this.signals = signals;
        this.code = code;
    }

    /** Runs until the daemon has ended; returns the exit code of PID 1. */
    int run() {
        withdraw();
        while (daemon != 0) {
            boolean whole = attend();
            whole &= drain();
            sleep(whole);
        }
        return code;
    }

    /** Does at once what the daemon is owed; whether all of it could be done. */
    boolean attend() {
        boolean reaped = reap();
        return forward() && reaped;
    }

    /** Health checks read the published files: without the marker nothing is ready any more. */
    private void withdraw() {
        try {
            os.removeMarker();
        } catch (Throwable noMemory) {
            // the daemon matters more
        }
    }

    private boolean reap() {
        try {
            for (Optional<Reaped> dead = os.reap(); dead.isPresent(); dead = os.reap()) {
                if (dead.get().pid() == daemon) {
                    code = dead.get().status().code();
                    daemon = 0;
                }
            }
            lookAfterForeign();
            return true;
        } catch (Throwable again) {
            return false;
        }
    }

    /** Nor does anybody tell us of a child that was lost between the kernel and our own failure. */
    private void lookAfterForeign() {
        foreign = daemon != 0 && !os.isOwnChild(daemon);
        if (foreign && os.startTicks(daemon) == 0) {
            code = UNKNOWN;
            daemon = 0;
        }
    }

    private boolean forward() {
        try {
            send();
            signals.addAll(os.pollSignals());
            send();
            return true;
        } catch (Throwable again) {
            return false;
        }
    }

    private void send() {
        for (Signal signal = signals.peek(); daemon != 0 && signal != null; signal = signals.peek()) {
            os.kill(daemon, signal);
            signals.poll();
        }
    }

    /** Nobody listens any more, but what is never read would never let it sleep. */
    private boolean drain() {
        try {
            os.launched();
            for (Optional<Datagram> unheard = os.receive(); unheard.isPresent();
                    unheard = os.receive()) {
                os.close(unheard.get().descriptors());
            }
            return true;
        } catch (Throwable again) {
            return false;
        }
    }

    /** Even without memory the next turn may do: there is nobody to hand over to. */
    private void sleep(boolean whole) {
        if (daemon == 0) {
            return;
        }
        try {
            if (whole) {
                os.await(foreign ? POLL_INTERVAL : MAX_SLEEP);
                return;
            }
        } catch (Throwable again) {
            // then without the kernel's help
        }
        LockSupport.parkNanos(PAUSE_NANOS);
    }
}
