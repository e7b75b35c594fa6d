package dev.soleinit.statemachine;

import dev.soleinit.process.RestartMode;
import dev.soleinit.statemachine.gates.OverlapGate;
import dev.soleinit.statemachine.model.DaemonCommand;
import dev.soleinit.statemachine.model.DaemonProcess;
import dev.soleinit.statemachine.model.Effect;
import dev.soleinit.statemachine.model.Effect.Disposition;
import dev.soleinit.statemachine.model.Event.RestartRequested;
import dev.soleinit.statemachine.model.Goal;
import dev.soleinit.statemachine.model.Phase;
import dev.soleinit.statemachine.model.Phase.Draining;
import dev.soleinit.statemachine.model.Phase.Stage;
import dev.soleinit.statemachine.model.RequestOutcome.Result;
import dev.soleinit.statemachine.state.OpenRequest.Kind;
import dev.soleinit.statemachine.state.OpenRequest.PendingRestart;
import dev.soleinit.statemachine.work.Blocker;
import dev.soleinit.statemachine.work.Preflight;
import dev.soleinit.statemachine.work.PreflightVerdict;
import dev.soleinit.statemachine.work.UnknownWork;
import dev.soleinit.statemachine.work.WorkItem;
import dev.soleinit.statemachine.work.WorkOutcome;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * A restart from the request to the stop signal, as far as work is concerned: it waits, fences,
 * drains, keeps what it cuts, and only then stops the daemon. Until then it can be called off.
 */
final class RestartCoordinator {
    private RestartCoordinator() {}

    // ---- requests

    /** A restart of a daemon that runs. */
    static void onRestartRequested(Transition turn, DaemonProcess run, RestartRequested asked) {
        if (UnknownWork.refuses(turn, asked)) {
            return;
        }
        boolean overlap = asked.overlap() && OverlapGate.isPossible(turn, asked);
        if (!overlap) {
            turn.state = turn.state.withArguments(asked.arguments());
        }
        long dueAt = asked.machine() ? Math.max(turn.now, turn.restarts().timers().coolUntil())
                : turn.now;
        PendingRestart next = pending(asked, dueAt, overlap);
        if (overlap && OverlapGate.joins(turn, next)) {
            return;
        }
        boolean waits = overlap ? turn.state.other().isPresent() : turn.state.hasSuccessor()
                || asked.mode() == RestartMode.SAFE
                && turn.state.work().activeExcept(asked.ignored()) > 0;
        turn.accept(next, waits ? Disposition.DEFERRED : Disposition.SCHEDULED,
                Duration.ofNanos(dueAt - turn.now));
        boolean patient = asked.mode() == RestartMode.SAFE || asked.mode() == RestartMode.GRACEFUL;
        if (!(patient && turn.state.phase() instanceof Phase.Reloading)) {
            tryBegin(turn, run);
        }
    }

    private static PendingRestart pending(RestartRequested asked, long dueAt, boolean overlap) {
        boolean bounded = asked.mode() == RestartMode.SAFE && !asked.maxWait().isZero();
        return new PendingRestart(asked.id(), asked.mode(), asked.ignored(), dueAt,
                dueAt + asked.drain().toNanos(),
                bounded ? dueAt + asked.maxWait().toNanos() : Phase.NEVER, asked.machine(),
                asked.assumeIdle(), overlap, overlap ? asked.arguments() : Optional.empty());
    }

    /** A restart during a drain joins it; a stronger one hurries it. */
    static void joins(Transition turn, Draining phase, RestartRequested asked) {
        turn.state = turn.state.withArguments(asked.arguments());
        turn.accept(pending(asked, turn.now, false), Disposition.COALESCED, Duration.ZERO);
        if (phase.stage() == Stage.PERSISTING) {
            return;
        }
        switch (asked.mode()) {
            case FORCE, IMMEDIATE -> persistAndStop(turn, phase);
            case GRACEFUL -> drain(turn, phase.run(), phase.startDeadline());
            case SAFE -> checkDrained(turn, phase);
        }
    }

    static void callerLeft(Transition turn, long id) {
        if (turn.requests().find(id).orElse(null) instanceof PendingRestart) {
            turn.finishOne(id, Result.CANCELLED, "cancelled: the caller left before it had begun");
        }
    }

    // ---- waiting, unfenced

