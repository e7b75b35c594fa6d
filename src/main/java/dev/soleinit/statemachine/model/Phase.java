package dev.soleinit.statemachine.model;

import dev.soleinit.process.Child;
import dev.soleinit.process.Signal;
import java.util.Optional;

/**
 * What is. A phase that waits carries its own deadline, so no timer outlives the phase that
 * wanted it. Deadlines are nanoseconds of the supervisor's monotonic clock.
 */
public sealed interface Phase {
    /** The deadline of a phase that waits for events alone. */
    long NEVER = Long.MAX_VALUE;

    /** No daemon and none due: before the first start, or held down. */
    record Idle() implements Phase {}

    /**
     * The next generation's number is on its way to the disk; past {@code deadline} the daemon is
     * started without waiting for that any longer.
     */
    record Spawning(long deadline) implements Phase {}

    /**
     * Its process exists, but may not execute the program yet, or has not said that it is ready; past
     * {@code deadline} that is a failed start.
     */
    record Starting(DaemonProcess run, long deadline) implements Phase {}

    /** It runs and is ready, or ({@code leaving}) was and says that it is going down. */
    record Ready(DaemonProcess run, boolean stopping) implements Phase {}

    /**
     * It runs and takes no new work, because of a restart that has not begun to stop it.
     *
     * @param startDeadline  the deadline of its start, if it was not ready yet
     * @param stage    how far the restart is
     * @param until    when this stage ends although nothing has happened
     * @param blockers how much work there was when it began
     * @param since    when it began
     * @param told     the daemon has said that its last work has ended, or cannot say such things
     * @param idle     the preflight command says so, too, or there is none
     */
    record Draining(DaemonProcess run, long startDeadline, Stage stage, long until, int blockers,
            long since, boolean drainConfirmed, boolean preflightIdle) implements Phase {
        public Draining drainConfirmed(boolean now) {
            return new Draining(run, startDeadline, stage, until, blockers, since, now, preflightIdle);
        }

        public Draining preflightIdle(boolean now) {
            return new Draining(run, startDeadline, stage, until, blockers, since, drainConfirmed, now);
        }

        Draining until(long at) {
            return new Draining(run, startDeadline, stage, at, blockers, since, drainConfirmed,
                    preflightIdle);
        }

        public Draining in(DaemonProcess next) {
            return new Draining(next, startDeadline, stage, until, blockers, since, drainConfirmed,
                    preflightIdle);
        }
    }

    /** How far a restart is that has not begun to stop the daemon. */
    enum Stage {
        /** A safe one has fenced and waits for the answer, to look again under the fence. */
        FENCING,
        /** A graceful one waits for work to end. */
        DRAINING,
        /** The interrupted work is being made durable. */
        PERSISTING
    }

    /**
     * It was told to build itself anew in its process, as generation {@code next}.
     *
     * @param until  when that counts as failed
     * @param lastId requests after this one want another reload
     * @param stage  what is known of it
     */
    record Reloading(DaemonProcess run, long next, long until, long coversUpTo, ReloadStage stage)
            implements Phase {
        public Reloading in(ReloadStage other, long at) {
            return new Reloading(run, next, at, coversUpTo, other);
        }

        /** Nothing was heard of it yet: as far as is known it serves as before. */
        public boolean isSilent() {
            return stage == ReloadStage.STORING || stage == ReloadStage.SIGNALED;
        }
    }

    /** What is known of a reload that is under way. */
    enum ReloadStage {
        /** The new number is on its way to the disk; the daemon has not been told of the reload. */
        STORING,
        /** The reload command runs; until it has ended nothing else counts as an end. */
        COMMAND,
        /** The signal was sent; with no word until the deadline the reload stays unconfirmed. */
        SIGNALED,
        /** The reload command has ended well; the daemon may still have to be found ready. */
        RAN,
        /** The daemon has begun, or was told by the protocol: that it is ready ends it. */
        BEGUN
    }

