package dev.soleinit.machine;

import dev.soleinit.machine.Effect.Disposition;
import dev.soleinit.machine.Event.RestartAsked;
import dev.soleinit.machine.Outcome.Result;
import dev.soleinit.machine.Phase.Draining;
import dev.soleinit.machine.Phase.Stage;
import dev.soleinit.machine.Waiting.Kind;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * A restart from the request to the stop signal, as far as work is concerned: it waits, fences,
 * drains, keeps what it cuts, and only then stops the daemon. Until then it can be called off.
 */
final class Drain {
    private Drain() {}

    // ---- requests

    /** A restart of a daemon that runs. */
    static void asked(Turn turn, Run run, RestartAsked asked) {
        if (UnknownWork.refuses(turn, asked)) {
            return;
        }
        turn.state = turn.state.withArguments(asked.arguments());
        long dueAt = asked.machine() ? Math.max(turn.now, turn.desk().coolUntil()) : turn.now;
        boolean waits = asked.mode() == Mode.SAFE && turn.state.work().left(asked.ignored()) > 0;
        turn.join(asked.id(), Kind.RESTART, waits ? Disposition.DEFERRED : Disposition.SCHEDULED,
                Duration.ofNanos(dueAt - turn.now));
        turn.desk(turn.desk().plus(pending(asked, dueAt)));
        boolean patient = asked.mode() == Mode.SAFE || asked.mode() == Mode.GRACEFUL;
        if (!(patient && turn.state.phase() instanceof Phase.Reloading)) {
            consider(turn, run);
        }
    }

    private static Pending pending(RestartAsked asked, long dueAt) {
        boolean bounded = asked.mode() == Mode.SAFE && !asked.patience().isZero();
        return new Pending(asked.id(), asked.mode(), asked.ignored(), dueAt,
                dueAt + asked.drain().toNanos(),
                bounded ? dueAt + asked.patience().toNanos() : Phase.NEVER, asked.machine(),
                asked.assumeIdle());
    }

    /** A restart during a drain joins it; a stronger one hurries it. */
    static void joins(Turn turn, Draining phase, RestartAsked asked) {
        turn.state = turn.state.withArguments(asked.arguments());
        turn.join(asked.id(), Kind.RESTART, Disposition.COALESCED, Duration.ZERO);
        turn.desk(turn.desk().plus(pending(asked, turn.now)));
        if (phase.stage() == Stage.KEEPING) {
            return;
        }
        switch (asked.mode()) {
            case FORCE, IMMEDIATE -> keep(turn, phase);
            case GRACEFUL -> drain(turn, phase.run(), phase.startBy());
            case SAFE -> look(turn, phase);
        }
    }

    static void callerLeft(Turn turn, long id) {
        if (turn.desk().has(id)) {
            turn.desk(turn.desk().less(id));
            turn.finishOne(id, Result.CANCELLED, "cancelled: the caller left before it had begun");
        }
    }

    // ---- waiting, unfenced

    /** Looks whether one of the restarts that wait can begin. */
    static void consider(Turn turn, Run run) {
        giveUp(turn);
        Optional<Mode> mode = turn.desk().mode(turn.now);
        if (mode.isPresent()) {
            switch (mode.get()) {
                case FORCE, IMMEDIATE -> cutShort(turn, run);
                case GRACEFUL -> drain(turn, run, startBy(turn));
                case SAFE -> safe(turn, run);
            }
        }
        boolean waits = turn.state.phase() instanceof Phase.Ready
                || turn.state.phase() instanceof Phase.Starting;
        if (waits && !turn.desk().pending().isEmpty()) {
            sayWhy(turn);
            turn.desk(turn.desk().wake(nextLook(turn)));
        }
    }

    private static void safe(Turn turn, Run run) {
        if (UnknownWork.holdsBack(turn)) {
            return;
        }
        boolean busy = turn.state.work().left(turn.desk().ignored()) > 0;
        if (busy || turn.now < turn.desk().lookAt() || turn.desk().looking()) {
            return;
        }
        if (turn.settings().coordination().looks()) {
            turn.desk(turn.desk().looking(true, turn.desk().busy()));
            turn.add(new Effect.RunPreflight());
        } else {
            fence(turn, run);
        }
    }

    /** The preflight command has spoken while a safe restart waits. */
    static void looked(Turn turn, Run run, Look look) {
        boolean idle = look.verdict() == Look.Verdict.IDLE;
        turn.desk(turn.desk().looking(false, idle ? "" : command(look))
                .lookNotBefore(turn.now + interval(turn)));
        boolean wanted = turn.desk().mode(turn.now).equals(Optional.of(Mode.SAFE));
        if (idle && wanted && turn.state.work().left(turn.desk().ignored()) == 0) {
            fence(turn, run);
        } else {
            consider(turn, run);
        }
    }

    private static String command(Look look) {
        return "the preflight command (" + (look.verdict() == Look.Verdict.BUSY ? "busy" : "unknown")
                + (look.reason().isEmpty() ? ")" : "): " + look.reason());
    }