    /** Looks whether one of the restarts that wait can begin. */
    static void tryBegin(Transition turn, DaemonProcess run) {
        expire(turn);
        Optional<RestartMode> mode = turn.requests().mode(turn.now);
        if (mode.isEmpty() || mode.get() == RestartMode.SAFE) {
            OverlapGate.tryBegin(turn);
        }
        if (mode.isPresent() && !turn.state.hasSuccessor()) {
            switch (mode.get()) {
                case FORCE, IMMEDIATE -> beginImmediately(turn, run);
                case GRACEFUL -> drain(turn, run, startDeadline(turn));
                case SAFE -> safe(turn, run);
            }
        }
        boolean waits = turn.state.phase() instanceof Phase.Ready
                || turn.state.phase() instanceof Phase.Starting;
        if (waits && turn.requests().hasPending()) {
            logWaitReason(turn);
            turn.restarts(turn.restarts().wake(nextPreflight(turn)));
        }
    }

    private static void safe(Transition turn, DaemonProcess run) {
        if (UnknownWork.holdsBack(turn)) {
            return;
        }
        boolean busy = turn.state.work().activeExcept(turn.requests().ignored()) > 0;
        boolean tooEarly = turn.now < turn.restarts().timers().retryNotBefore();
        if (busy || tooEarly || turn.restarts().preflightRunning()) {
            return;
        }
        if (turn.settings().coordination().hasPreflightCommand()) {
            turn.restarts(turn.restarts().preflightRunning(true, turn.restarts().preflightReason()));
            turn.emit(new Effect.RunPreflight());
        } else {
            fence(turn, run);
        }
    }

    /** The preflight command has spoken while a safe restart waits. */
    static void onPreflightResult(Transition turn, DaemonProcess run, PreflightVerdict look) {
        boolean idle = look.verdict() == PreflightVerdict.Verdict.IDLE;
        turn.restarts(turn.restarts().preflightRunning(false, idle ? "" : look.words())
                .withRetryNotBefore(turn.now + interval(turn)));
        boolean wanted = turn.requests().mode(turn.now).equals(Optional.of(RestartMode.SAFE));
        if (idle && wanted && turn.state.work().activeExcept(turn.requests().ignored()) == 0) {
            fence(turn, run);
        } else {
            tryBegin(turn, run);
        }
    }

    private static void expire(Transition turn) {
        for (PendingRestart one : turn.requests().pending()) {
            if (one.giveUpAt() <= turn.now) {
                turn.finishOne(one.id(), Result.GAVE_UP, "Cannot restart safely: gave up waiting, "
                        + "the daemon goes on serving; " + blockers(turn));
            }
        }
    }

    /** What a safe restart waits for. */
    static String blockers(Transition turn) {
        String line = Blocker.line(Preflight.of(turn.state.work(), turn.requests().ignored(),
                Optional.empty(), true, turn.now).blockers());
        String busy = turn.restarts().preflightReason();
        if (UnknownWork.is(turn)) {
            return "nothing is known about its work yet";
        }
        return line.isEmpty() && busy.isEmpty() ? "it was never found idle long enough to fence"
                : "blocked by " + line + (line.isEmpty() || busy.isEmpty() ? "" : ", ")
                        + busy;
    }

    private static void logWaitReason(Transition turn) {
        if (turn.now < turn.restarts().timers().logNotBefore() || turn.state.hasSuccessor()) {
            return;
        }
        turn.restarts(turn.restarts().withLogNotBefore(
                turn.now + turn.settings().coordination().logInterval().toNanos()));
        if (turn.requests().mode(turn.now).isPresent()) {
            turn.emit(new Effect.LogWarning("a safe restart waits; " + blockers(turn)));
        }
    }

    private static long nextPreflight(Transition turn) {
        // nothing is said while a successor starts, and all that waits is looked at when it has
        long next = turn.state.hasSuccessor() ? Phase.NEVER : turn.restarts().timers().logNotBefore();
        for (PendingRestart one : turn.requests().pending()) {
            next = Math.min(next, one.dueAt() > turn.now ? one.dueAt() : one.giveUpAt());
        }
        boolean due = turn.requests().mode(turn.now).isPresent();
        return due && turn.restarts().timers().retryNotBefore() > turn.now
                ? Math.min(next, turn.restarts().timers().retryNotBefore()) : next;
    }

    private static long interval(Transition turn) {
        return turn.settings().coordination().preflightInterval().toNanos();
    }

