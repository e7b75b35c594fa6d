package dev.soleinit.machine;

import dev.soleinit.machine.Outcome.Result;
import dev.soleinit.machine.Settings.RestartPolicy;
import dev.soleinit.machine.Waiting.Kind;
import dev.soleinit.process.ExitStatus;
import dev.soleinit.process.SpawnError;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What the end of the daemon, or the failure to start it, leads to. It asks the goal alone. */
final class AfterEnd {
    /** "Restart me": EX_TEMPFAIL. Source: sysexits(3). */
    static final int RESTART_ME = 75;
    /** Configuration error: EX_CONFIG. Source: sysexits(3). */
    static final int CONFIGURATION = 78;
    /** So many "restart me" in a row are served at once; more would be a hot loop. */
    static final int MOST_ASKED = 5;

    /** A plain init's exit code where the kernel has no process left. */
    private static final int NO_PROCESS = 1;

    private AfterEnd() {}

    static void ended(Turn turn, Run run, ExitStatus status, Optional<String> failure,
            Optional<String> why) {
        long at = ExitGate.endedAt(turn);
        End end = describe(turn, run, status, failure.or(() -> why), at);
        turn.state = turn.state.ended(end);
        keepWork(turn, run, end.cause());
        long killAt = ClearingPhase.killAt(turn);
        switch (turn.state.goal()) {
            case UP -> unasked(turn, run, status, failure, at);
            case RESTART, DOWN -> respawnAtOnce(turn);
            case EXIT -> turn.sweep(codeAfterStop(turn.settings(), status.code()));
        }
        if (turn.state.phase() instanceof Phase.BackingOff next) {
            ClearingPhase.begin(turn, run, killAt, next);
        } else {
            turn.noteEnd();
        }
        turn.desk(turn.desk().withoutExit());
    }

    /** What it had not ended is durable before the next process can ask for it. */
    static void keepWork(Turn turn, Run run, String reason) {
        if (turn.state.phase() instanceof Phase.Draining phase && turn.desk().tale().isEmpty()) {
            turn.desk(turn.desk().with(Optional.of(
                    new Tale(phase.blockers(), List.of(), phase.since(), false))));
        }
        if (turn.desk().kept() || !turn.state.work().items().isEmpty()) {
            List<Item> cut = turn.state.work().blockers(Set.of());
            turn.desk(turn.desk().with(turn.desk().tale().map(tale -> tale.withCut(cut))));
            Drain.manifest(turn, run, turn.desk().kept() ? Drain.reason(turn) : reason,
                    true);
        }
        turn.desk(turn.desk().kept(false).attached(false).looking(false, "")
                .unfence(false));
        turn.state = turn.state.with(Work.none());
    }

    /** The code PID 1 ends with after an asked-for stop. */
    static int codeAfterStop(Settings settings, int code) {
        return settings.successExit().contains(code) ? 0 : code;
    }

    /** Nothing but what the old process left, which might keep its ports, is waited for. */
    private static void respawnAtOnce(Turn turn) {
        turn.become(new Phase.BackingOff(turn.now, ""));
    }

    private static End describe(Turn turn, Run run, ExitStatus status, Optional<String> failure,
            long at) {
        Duration uptime = Duration.ofNanos(at - run.spawnedAt());
        boolean asked = turn.state.goal() != Goal.UP;
        String cause = failure.orElse(switch (turn.state.goal()) {
            case UP -> status instanceof ExitStatus.Signaled ? "ended by a signal" : "exited by itself";
            case RESTART -> "asked to restart";
            case DOWN -> "asked to stop";
            case EXIT -> "the supervisor was told to end";
        });
        return new End(run.child().generation(), run.child().pid(), status, uptime, asked, cause,
                at, failure.isPresent());
    }