    /**
     * PID 1 is to end. The daemon serves on, so that whoever sends it work can be told that it is not
     * ready any more; at {@code until} it gets {@code signal}.
     */
    record StopDelayed(DaemonProcess run, Signal signal, long until) implements Phase {}

    /**
     * It was told to stop; at {@code killAt} it is killed.
     *
     * @param failure why it is stopped, where that is a failure of its own
     */
    record Terminating(DaemonProcess run, long killAt, Optional<String> failure) implements Phase {}

    /** Its group was killed; {@code giveUpAt} is when PID 1 stops waiting for the kernel. */
    record Killing(DaemonProcess run, long giveUpAt, Optional<String> failure) implements Phase {}

    /**
     * The daemon has ended; what it left is being ended, and nothing is started beside it.
     *
     * @param child   what the daemon was
     * @param stage   how far that is
     * @param until   when this stage ends although some are left
     * @param spawnAt not before then does the next generation start
     * @param reason  why it waits until then
     */
    record ClearingLeftovers(Child child, Clearing stage, long until, long spawnAt, String reason)
            implements Phase {}

    /** How far the end of leftovers is. */
    enum Clearing {
        /** They are being looked for. */
        SEARCHING,
        /** They were told to stop. */
        STOPPING,
        /** They were killed. */
        KILLING,
        /** The kernel cannot end them. */
        SURVIVING
    }

    /** It failed; the next attempt is at {@code until}. */
    record BackingOff(long until, String reason) implements Phase {}

    /** The daemon has ended for good; what is left has been told to stop, and is killed at killAt. */
    record Sweeping(int code, long killAt) implements Phase {}

    /** Nothing is left to do but to exit with {@code code}. */
    record Done(int code) implements Phase {}

    /** When this phase wants to be woken although nothing has happened. */
    default long deadline() {
        return switch (this) {
            case Idle _, Ready _, Done _ -> NEVER;
            case Spawning spawning -> spawning.deadline();
            case Starting starting -> starting.deadline();
            case Draining draining -> draining.until();
            case Reloading reloading -> reloading.until();
            case StopDelayed delayed -> delayed.until();
            case Terminating terminating -> terminating.killAt();
            case Killing killing -> killing.giveUpAt();
            case ClearingLeftovers clearing -> clearing.until();
            case BackingOff backingOff -> backingOff.until();
            case Sweeping sweeping -> sweeping.killAt();
        };
    }

    /** The same with another process, while there is one. */
    default Phase with(DaemonProcess run) {
        return switch (this) {
            case Idle _, Spawning _, ClearingLeftovers _, BackingOff _, Sweeping _, Done _ -> this;
            case Starting(DaemonProcess _, long deadline) -> new Starting(run, deadline);
            case Ready(DaemonProcess _, boolean leaving) -> new Ready(run, leaving);
            case Draining draining -> draining.in(run);
            case Reloading(DaemonProcess _, long next, long until, long lastId, ReloadStage stage) ->
                    new Reloading(run, next, until, lastId, stage);
            case StopDelayed(DaemonProcess _, Signal signal, long until) ->
                    new StopDelayed(run, signal, until);
            case Terminating(DaemonProcess _, long killAt, var failure) ->
                    new Terminating(run, killAt, failure);
            case Killing(DaemonProcess _, long giveUpAt, var failure) ->
                    new Killing(run, giveUpAt, failure);
        };
    }

    /** The daemon's process, while there is one. */
    default Optional<DaemonProcess> current() {
        return switch (this) {
            case Idle _, Spawning _, ClearingLeftovers _, BackingOff _, Sweeping _, Done _ ->
                    Optional.empty();
            case Starting starting -> Optional.of(starting.run());
            case Ready ready -> Optional.of(ready.run());
            case Draining draining -> Optional.of(draining.run());
            case Reloading reloading -> Optional.of(reloading.run());
            case StopDelayed delayed -> Optional.of(delayed.run());
            case Terminating terminating -> Optional.of(terminating.run());
            case Killing killing -> Optional.of(killing.run());
        };
    }
}
