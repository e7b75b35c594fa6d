package dev.soleinit.machine;

import dev.soleinit.machine.Effect.Disposition;
import dev.soleinit.machine.Outcome.Result;
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

    static void begin(Turn turn, Run run) {
        long next = byItself(turn, run);
        Coordination how = turn.settings().coordination();
        if (turn.desk().attached()) {
            turn.add(new Effect.Tell(new Notice.Reload(next)));
        } else if (how.reloadCommand()) {
            turn.add(new Effect.RunReload(next));
        } else {
            turn.add(new Effect.Send(run.child(), how.reloadSignal(), false));
            told(turn, (Phase.Reloading) turn.state.phase());
        }
    }

    /** It reloads without being told to; returns the generation that it will be. */
    static long byItself(Turn turn, Run run) {
        turn.state = turn.state.nextGeneration();
        long next = turn.state.generation();
        turn.add(new Effect.StoreGeneration(next));
        long lastId = turn.state.waiting().stream().filter(one -> one.kind() == Kind.RELOAD)
                .mapToLong(Waiting::id).max().orElse(0);
        Duration timeout = turn.settings().readyTimeout();
        turn.become(new Phase.Reloading(run.extensible(turn.now, timeout), next, turn.after(timeout),
                lastId, false));
        return next;
    }

    /** It knows; whether it is ready shows a probe, or it says so, or nobody can tell. */
    private static void told(Turn turn, Phase.Reloading phase) {
        if (turn.settings().coordination().reloadTold()) {
            turn.become(new Phase.Reloading(phase.run(), phase.next(),
                    turn.now + UNTIL_IT_TELLS.toNanos(), phase.lastId(), true));
        } else if (!turn.settings().coordination().reloadProbed()) {
            done(turn, phase);
        }
    }

    /** It has begun and will say when it is ready; a word from before the signal is of another one. */
    static void heardOf(Turn turn, Phase.Reloading phase, long at) {
        if (phase.quiet() && at >= phase.until() - UNTIL_IT_TELLS.toNanos()) {
            turn.become(new Phase.Reloading(phase.run(), phase.next(),
                    turn.after(turn.settings().readyTimeout()), phase.lastId(), false));
        }
    }

    /** It has attached only now: it is asked by the protocol, too, and will say when it is ready. */
    static void attached(Turn turn, Phase.Reloading phase) {
        turn.add(new Effect.Tell(new Notice.Reload(phase.next())));
        turn.become(new Phase.Reloading(phase.run(), phase.next(),
                turn.after(turn.settings().readyTimeout()), phase.lastId(), false));
    }

    static void ran(Turn turn, Phase.Reloading phase, Optional<String> failure) {
        if (failure.isPresent()) {
            failed(turn, phase, failure.get());
        } else {
            told(turn, phase);
        }
    }

    static void done(Turn turn, Phase.Reloading phase) {
        turn.ready(phase.run().reloaded(phase.next()));
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
