package dev.soleinit.statemachine;

import dev.soleinit.process.ExitStatus;
import dev.soleinit.process.SpawnError;
import dev.soleinit.statemachine.gates.ExitGate;
import dev.soleinit.statemachine.gates.LastGoodGate;
import dev.soleinit.statemachine.model.DaemonProcess;
import dev.soleinit.statemachine.model.Effect;
import dev.soleinit.statemachine.model.ExitRecord;
import dev.soleinit.statemachine.model.Goal;
import dev.soleinit.statemachine.model.Phase;
import dev.soleinit.statemachine.model.RequestOutcome;
import dev.soleinit.statemachine.model.RequestOutcome.Result;
import dev.soleinit.statemachine.settings.Backoff;
import dev.soleinit.statemachine.settings.ExitSettings;
import dev.soleinit.statemachine.settings.ExitSettings.RestartPolicy;
import dev.soleinit.statemachine.settings.PlainInit;
import dev.soleinit.statemachine.state.OpenRequest.Kind;
import dev.soleinit.statemachine.work.WorkItem;
import dev.soleinit.statemachine.work.WorkOutcome;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What the end of the daemon, or the failure to start it, leads to. It asks the goal alone. */
final class ExitHandling {
    /** So many "restart me" in a row are served at once; more would be a hot loop. */
    static final int MAX_ASKED = 5;

    /** A plain init's exit code where the kernel has no process left. */
    private static final int NO_PROCESS = 1;

    private ExitHandling() {}

    static void ended(Transition turn, DaemonProcess run, ExitStatus status, Optional<String> failure,
            Optional<String> why) {
        long at = ExitGate.endedAt(turn);
        ExitRecord end = describe(turn, run, status, failure.or(() -> why), at);
        turn.state = turn.state.ended(end);
        persistWork(turn, run, end.cause());
        long killAt = ClearingPhase.killAt(turn);
        if (turn.isBeside() || turn.state.awaitsSuccessor() && turn.state.goal() == Goal.UP) {
            // what follows is there already
            respawnAtOnce(turn);
        } else {
            follow(turn, run, status, failure, at);
        }
        if (turn.state.phase() instanceof Phase.BackingOff next) {
            ClearingPhase.begin(turn, run, killAt, next);
        } else {
            turn.recordExit(run.child());
        }
        turn.daemon(turn.daemon().with(Optional.empty()));
    }

    private static void follow(Transition turn, DaemonProcess run, ExitStatus status,
            Optional<String> failure, long at) {
        switch (turn.state.goal()) {
            case UP -> onUnexpectedExit(turn, run, status, failure, at);
            case RESTART, DOWN -> respawnAtOnce(turn);
            case EXIT -> turn.sweep(ShutdownRules.codeAfterStop(turn.settings(), status.code()));
        }
    }

    /** What it had not ended is durable before the next process can ask for it. */
    static void persistWork(Transition turn, DaemonProcess run, String reason) {
        if (turn.state.phase() instanceof Phase.Draining phase && turn.restarts().tale().isEmpty()) {
            turn.restarts(turn.restarts().with(Optional.of(
                    new WorkOutcome(phase.blockers(), List.of(), phase.since(), false))));
        }
        if (turn.daemon().manifestWritten() || !turn.state.work().items().isEmpty()) {
            List<WorkItem> cut = turn.state.work().blockers(Set.of());
            turn.restarts(turn.restarts().with(turn.restarts().tale().map(tale -> tale.withCut(cut))));
            RestartCoordinator.manifest(turn, run, turn.daemon().manifestWritten()
                    ? RestartCoordinator.reason(turn) : reason,
                    true);
        }
        turn.restarts(turn.restarts().preflightRunning(false, ""));
        turn.daemon(turn.daemon().cleared());
    }

    /** Nothing but what the old process left, which might keep its ports, is waited for. */
    private static void respawnAtOnce(Transition turn) {
        turn.enter(new Phase.BackingOff(turn.now, ""));
    }

    private static ExitRecord describe(Transition turn, DaemonProcess run, ExitStatus status,
            Optional<String> failure, long at) {
        Duration uptime = Duration.ofNanos(at - run.spawnedAt());
        boolean asked = turn.state.goal() != Goal.UP;
        String cause = failure.orElse(switch (turn.state.goal()) {
            case UP -> status instanceof ExitStatus.Signaled ? "ended by a signal" : "exited by itself";
            case RESTART -> "asked to restart";
            case DOWN -> "asked to stop";
            case EXIT -> "the supervisor was told to end";
        });
        return new ExitRecord(run.child().generation(), run.child().pid(), status, uptime, asked, cause,
                at, failure.isPresent(), turn.standing);
    }

