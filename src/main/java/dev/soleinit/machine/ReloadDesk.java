package dev.soleinit.machine;

import dev.soleinit.machine.Effect.Disposition;
import dev.soleinit.machine.Outcome.Result;
import dev.soleinit.machine.Phase.ReloadStage;
import dev.soleinit.machine.Waiting.Kind;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** A reload: the same process, a new generation. */
final class ReloadDesk {
    /** How long after a reload signal its RELOADING=1 is waited for; many daemons know none. */
    private static final Duration UNTIL_IT_TELLS = Duration.ofSeconds(1);

    private ReloadDesk() {}

    /** Takes a request; the reload that serves it begins later, or something stronger does. */
    static void join(Turn turn, long id) {
        turn.join(id, Kind.RELOAD, Disposition.SCHEDULED, Duration.ZERO);
    }

    /** Joins what will end with a process that reads everything anew; a stop is never undone. */
    static void joinsRestart(Turn turn, long id) {
        if (RestartDesk.restartable(turn)) {
            join(turn, id);
        } else {
            turn.answer(id, Result.REFUSED, turn.state.goal() == Goal.EXIT ? RestartDesk.ENDING
                    : "Cannot reload: the daemon is being stopped; start it with `daemon start`");
        }
    }

    /** The daemon is told once the number that it will have is on disk. */
    static void begin(Turn turn, Run run) {
        enter(turn, run, ReloadStage.STORING, turn.after(Turn.UNTIL_STORED));
    }

    static void stored(Turn turn, Phase.Reloading phase, Optional<String> failure) {
        failure.ifPresent(why -> turn.add(new Effect.Say(why)));
        tell(turn, phase);
    }

    static void notStored(Turn turn, Phase.Reloading phase) {
        turn.add(new Effect.Say("the disk does not answer: generation " + phase.next()
                + " is reloaded to without being sure of its number"));
        tell(turn, phase);
    }

    private static void tell(Turn turn, Phase.Reloading phase) {
        Coordination how = turn.settings().coordination();
        if (turn.desk().attached()) {
            become(turn, phase, ReloadStage.BEGUN);
            turn.add(new Effect.Tell(new Notice.Reload(phase.next())));
        } else if (how.reloadCommand()) {
            become(turn, phase, ReloadStage.COMMAND);
            turn.add(new Effect.RunReload(phase.next()));
        } else {
            turn.become(phase.in(ReloadStage.SIGNALED, turn.now + UNTIL_IT_TELLS.toNanos()));
            turn.add(new Effect.Send(phase.run().child(), how.reloadSignal(), false));
        }
    }

    /** It reloads without being told to. */
    static void byItself(Turn turn, Run run) {
        enter(turn, run, ReloadStage.BEGUN, turn.after(turn.settings().readyTimeout()));
    }

    private static void enter(Turn turn, Run run, ReloadStage stage, long until) {
        turn.state = turn.state.nextGeneration();
        long next = turn.state.generation();
        turn.add(new Effect.StoreGeneration(next));
        long lastId = turn.state.waiting().stream().filter(one -> one.kind() == Kind.RELOAD)
                .mapToLong(Waiting::id).max().orElse(0);
        turn.become(new Phase.Reloading(run.extensible(turn.now, turn.settings().readyTimeout()),
                next, until, lastId, stage));
    }

    private static void become(Turn turn, Phase.Reloading phase, ReloadStage stage) {
        turn.become(phase.in(stage, turn.after(turn.settings().readyTimeout())));
    }

    /** That it is ready says nothing of a signal: it may not have stopped being ready. */
    static void ready(Turn turn, Phase.Reloading phase) {
        switch (phase.stage()) {
            case STORING, COMMAND, SIGNALED -> { }
            case RAN, BEGUN -> done(turn, phase);
        }
    }

    /** A probe that fails after the signal shows that it was heard; one that succeeds will end it. */
    static void notReady(Turn turn, Phase.Reloading phase) {
        if (phase.stage() == ReloadStage.SIGNALED) {
            become(turn, phase, ReloadStage.BEGUN);
        }
    }

    /** It has begun and will say when it is ready; a word from before the signal is of another one. */
    static void heardOf(Turn turn, Phase.Reloading phase, long at) {
        boolean old = phase.stage() == ReloadStage.SIGNALED
                && at < phase.until() - UNTIL_IT_TELLS.toNanos();
        if (!old && phase.stage() != ReloadStage.BEGUN) {
            become(turn, phase, ReloadStage.BEGUN);
        }
    }

    /** Who asks for time has heard of the reload, and will say when it is done. */
    static void extended(Turn turn, Phase.Reloading phase, Duration by) {
        if (phase.stage() == ReloadStage.STORING) {
            return;
        }
        ReloadStage stage = phase.stage() == ReloadStage.COMMAND ? ReloadStage.COMMAND
                : ReloadStage.BEGUN;
        turn.become(phase.in(stage, Math.max(phase.until(), turn.now + by.toNanos())));
    }

    /** It has attached only now: it is asked by the protocol, too, and will say when it is ready. */
    static void attached(Turn turn, Phase.Reloading phase) {
        if (phase.stage() == ReloadStage.STORING) {
            return;
        }
        turn.add(new Effect.Tell(new Notice.Reload(phase.next())));
        become(turn, phase, ReloadStage.BEGUN);
    }

    /** The command's word confirms the reload; whether it is ready a probe shows, or it says so. */
    static void ran(Turn turn, Phase.Reloading phase, Optional<String> failure) {
        Coordination how = turn.settings().coordination();
        if (failure.isPresent()) {
            failed(turn, phase, failure.get());
        } else if (phase.stage() == ReloadStage.COMMAND && how.reloadProbed()) {
            become(turn, phase, ReloadStage.RAN);
        } else if (phase.stage() == ReloadStage.COMMAND && how.reloadTold()) {
            turn.become(phase.in(ReloadStage.RAN, turn.now + UNTIL_IT_TELLS.toNanos()));
        } else if (phase.stage() == ReloadStage.COMMAND) {
            done(turn, phase);
        }
    }

    /** Many daemons say nothing of a reload; one that is probed has to be found ready. */
    static boolean endsByTime(Turn turn, Phase.Reloading phase) {
        return phase.stage() == ReloadStage.SIGNALED || phase.stage() == ReloadStage.RAN
                && !turn.settings().coordination().reloadProbed();
    }

    static void done(Turn turn, Phase.Reloading phase) {
        if (phase.isSilent()) {
            turn.add(new Effect.Say("generation " + phase.next() + " (unconfirmed): "
                    + unconfirmed(turn)));
        }
        turn.ready(phase.run().reloaded(phase.next(), phase.isSilent() ? Run.Origin.UNCONFIRMED
                : Run.Origin.RELOADED));
    }

    static String unconfirmed(Turn turn) {
        return turn.settings().coordination().reloadSignal() + " was sent, and nothing has shown that "
                + "the daemon reloaded";
    }

    /** It goes on as it was; its old generation stays its name. */
    static void failed(Turn turn, Phase.Reloading phase, String why) {
        turn.add(new Effect.Say("generation " + phase.next() + " did not come about: " + why));
        for (Waiting one : List.copyOf(turn.state.waiting())) {
            if (one.kind() == Kind.RELOAD && one.id() <= phase.lastId()) {
                turn.finishOne(one.id(), Result.FAILED, "Cannot reload: " + why);
            }
        }
        turn.backToReady(phase.run());
    }
}