    private static long startDeadline(Transition turn) {
        return turn.state.phase() instanceof Phase.Starting starting ? starting.deadline()
                : Phase.NEVER;
    }

    // ---- fenced

    /** Nothing blocks: fences, so that nothing can begin, and looks again under the fence. */
    private static void fence(Transition turn, DaemonProcess run) {
        Draining phase = draining(turn, run, startDeadline(turn), Stage.FENCING,
                turn.now + turn.settings().coordination().fenceTimeout().toNanos());
        if (turn.daemon().attached()) {
            turn.tell(new DaemonCommand.Fence(""));
        } else {
            persistAndStop(turn, phase);
        }
    }

    private static void drain(Transition turn, DaemonProcess run, long startDeadline) {
        Draining phase = draining(turn, run, startDeadline, Stage.DRAINING, turn.requests().drainBy());
        if (turn.daemon().attached()) {
            turn.tell(new DaemonCommand.Drain(
                    Duration.ofNanos(Math.max(0, phase.until() - turn.now))));
        }
        runPreflightCommand(turn);
        checkDrained(turn, phase);
    }

    private static void beginImmediately(Transition turn, DaemonProcess run) {
        if (turn.daemon().attached()) {
            turn.tell(new DaemonCommand.Fence(""));
        }
        persistAndStop(turn, draining(turn, run, startDeadline(turn), Stage.PERSISTING, Phase.NEVER));
    }

    private static Draining draining(Transition turn, DaemonProcess run, long startDeadline, Stage stage,
            long until) {
        turn.setGoal(Goal.RESTART);
        Draining before = turn.state.phase() instanceof Draining now ? now
                : new Draining(run, startDeadline, stage, until, turn.state.work().active(), turn.now,
                        !turn.daemon().attached(),
                        !turn.settings().coordination().hasPreflightCommand());
        Draining phase = new Draining(run, startDeadline, stage, until, before.blockers(),
                before.since(), before.drainConfirmed(), before.preflightIdle());
        turn.enter(phase);
        turn.restarts(turn.restarts().wake(Phase.NEVER));
        return phase;
    }

    private static void runPreflightCommand(Transition turn) {
        if (turn.settings().coordination().hasPreflightCommand() && !turn.restarts().preflightRunning()) {
            turn.restarts(turn.restarts().preflightRunning(true, turn.restarts().preflightReason()));
            turn.emit(new Effect.RunPreflight());
        }
    }

    /** The preflight command has spoken during a drain. */
    static void onPreflightResult(Transition turn, Draining phase, PreflightVerdict look) {
        boolean idle = look.verdict() == PreflightVerdict.Verdict.IDLE;
        turn.restarts(turn.restarts().preflightRunning(false, idle ? "" : look.words())
                .wake(idle ? Phase.NEVER : turn.now + interval(turn)));
        Draining next = phase.preflightIdle(idle);
        turn.enter(next);
        checkDrained(turn, next);
    }

    /** Goes on if no work is left. */
    static void checkDrained(Transition turn, Draining phase) {
        boolean empty = turn.state.work().activeExcept(turn.requests().ignored()) == 0;
        if (phase.stage() == Stage.DRAINING && empty && phase.drainConfirmed() && phase.preflightIdle()) {
            persistAndStop(turn, phase);
        }
    }

    /** A new connection does not know yet that it is fenced. */
    static void attached(Transition turn, Draining phase) {
        switch (phase.stage()) {
            case FENCING -> turn.tell(new DaemonCommand.Fence(""));
            case DRAINING -> {
                turn.enter(phase.drainConfirmed(false));
                turn.tell(new DaemonCommand.Drain(
                        Duration.ofNanos(Math.max(0, phase.until() - turn.now))));
            }
            case PERSISTING -> { }
        }
    }

    static void fenced(Transition turn, Draining phase) {
        if (phase.stage() != Stage.FENCING) {
            return;
        }
        if (turn.state.work().activeExcept(turn.requests().ignored()) == 0) {
            persistAndStop(turn, phase);
        } else {
            turn.restarts(turn.restarts().withRetryNotBefore(turn.now + interval(turn)));
            cancel(turn, phase);
        }
    }

