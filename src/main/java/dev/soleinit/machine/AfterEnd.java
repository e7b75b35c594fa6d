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
        End end = describe(turn, run, status, failure.or(() -> why));
        turn.state = turn.state.ended(end);
        keepWork(turn, run, end.cause());
        switch (turn.state.goal()) {
            case UP -> unasked(turn, run, status, failure);
            case RESTART -> again(turn, run);
            case DOWN -> down(turn, run);
            case EXIT -> turn.sweep(codeAfterStop(turn.settings(), status.code()));
        }
        // last, so that writing it does not keep the next process waiting
        turn.add(new Effect.NoteEnd(end));
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
            Drain.manifest(turn, run, turn.desk().kept() ? Drain.reason(turn) : reason);
        }
        turn.desk(turn.desk().kept(false).attached(false).looking(false, ""));
        turn.state = turn.state.with(Work.none());
    }

    /** The code PID 1 ends with after an asked-for stop. */
    static int codeAfterStop(Settings settings, int code) {
        return settings.successExit().contains(code) ? 0 : code;
    }

    /** Ends what the old process left in its group, which might keep its ports, and starts anew. */
    private static void again(Turn turn, Run run) {
        turn.add(new Effect.KillGroup(run.child()));
        turn.spawn();
    }

    private static void down(Turn turn, Run run) {
        turn.add(new Effect.KillGroup(run.child()));
        turn.hold("stopped");
    }

    private static End describe(Turn turn, Run run, ExitStatus status, Optional<String> failure) {
        Duration uptime = Duration.ofNanos(turn.now - run.spawnedAt());
        boolean asked = turn.state.goal() != Goal.UP;
        String cause = failure.orElse(switch (turn.state.goal()) {
            case UP -> status instanceof ExitStatus.Signaled ? "ended by a signal" : "exited by itself";
            case RESTART -> "asked to restart";
            case DOWN -> "asked to stop";
            case EXIT -> "the supervisor was told to end";
        });
        return new End(run.child().generation(), run.child().pid(), status, uptime, asked, cause,
                turn.now);
    }

    private static void unasked(Turn turn, Run run, ExitStatus status, Optional<String> failure) {
        if (turn.desk().mode(turn.now).isPresent()) {
            // a restart was about to begin: this was it
            again(turn, run);
            return;
        }
        boolean clean = status.code() == 0 && failure.isEmpty();
        RestartPolicy policy = turn.settings().restart();
        if (policy == RestartPolicy.NEVER || policy == RestartPolicy.ON_FAILURE && clean) {
            turn.sweep(turn.settings().plainInit().isEmpty() ? status.code()
                    : codeAfterStop(turn.settings(), status.code()));
            return;
        }
        boolean healthy = failure.isEmpty() && run.healthy(turn.now, turn.settings().healthyAfter());
        int asked = healthy ? 0 : turn.state.askedInARow();
        if (status.code() == RESTART_ME && failure.isEmpty() && asked < MOST_ASKED) {
            turn.countFailures(healthy ? 0 : turn.state.failures(), turn.state.failuresHere(),
                    asked + 1);
            again(turn, run);
        } else if (healthy && status.code() != CONFIGURATION) {
            turn.countFailures(0, 0, 0);
            again(turn, run);
        } else {
            turn.add(new Effect.KillGroup(run.child()));
            failed(turn, failure.orElse(status.words()), status.code());
        }
    }

    static void spawnFailed(Turn turn, SpawnError error) {
        turn.add(new Effect.Say(error.message()));
        switch (turn.state.goal()) {
            case UP, RESTART -> refused(turn, error);
            case DOWN -> turn.hold("stopped");
            case EXIT -> turn.sweep(codeAfterStop(turn.settings(), lastCode(turn)));
        }
    }

    private static void refused(Turn turn, SpawnError error) {
        boolean first = !turn.state.everSpawned() && turn.state.ends().isEmpty();
        Optional<PlainInit> plain = turn.settings().plainInit();
        if (plain.isPresent()) {
            turn.sweep(error.kind() == SpawnError.Kind.RESOURCES ? NO_PROCESS
                    : plain.get().cannotStart().orElse(error.kind().exitCode()));
        } else if (first && error.kind() != SpawnError.Kind.RESOURCES) {
            turn.sweep(error.kind().exitCode());
        } else {
            failed(turn, error.message(), error.kind().exitCode());
        }
    }

    /** A quick failure: backs off or, if so configured, gives up. */
    private static void failed(Turn turn, String reason, int code) {
        turn.want(Goal.UP);
        int failures = turn.state.failures() + 1;
        int here = turn.state.failuresHere() + 1;
        turn.countFailures(failures, here, turn.state.askedInARow());
        turn.finishAll(Kind.START, Result.FAILED, "the daemon failed: " + reason);
        turn.finishAll(Kind.RESTART, Result.FAILED, "the new daemon failed: " + reason);
        turn.finishAll(Kind.RELOAD, Result.FAILED, "the daemon failed: " + reason);
        turn.desk(turn.desk().withPending(List.of()).with(Optional.empty()));
        int most = turn.settings().giveUpAfter();
        if (most > 0 && here >= most) {
            giveUp(turn, reason, code);
        } else {
            turn.become(new Phase.BackingOff(
                    turn.now + delay(turn, failures, code).toNanos(), reason));
        }
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