    private static void onUnexpectedExit(Transition turn, DaemonProcess run, ExitStatus status,
            Optional<String> failure, long at) {
        if (turn.requests().mode(turn.now).isPresent()) {
            // a restart was about to begin: this was it
            respawnAtOnce(turn);
            return;
        }
        boolean clean = status.code() == 0 && failure.isEmpty();
        boolean restartMe = turn.settings().exits().restartMe().contains(status.code())
                && failure.isEmpty();
        RestartPolicy policy = turn.settings().exits().restart();
        if (policy == RestartPolicy.NEVER || policy == RestartPolicy.ON_FAILURE && clean && !restartMe) {
            turn.sweep(turn.settings().plainInit().isEmpty() ? status.code()
                    : ShutdownRules.codeAfterStop(turn.settings(), status.code()));
            return;
        }
        boolean healthy = failure.isEmpty() && run.healthy(at, turn.settings().exits().healthyAfter());
        // whose starts alone take longer than a backoff would last does not spin, however often it asks
        boolean slow = at - run.spawnedAt() >= turn.settings().backoff().initial().toNanos();
        int asked = healthy || slow ? 0 : turn.state.consecutiveRestartExits();
        if (restartMe && asked < MAX_ASKED) {
            turn.countFailures(healthy ? 0 : turn.state.failures(), turn.state.failuresThisBoot(),
                    asked + 1);
            respawnAtOnce(turn);
            LastGoodGate.failed(turn, run);
        } else if (healthy && status.code() != ExitSettings.EXIT_CONFIGURATION) {
            turn.countFailures(0, 0, 0);
            respawnAtOnce(turn);
        } else {
            onQuickFailure(turn, failure.orElse(status.words()), status.code(),
                    Optional.of(turn.state.exitHistory().getFirst()));
            if (turn.state.phase() instanceof Phase.BackingOff) {
                LastGoodGate.failed(turn, run);
            }
        }
    }

    static void spawnFailed(Transition turn, SpawnError error) {
        if (turn.isBeside()) {
            turn.emit(new Effect.LogWarning(error.message()));
            turn.enter(new Phase.Idle());
            return;
        }
        // another init has a line of its own for that
        boolean refused = isRefused(turn, error) && turn.settings().plainInit().isEmpty();
        turn.emit(refused ? new Effect.LogRefusal(error.message())
                : new Effect.LogWarning(error.message()));
        switch (turn.state.goal()) {
            case UP, RESTART -> {
                if (turn.settings().plainInit().isPresent()) {
                    turn.sweep(plainCode(turn.settings().plainInit().get(), error));
                } else if (refused) {
                    turn.sweep(error.kind().exitCode());
                } else {
                    onQuickFailure(turn, error.message(), error.kind().exitCode(), Optional.empty());
                }
            }
            case DOWN -> turn.hold("stopped");
            case EXIT -> turn.sweep(ShutdownRules.codeAfterStop(turn.settings(),
                    ShutdownRules.lastCode(turn)));
        }
    }

    private static int plainCode(PlainInit plain, SpawnError error) {
        return error.kind() == SpawnError.Kind.RESOURCES ? NO_PROCESS
                : plain.cannotStart().orElse(error.kind().exitCode());
    }

    /** A command that never ran and never will: PID 1 ends, as a shell would. */
    private static boolean isRefused(Transition turn, SpawnError error) {
        boolean wanted = switch (turn.state.goal()) {
            case UP, RESTART -> true;
            case DOWN, EXIT -> false;
        };
        return wanted && !turn.state.everSpawned() && turn.state.exitHistory().isEmpty()
                && error.kind() != SpawnError.Kind.RESOURCES;
    }

    /** A quick failure: backs off or, if so configured, gives up. */
    private static void onQuickFailure(Transition turn, String reason, int code,
            Optional<ExitRecord> end) {
        turn.setGoal(Goal.UP);
        int failures = turn.state.failures() + 1;
        int here = turn.state.failuresThisBoot() + 1;
        turn.countFailures(failures, here, turn.state.consecutiveRestartExits());
        String words = end.map(ExitRecord::words).orElse(reason);
        fail(turn, Kind.START, "Cannot start: " + words, end);
        fail(turn, Kind.RESTART, "Cannot restart: " + words, end);
        fail(turn, Kind.RELOAD, "Cannot reload: " + words, end);
        turn.restarts(turn.restarts().with(Optional.empty()));
        int most = turn.settings().exits().giveUpAfter();
        if (most > 0 && here >= most) {
            giveUp(turn, reason, code);
        } else {
            turn.enter(new Phase.BackingOff(
                    turn.now + delay(turn, failures, code).toNanos(), reason));
        }
    }

    private static void fail(Transition turn, Kind kind, String words, Optional<ExitRecord> end) {
        turn.finish(kind, new RequestOutcome(Result.FAILED, words, 0, Optional.empty(), end));
    }

    private static Duration delay(Transition turn, int failures, int code) {
        return code == ExitSettings.EXIT_CONFIGURATION
                ? Backoff.longest(turn.settings(), turn.random)
                : Backoff.delay(turn.settings(), failures, turn.random);
    }

    private static void giveUp(Transition turn, String reason, int code) {
        String line = "gave up after " + turn.state.failuresThisBoot()
                + " quick failures in a row; the last one: " + reason;
        turn.emit(new Effect.LogWarning(line));
        turn.emit(new Effect.WriteTerminationMessage(line));
        turn.sweep(code == 0 ? 1 : code);
    }
}