    private static void giveUp(Turn turn) {
        for (Pending one : turn.desk().pending()) {
            if (one.giveUpAt() <= turn.now) {
                turn.desk(turn.desk().less(one.id()));
                turn.finishOne(one.id(), Result.GAVE_UP, "Cannot restart safely: gave up waiting, "
                        + "the daemon goes on serving; " + blockers(turn));
            }
        }
    }

    private static String blockers(Turn turn) {
        String line = Preflight.line(Preflight.of(turn.state.work(), turn.desk().ignored(),
                Optional.empty(), true, turn.now).blockers());
        String busy = turn.desk().busy();
        if (UnknownWork.is(turn)) {
            return "nothing is known about its work yet";
        }
        return line.isEmpty() && busy.isEmpty() ? "it was never found idle long enough to fence"
                : "blocked by " + line + (line.isEmpty() || busy.isEmpty() ? "" : ", ")
                        + busy;
    }

    private static void sayWhy(Turn turn) {
        if (turn.now < turn.desk().sayAt()) {
            return;
        }
        turn.desk(turn.desk().sayNotBefore(
                turn.now + turn.settings().coordination().sayInterval().toNanos()));
        if (turn.desk().mode(turn.now).isPresent()) {
            turn.add(new Effect.Say("a safe restart waits; " + blockers(turn)));
        }
    }

    private static long nextLook(Turn turn) {
        long next = turn.desk().sayAt();
        for (Pending one : turn.desk().pending()) {
            next = Math.min(next, one.dueAt() > turn.now ? one.dueAt() : one.giveUpAt());
        }
        boolean due = turn.desk().mode(turn.now).isPresent();
        return due && turn.desk().lookAt() > turn.now ? Math.min(next, turn.desk().lookAt()) : next;
    }

    private static long interval(Turn turn) {
        return turn.settings().coordination().lookInterval().toNanos();
    }

    private static long startBy(Turn turn) {
        return turn.state.phase() instanceof Phase.Starting starting ? starting.deadline()
                : Phase.NEVER;
    }

    // ---- fenced

    /** Nothing blocks: fences, so that nothing can begin, and looks again under the fence. */
    private static void fence(Turn turn, Run run) {
        Draining phase = draining(turn, run, startBy(turn), Stage.FENCING,
                turn.now + turn.settings().coordination().fenceTimeout().toNanos());
        if (turn.desk().attached()) {
            turn.add(new Effect.Tell(new Notice.Fence()));
        } else {
            keep(turn, phase);
        }
    }

    private static void drain(Turn turn, Run run, long startBy) {
        Draining phase = draining(turn, run, startBy, Stage.DRAINING, turn.desk().drainBy());
        if (turn.desk().attached()) {
            turn.add(new Effect.Tell(new Notice.Drain(
                    Duration.ofNanos(Math.max(0, phase.until() - turn.now)))));
        }
        lookWithCommand(turn);
        look(turn, phase);
    }

    private static void cutShort(Turn turn, Run run) {
        if (turn.desk().attached()) {
            turn.add(new Effect.Tell(new Notice.Fence()));
        }
        keep(turn, draining(turn, run, startBy(turn), Stage.KEEPING, Phase.NEVER));
    }

    private static Draining draining(Turn turn, Run run, long startBy, Stage stage, long until) {
        turn.want(Goal.RESTART);
        Draining before = turn.state.phase() instanceof Draining now ? now
                : new Draining(run, startBy, stage, until, turn.state.work().active(), turn.now,
                        !turn.desk().attached(), !turn.settings().coordination().looks());
        Draining phase = new Draining(run, startBy, stage, until, before.blockers(),
                before.since(), before.told(), before.idle());
        turn.become(phase);
        turn.desk(turn.desk().wake(Phase.NEVER));
        return phase;
    }

    private static void lookWithCommand(Turn turn) {
        if (turn.settings().coordination().looks() && !turn.desk().looking()) {
            turn.desk(turn.desk().looking(true, turn.desk().busy()));
            turn.add(new Effect.RunPreflight());
        }
    }

    /** The preflight command has spoken during a drain. */
    static void looked(Turn turn, Draining phase, Look look) {
        boolean idle = look.verdict() == Look.Verdict.IDLE;
        turn.desk(turn.desk().looking(false, idle ? "" : command(look))
                .wake(idle ? Phase.NEVER : turn.now + interval(turn)));
        Draining next = phase.idle(idle);
        turn.become(next);
        look(turn, next);
    }

    /** Goes on if no work is left. */
    static void look(Turn turn, Draining phase) {
        boolean empty = turn.state.work().left(turn.desk().ignored()) == 0;
        if (phase.stage() == Stage.DRAINING && empty && phase.told() && phase.idle()) {
            keep(turn, phase);
        }
    }

