package dev.soleinit.machine;

import dev.soleinit.machine.Event.Booted;
import dev.soleinit.machine.Event.CallerLeft;
import dev.soleinit.machine.Event.CheckFinished;
import dev.soleinit.machine.Event.DeadlinePassed;
import dev.soleinit.machine.Event.Ended;
import dev.soleinit.machine.Event.Forked;
import dev.soleinit.machine.Event.GenerationStored;
import dev.soleinit.machine.Event.LeftoversFound;
import dev.soleinit.machine.Event.LeftoversGone;
import dev.soleinit.machine.Event.ManifestFailed;
import dev.soleinit.machine.Event.ManifestKept;
import dev.soleinit.machine.Event.NobodyLeft;
import dev.soleinit.machine.Event.ReloadAsked;
import dev.soleinit.machine.Event.ReloadRan;
import dev.soleinit.machine.Event.RestartAsked;
import dev.soleinit.machine.Event.SignalAsked;
import dev.soleinit.machine.Event.SignalCame;
import dev.soleinit.machine.Event.SpawnFailed;
import dev.soleinit.machine.Event.Spawned;
import dev.soleinit.machine.Event.StartAsked;
import dev.soleinit.machine.Event.StopAsked;
import dev.soleinit.machine.Event.StopRan;
import dev.soleinit.machine.Event.Told;
import dev.soleinit.machine.LeftoverSettings.KillMode;
import dev.soleinit.machine.Phase.Clearing;
import dev.soleinit.machine.Phase.ClearingLeftovers;
import dev.soleinit.process.Signal;
import java.time.Duration;

/**
 * Between two generations: what an ended daemon has left is told to stop, killed after a grace, and
 * waited for, so that no generation overlaps with the one before. The delay of a backoff runs
 * meanwhile.
 */
final class ClearingPhase {
    private static final Duration UNKILLABLE_AFTER = Duration.ofSeconds(1);

    private ClearingPhase() {}

    /** When leftovers are killed: after their grace, and within what a stop of the daemon may take. */
    static long killAt(Turn turn) {
        Settings settings = turn.settings();
        long grace = settings.leftovers().grace().toNanos();
        long spare = Math.max(0, settings.containerStopTimeout().minus(Turn.MARGIN)
                .minus(settings.stopTimeout()).toNanos());
        return switch (turn.state.phase()) {
            case Phase.Terminating terminating -> Math.max(turn.now,
                    Math.min(turn.now + grace, terminating.killAt() + spare));
            case Phase.Killing _ -> turn.now + Math.min(grace, spare);
            case Phase.Idle _, Phase.Spawning _, Phase.Starting _, Phase.Ready _, Phase.Draining _,
                    Phase.Reloading _, ClearingLeftovers _, Phase.BackingOff _, Phase.Sweeping _,
                    Phase.Done _ ->
                    turn.now + Math.min(grace, settings.stopTimeout().toNanos());
        };
    }

    /** The daemon has ended, and {@code next} is what follows once it has left nobody. */
    static void begin(Turn turn, Run run, long killAt, Phase.BackingOff next) {
        if (turn.settings().leftovers().killMode() == KillMode.PROCESS) {
            proceed(turn, next.until(), next.reason());
            turn.noteEnd();
            return;
        }
        turn.become(new ClearingLeftovers(run.child(), Clearing.SEARCHING, killAt, next.until(),
                next.reason()));
        turn.add(new Effect.StopLeftovers(run.child(), turn.stopSignal()));
    }

    private static void proceed(Turn turn, long spawnAt, String reason) {
        if (turn.state.goal() == Goal.DOWN) {
            turn.hold("stopped");
        } else if (turn.state.goal() == Goal.UP && spawnAt > turn.now) {
            turn.become(new Phase.BackingOff(spawnAt, reason));
        } else {
            turn.spawn();
        }
    }

    static void clearing(Turn turn, ClearingLeftovers phase, Event event) {
        switch (event) {
            case LeftoversFound(String description) -> found(turn, phase, description);
            case LeftoversGone _ -> {
                proceed(turn, phase.spawnAt(), phase.reason());
                // after the start, so that writing it does not keep the next process waiting
                noteEnd(turn, phase);
            }
            case DeadlinePassed _ -> deadline(turn, phase);
            case SignalCame(Signal signal) -> {
                SupervisorMachine.signalWithoutDaemon(turn, signal);
                if (!(turn.state.phase() instanceof ClearingLeftovers)) {
                    noteEnd(turn, phase);
                }
            }
            case StartAsked(long id) -> {
                RestartDesk.startInsteadOfStop(turn, id);
                turn.want(Goal.RESTART);
            }
            case RestartAsked asked -> {
                if (asked.mode() == Mode.FORCE && RestartDesk.restartable(turn)) {
                    shortenGrace(turn, phase);
                }
                RestartDesk.restartJoins(turn, asked);
            }
            case ReloadAsked(long id, boolean _) -> {
                if (RestartDesk.restartable(turn)) {
                    turn.want(Goal.RESTART);
                }
                ReloadDesk.joinsRestart(turn, id);
            }
            case StopAsked(long id, String reason) -> RestartDesk.stopInstead(turn, id, reason);
            case SignalAsked(long id, Signal _) -> Stops.nobodyToSignal(turn, id);
            case ManifestFailed(String why) -> Stops.notKept(turn, why);
            case Booted _, GenerationStored _, Forked _, Spawned _, SpawnFailed _, Ended _,
                    NobodyLeft _, ManifestKept _, ReloadRan _, StopRan _, CheckFinished _,
                    CallerLeft _, Told _ -> { }
        }
    }

    private static void found(Turn turn, ClearingLeftovers phase, String description) {
        if (phase.stage() == Clearing.SEARCHING) {
            noteEnd(turn, phase);
            turn.add(new Effect.Say("generation " + phase.child().generation() + " has left "
                    + description + ": sent " + turn.stopSignal()));
            turn.become(in(phase, Clearing.STOPPING, phase.until()));
        }
    }

    /** The kernel has the last word; a next generation is never started beside a leftover. */
    private static void deadline(Turn turn, ClearingLeftovers phase) {
        switch (phase.stage()) {
            case SEARCHING, STOPPING -> {
                noteEnd(turn, phase);
                turn.add(new Effect.Say("what generation " + phase.child().generation()
                        + " has left did not stop in time: killing it"));
                turn.add(new Effect.KillLeftovers(phase.child()));
                turn.become(in(phase, Clearing.KILLING, turn.now + UNKILLABLE_AFTER.toNanos()));
            }
            case KILLING -> {
                turn.add(new Effect.Say("what generation " + phase.child().generation() + " has left "
                        + "survives SIGKILL; waiting, the next one is not started beside it"));
                turn.become(in(phase, Clearing.SURVIVING, Phase.NEVER));
            }
            case SURVIVING -> { }
        }
    }

    private static void shortenGrace(Turn turn, ClearingLeftovers phase) {
        if (phase.stage() == Clearing.STOPPING) {
            turn.become(in(phase, Clearing.STOPPING, Math.min(phase.until(),
                    turn.now + turn.settings().forceGrace().toNanos())));
        }
    }

    private static ClearingLeftovers in(ClearingLeftovers phase, Clearing stage, long until) {
        return new ClearingLeftovers(phase.child(), stage, until, phase.spawnAt(), phase.reason());
    }

    private static void noteEnd(Turn turn, ClearingLeftovers phase) {
        if (phase.stage() == Clearing.SEARCHING) {
            turn.noteEnd();
        }
    }
}