    private static void unasked(Turn turn, Run run, ExitStatus status, Optional<String> failure,
            long at) {
        if (turn.desk().mode(turn.now).isPresent()) {
            // a restart was about to begin: this was it
            respawnAtOnce(turn);
            return;
        }
        boolean clean = status.code() == 0 && failure.isEmpty();
        RestartPolicy policy = turn.settings().restart();
        if (policy == RestartPolicy.NEVER || policy == RestartPolicy.ON_FAILURE && clean) {
            turn.sweep(turn.settings().plainInit().isEmpty() ? status.code()
                    : codeAfterStop(turn.settings(), status.code()));
            return;
        }
        boolean healthy = failure.isEmpty() && run.healthy(at, turn.settings().healthyAfter());
        int asked = healthy ? 0 : turn.state.askedInARow();
        if (status.code() == RESTART_ME && failure.isEmpty() && asked < MOST_ASKED) {
            turn.countFailures(healthy ? 0 : turn.state.failures(), turn.state.failuresHere(),
                    asked + 1);
            respawnAtOnce(turn);
        } else if (healthy && status.code() != CONFIGURATION) {
            turn.countFailures(0, 0, 0);
            respawnAtOnce(turn);
        } else {
            failed(turn, failure.orElse(status.words()), status.code(),
                    Optional.of(turn.state.ends().getFirst()));
        }
    }

    static void spawnFailed(Turn turn, SpawnError error) {
        // another init has a line of its own for that
        boolean refused = isRefused(turn, error) && turn.settings().plainInit().isEmpty();
        turn.add(refused ? new Effect.SayRefused(error.message()) : new Effect.Say(error.message()));
        switch (turn.state.goal()) {
            case UP, RESTART -> {
                if (turn.settings().plainInit().isPresent()) {
                    turn.sweep(plainCode(turn.settings().plainInit().get(), error));
                } else if (refused) {
                    turn.sweep(error.kind().exitCode());
                } else {
                    failed(turn, error.message(), error.kind().exitCode(), Optional.empty());
                }
            }
            case DOWN -> turn.hold("stopped");
            case EXIT -> turn.sweep(codeAfterStop(turn.settings(), lastCode(turn)));
        }
    }

    private static int plainCode(PlainInit plain, SpawnError error) {
        return error.kind() == SpawnError.Kind.RESOURCES ? NO_PROCESS
                : plain.cannotStart().orElse(error.kind().exitCode());
    }

    /** A command that never ran and never will: PID 1 ends, as a shell would. */
    private static boolean isRefused(Turn turn, SpawnError error) {
        boolean wanted = switch (turn.state.goal()) {
            case UP, RESTART -> true;
            case DOWN, EXIT -> false;
        };
        return wanted && !turn.state.everSpawned() && turn.state.ends().isEmpty()
                && error.kind() != SpawnError.Kind.RESOURCES;
    }

    /** A quick failure: backs off or, if so configured, gives up. */
    private static void failed(Turn turn, String reason, int code, Optional<End> end) {
        turn.want(Goal.UP);
        int failures = turn.state.failures() + 1;
        int here = turn.state.failuresHere() + 1;
        turn.countFailures(failures, here, turn.state.askedInARow());
        String words = end.map(End::words).orElse(reason);
        fail(turn, Kind.START, "Cannot start: " + words, end);
        fail(turn, Kind.RESTART, "Cannot restart: " + words, end);
        fail(turn, Kind.RELOAD, "Cannot reload: " + words, end);
        turn.desk(turn.desk().withPending(List.of()).with(Optional.empty()));
        int most = turn.settings().giveUpAfter();
        if (most > 0 && here >= most) {
            giveUp(turn, reason, code);
        } else {
            turn.become(new Phase.BackingOff(
                    turn.now + delay(turn, failures, code).toNanos(), reason));
        }
    }

    private static void fail(Turn turn, Kind kind, String words, Optional<End> end) {
        turn.finish(kind, new Outcome(Result.FAILED, words, 0, Optional.empty(), end));
    }

    private static Duration delay(Turn turn, int failures, int code) {
        return code == CONFIGURATION
                ? Backoff.longest(turn.settings(), turn.random)
                : Backoff.delay(turn.settings(), failures, turn.random);
    }

    private static void giveUp(Turn turn, String reason, int code) {
        String line = "gave up after " + turn.state.failuresHere()
                + " quick failures in a row; the last one: " + reason;
        turn.add(new Effect.Say(line));
        turn.add(new Effect.TellOrchestrator(line));
        turn.sweep(code == 0 ? 1 : code);
    }

    /** The code of the last end, or the one a shell shows for the signal that ends PID 1. */
    static int lastCode(Turn turn) {
        if (!turn.state.ends().isEmpty()) {
            return turn.state.ends().getFirst().status().code();
        }
        return turn.state.ending().map(ending -> 128 + ending.signal().number()).orElse(0);
    }
}