    /** The stage's time is over, or it is time to run the preflight command again. */
    static void deadline(Transition turn, Draining phase) {
        if (turn.now < phase.until()) {
            turn.restarts(turn.restarts().wake(Phase.NEVER));
            runPreflightCommand(turn);
        } else if (phase.stage() == Stage.FENCING) {
            turn.restarts(turn.restarts()
                    .preflightRunning(turn.restarts().preflightRunning(),
                    "the daemon does not answer the "
                    + "fence").withRetryNotBefore(turn.now + interval(turn)));
            cancel(turn, phase);
        } else if (phase.stage() == Stage.PERSISTING) {
            // what the disk was given may still get there: the next manifest has to take its place
            long attempt = turn.daemon().manifest();
            manifestFailed(turn, phase, "the disk does not answer");
            turn.daemon(turn.daemon().manifest(attempt));
        } else {
            persistAndStop(turn, phase);
        }
    }

    /** Takes the fence away and goes back to where it was. */
    private static void cancel(Transition turn, Draining phase) {
        if (turn.daemon().attached()) {
            turn.tell(new DaemonCommand.Unfence());
        } else {
            turn.daemon(turn.daemon().owesUnfence(true));
        }
        turn.setGoal(Goal.UP);
        if (phase.run().readyAt().isPresent()) {
            turn.resumeReady(phase.run());
        } else {
            turn.enter(new Phase.Starting(phase.run(), phase.startDeadline()));
            tryBegin(turn, phase.run());
        }
    }

    // ---- the point of no return

    static void persistAndStop(Transition turn, Draining phase) {
        List<WorkItem> cut = turn.state.work().blockers(Set.of());
        boolean forced = turn.requests().mode(turn.now).equals(Optional.of(RestartMode.FORCE));
        turn.restarts(turn.restarts().with(Optional.of(new WorkOutcome(
                Math.max(0, phase.blockers() - cut.size()), cut, phase.since(), forced))));
        turn.enter(new Draining(phase.run(), phase.startDeadline(), Stage.PERSISTING,
                turn.deadlineAfter(Transition.UNTIL_STORED), phase.blockers(), phase.since(),
                phase.drainConfirmed(),
                phase.preflightIdle()));
        if (turn.state.work().items().isEmpty()) {
            stop(turn, phase.run());
        } else {
            manifest(turn, phase.run(), reason(turn), false);
        }
    }

    static String reason(Transition turn) {
        return turn.restarts().tale().map(WorkOutcome::forced).orElse(false) ? "forced restart"
                : "restart";
    }

    static void manifest(Transition turn, DaemonProcess run, String reason, boolean ended) {
        turn.state = turn.state.nextManifest();
        long attempt = turn.state.history().manifests();
        turn.daemon(turn.daemon().manifest(attempt));
        turn.emit(new Effect.SaveManifest(attempt, run.child().generation(), reason,
                turn.state.work().items(),
                turn.restarts().tale().map(WorkOutcome::drained).orElse(0), ended));
    }

    /** Work that is cut without a trace would be lost: only who said so may do that. */
    static void manifestFailed(Transition turn, Draining phase, String why) {
        RestartMode mode = turn.requests().mode(turn.now).orElse(RestartMode.GRACEFUL);
        if (mode == RestartMode.FORCE || mode == RestartMode.IMMEDIATE) {
            turn.emit(new Effect.LogWarning("Cannot keep the interrupted work: " + why
                    + "; going on, as it was asked for"));
            stop(turn, phase.run());
            return;
        }
        turn.daemon(turn.daemon().manifest(0));
        turn.finishAll(Kind.RESTART, Result.FAILED, "Cannot restart without losing work: " + why
                + "; the daemon goes on serving");
        cancel(turn, phase);
    }

    static void stop(Transition turn, DaemonProcess run) {
        boolean forced = turn.requests().mode(turn.now).equals(Optional.of(RestartMode.FORCE));
        if (turn.daemon().attached()) {
            OptionalLong ready = run.readyAt();
            turn.tell(new DaemonCommand.Stopping("restarting", Duration.ofNanos(
                    ready.isPresent() ? ready.getAsLong() - run.spawnedAt() : 0)));
        }
        if (turn.requests().isAutomatic()) {
            turn.restarts(turn.restarts().coolUntil(
                    turn.now + turn.settings().coordination().cooldown().toNanos()));
        }
        turn.takeArguments();
        turn.requests(turn.requests().begun());
        if (forced) {
            turn.terminateSoon(run, Optional.empty());
        } else {
            turn.terminate(run, turn.settings().stop().timeout(), Optional.empty());
        }
    }
}