    /** A new connection does not know yet that it is fenced. */
    static void attached(Turn turn, Draining phase) {
        switch (phase.stage()) {
            case FENCING -> turn.add(new Effect.Tell(new Notice.Fence()));
            case DRAINING -> {
                turn.become(phase.told(false));
                turn.add(new Effect.Tell(new Notice.Drain(
                        Duration.ofNanos(Math.max(0, phase.until() - turn.now)))));
            }
            case KEEPING -> { }
        }
    }

    static void fenced(Turn turn, Draining phase) {
        if (phase.stage() != Stage.FENCING) {
            return;
        }
        if (turn.state.work().left(turn.desk().ignored()) == 0) {
            keep(turn, phase);
        } else {
            turn.desk(turn.desk().lookNotBefore(turn.now + interval(turn)));
            callOff(turn, phase);
        }
    }

    /** The stage's time is over, or it is time to run the preflight command again. */
    static void deadline(Turn turn, Draining phase) {
        if (turn.now < phase.until()) {
            turn.desk(turn.desk().wake(Phase.NEVER));
            lookWithCommand(turn);
        } else if (phase.stage() == Stage.FENCING) {
            turn.desk(turn.desk().looking(turn.desk().looking(), "the daemon does not answer the "
                    + "fence").lookNotBefore(turn.now + interval(turn)));
            callOff(turn, phase);
        } else if (phase.stage() == Stage.KEEPING) {
            // what the disk was given may still get there: the next manifest has to take its place
            manifestFailed(turn, phase, "the disk does not answer");
            turn.desk(turn.desk().kept(true));
        } else {
            keep(turn, phase);
        }
    }

    /** Takes the fence away and goes back to where it was. */
    private static void callOff(Turn turn, Draining phase) {
        if (turn.desk().attached()) {
            turn.add(new Effect.Tell(new Notice.Unfence()));
        } else {
            turn.desk(turn.desk().unfence(true));
        }
        turn.want(Goal.UP);
        if (phase.run().readyAt().isPresent()) {
            turn.backToReady(phase.run());
        } else {
            turn.become(new Phase.Starting(phase.run(), phase.startBy()));
            consider(turn, phase.run());
        }
    }

    // ---- the point of no return

    private static void keep(Turn turn, Draining phase) {
        List<Item> cut = turn.state.work().blockers(Set.of());
        boolean forced = turn.desk().mode(turn.now).equals(Optional.of(Mode.FORCE));
        turn.desk(turn.desk().with(Optional.of(new Tale(
                Math.max(0, phase.blockers() - cut.size()), cut, phase.since(), forced))));
        turn.become(new Draining(phase.run(), phase.startBy(), Stage.KEEPING,
                turn.after(Turn.UNTIL_STORED), phase.blockers(), phase.since(), phase.told(),
                phase.idle()));
        if (turn.state.work().items().isEmpty()) {
            stop(turn, phase.run());
        } else {
            manifest(turn, phase.run(), reason(turn), false);
        }
    }

    static String reason(Turn turn) {
        return turn.desk().tale().map(Tale::forced).orElse(false) ? "forced restart" : "restart";
    }

    static void manifest(Turn turn, Run run, String reason, boolean ended) {
        turn.desk(turn.desk().kept(true));
        turn.add(new Effect.KeepManifest(run.child().generation(), reason,
                turn.state.work().items(), turn.desk().tale().map(Tale::drained).orElse(0), ended));
    }

    /** Work that is cut without a trace would be lost: only who said so may do that. */
    static void manifestFailed(Turn turn, Draining phase, String why) {
        Mode mode = turn.desk().mode(turn.now).orElse(Mode.GRACEFUL);
        if (mode == Mode.FORCE || mode == Mode.IMMEDIATE) {
            turn.add(new Effect.Say("Cannot keep the interrupted work: " + why
                    + "; going on, as it was asked for"));
            stop(turn, phase.run());
            return;
        }
        turn.desk(turn.desk().withPending(List.of()).kept(false));
        turn.finishAll(Kind.RESTART, Result.FAILED, "Cannot restart without losing work: " + why
                + "; the daemon goes on serving");
        callOff(turn, phase);
    }

    static void stop(Turn turn, Run run) {
        Desk desk = turn.desk();
        boolean forced = desk.mode(turn.now).equals(Optional.of(Mode.FORCE));
        if (desk.attached()) {
            OptionalLong ready = run.readyAt();
            turn.add(new Effect.Tell(new Notice.Stopping("restarting", Duration.ofNanos(
                    ready.isPresent() ? ready.getAsLong() - run.spawnedAt() : 0))));
        }
        if (desk.byMachine()) {
            turn.desk(desk.coolUntil(
                    turn.now + turn.settings().coordination().cooldown().toNanos()));
        }
        turn.desk(turn.desk().withPending(List.of()));
        if (forced) {
            turn.terminateSoon(run, Optional.empty());
        } else {
            turn.terminate(run, turn.settings().stopTimeout(), Optional.empty());
        }
    }
}
