package dev.soleinit.statemachine;

import dev.soleinit.statemachine.model.DaemonCommand;
import dev.soleinit.statemachine.model.DaemonProcess;
import dev.soleinit.statemachine.model.Effect;
import dev.soleinit.statemachine.model.Goal;
import dev.soleinit.statemachine.model.Phase;
import dev.soleinit.statemachine.model.Phase.ReloadStage;
import dev.soleinit.statemachine.model.RequestOutcome.Result;
import dev.soleinit.statemachine.settings.ReloadSettings;
import dev.soleinit.statemachine.state.OpenRequest;
import dev.soleinit.statemachine.state.OpenRequest.Kind;
import java.time.Duration;
import java.util.Optional;

/** A reload: the same process, a new generation. */
final class ReloadCoordinator {
    /** How long after a reload signal its RELOADING=1 is waited for; many daemons know none. */
    private static final Duration UNTIL_IT_TELLS = Duration.ofSeconds(1);

    private ReloadCoordinator() {}

    /** Takes a request; the reload that serves it begins later, or something stronger does. */
    static void join(Transition turn, long id) {
        turn.accept(new OpenRequest.Reload(id));
    }

    /** Joins what will end with a process that reads everything anew; a stop is never undone. */
    static void joinsRestart(Transition turn, long id) {
        if (RequestArbitration.restartable(turn)) {
            join(turn, id);
        } else {
            turn.answer(id, Result.REFUSED, turn.state.goal() == Goal.EXIT ? RequestArbitration.ENDING
                    : "Cannot reload: the daemon is being stopped; start it with `daemon start`");
        }
    }

    /** The daemon is told once the number that it will have is on disk. */
    static void begin(Transition turn, DaemonProcess run) {
        enter(turn, run, ReloadStage.STORING, turn.deadlineAfter(Transition.UNTIL_STORED));
    }

    static void stored(Transition turn, Phase.Reloading phase, Optional<String> failure) {
        failure.ifPresent(why -> turn.emit(new Effect.LogWarning(why)));
        triggerReload(turn, phase);
    }

    static void notStored(Transition turn, Phase.Reloading phase) {
        turn.emit(new Effect.LogWarning("the disk does not answer: generation " + phase.next()
                + " is reloaded to without being sure of its number"));
        triggerReload(turn, phase);
    }

    private static void triggerReload(Transition turn, Phase.Reloading phase) {
        ReloadSettings how = turn.settings().reload();
        if (turn.daemon().attached()) {
            become(turn, phase, ReloadStage.BEGUN);
            turn.tell(new DaemonCommand.Reload(phase.next()));
        } else if (how.command()) {
            become(turn, phase, ReloadStage.COMMAND);
            turn.emit(new Effect.RunReloadCommand(phase.next()));
        } else {
            turn.enter(phase.in(ReloadStage.SIGNALED, turn.now + UNTIL_IT_TELLS.toNanos()));
            turn.emit(new Effect.SendSignal(phase.run().child(), how.signal(), false));
        }
    }

    /** It reloads without being told to. */
    static void enterReloading(Transition turn, DaemonProcess run) {
        enter(turn, run, ReloadStage.BEGUN, turn.deadlineAfter(turn.settings().ready().timeout()));
    }

    private static void enter(Transition turn, DaemonProcess run, ReloadStage stage, long until) {
        turn.state = turn.state.nextGeneration();
        long next = turn.state.generation();
        turn.emit(new Effect.PersistGeneration(next));
        long lastId = turn.requests().of(Kind.RELOAD).stream()
                .mapToLong(OpenRequest::id).max().orElse(0);
        turn.enter(new Phase.Reloading(run.extensible(turn.now, turn.settings().ready().timeout()),
                next, until, lastId, stage));
    }

    private static void become(Transition turn, Phase.Reloading phase, ReloadStage stage) {
        turn.enter(phase.in(stage, turn.deadlineAfter(turn.settings().ready().timeout())));
    }

    /** That it is ready says nothing of a signal: it may not have stopped being ready. */
    static void ready(Transition turn, Phase.Reloading phase) {
        switch (phase.stage()) {
            case STORING, COMMAND, SIGNALED -> { }
            case RAN, BEGUN -> done(turn, phase);
        }
    }

    /** A probe that fails after the signal shows that it was heard; one that succeeds will end it. */
    static void notReady(Transition turn, Phase.Reloading phase) {
        if (phase.stage() == ReloadStage.SIGNALED) {
            become(turn, phase, ReloadStage.BEGUN);
        }
    }

    /** It has begun and will say when it is ready; a word from before the signal is of another one. */
    static void onReloadingNotified(Transition turn, Phase.Reloading phase, long at) {
        boolean old = phase.stage() == ReloadStage.SIGNALED
                && at < phase.until() - UNTIL_IT_TELLS.toNanos();
        if (!old && phase.stage() != ReloadStage.BEGUN) {
            become(turn, phase, ReloadStage.BEGUN);
        }
    }

    /** Who asks for time has heard of the reload, and will say when it is done. */
    static void extended(Transition turn, Phase.Reloading phase, Duration by) {
        if (phase.stage() == ReloadStage.STORING) {
            return;
        }
        ReloadStage stage = phase.stage() == ReloadStage.COMMAND ? ReloadStage.COMMAND
                : ReloadStage.BEGUN;
        turn.enter(phase.in(stage, Math.max(phase.until(), turn.now + by.toNanos())));
    }

    /** It has attached only now: it is asked by the protocol, too, and will say when it is ready. */
    static void attached(Transition turn, Phase.Reloading phase) {
        if (phase.stage() == ReloadStage.STORING) {
            return;
        }
        turn.tell(new DaemonCommand.Reload(phase.next()));
        become(turn, phase, ReloadStage.BEGUN);
    }

    /** The command's word confirms the reload; whether it is ready a probe shows, or it says so. */
    static void onCommandFinished(Transition turn, Phase.Reloading phase, Optional<String> failure) {
        ReloadSettings how = turn.settings().reload();
        if (failure.isPresent()) {
            failed(turn, phase, failure.get());
        } else if (phase.stage() == ReloadStage.COMMAND && how.probed()) {
            become(turn, phase, ReloadStage.RAN);
        } else if (phase.stage() == ReloadStage.COMMAND && how.notifies()) {
            turn.enter(phase.in(ReloadStage.RAN, turn.now + UNTIL_IT_TELLS.toNanos()));
        } else if (phase.stage() == ReloadStage.COMMAND) {
            done(turn, phase);
        }
    }

    /** Many daemons say nothing of a reload; one that is probed has to be found ready. */
    static boolean endsByTime(Transition turn, Phase.Reloading phase) {
        return phase.stage() == ReloadStage.SIGNALED || phase.stage() == ReloadStage.RAN
                && !turn.settings().reload().probed();
    }

    static void done(Transition turn, Phase.Reloading phase) {
        if (phase.isSilent()) {
            turn.emit(new Effect.LogWarning("generation " + phase.next() + " (unconfirmed): "
                    + unconfirmed(turn)));
        }
        // a preflight command that still runs looks at the older generation: its answer counts no more
        turn.restarts(turn.restarts().preflightRunning(false, turn.restarts().preflightReason()));
        turn.ready(phase.run().reloaded(phase.next(), phase.isSilent() ? DaemonProcess.Origin.UNCONFIRMED
                : DaemonProcess.Origin.RELOADED));
    }

    static String unconfirmed(Transition turn) {
        return turn.settings().reload().signal() + " was sent, and nothing has shown that "
                + "the daemon reloaded";
    }

    /** It goes on as it was; its old generation stays its name. */
    static void failed(Transition turn, Phase.Reloading phase, String why) {
        turn.emit(new Effect.LogWarning("generation " + phase.next() + " did not come about: " + why));
        for (OpenRequest one : turn.requests().of(Kind.RELOAD)) {
            if (one.id() <= phase.coversUpTo()) {
                turn.finishOne(one.id(), Result.FAILED, "Cannot reload: " + why);
            }
        }
        turn.resumeReady(phase.run());
    }
}
