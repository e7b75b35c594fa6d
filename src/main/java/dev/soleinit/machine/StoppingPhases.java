package dev.soleinit.machine;

import dev.soleinit.machine.Event.Asked;
import dev.soleinit.machine.Event.Booted;
import dev.soleinit.machine.Event.CallerLeft;
import dev.soleinit.machine.Event.CheckFinished;
import dev.soleinit.machine.Event.DeadlinePassed;
import dev.soleinit.machine.Event.Ended;
import dev.soleinit.machine.Event.ExtendTold;
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
import dev.soleinit.process.Signal;
import java.time.Duration;
import java.util.Optional;

/** The phases of a daemon that was told to stop, or killed. */
final class StoppingPhases {
    private StoppingPhases() {}

    static void terminating(Turn turn, Phase.Terminating phase, Event event) {
        switch (event) {
            case DeadlinePassed _ -> {
                turn.add(new Effect.Say("generation " + phase.run().child().generation()
                        + " did not stop in time: killing it"));
                turn.kill(phase.run(), phase.failure());
            }
            case SignalCame(Signal signal) -> signalToTerminating(turn, phase, signal);
            case RestartAsked asked when asked.mode() == Mode.FORCE
                    && RestartDesk.restartable(turn) -> {
                turn.become(new Phase.Terminating(phase.run().inextensible(), Math.min(phase.killAt(),
                        turn.now + turn.settings().forceGrace().toNanos()), phase.failure()));
                RestartDesk.restartJoins(turn, asked);
            }
            case StopRan(long generation, var failure) when failure.isPresent()
                    && generation == phase.run().child().generation() -> {
                turn.add(new Effect.Say("the stop command failed, so the stop signal goes out: "
                        + failure.get()));
                turn.send(phase.run(), turn.stopSignal());
            }
            case ExtendTold(long _, Duration by) -> turn.become(new Phase.Terminating(phase.run(),
                    phase.run().extended(phase.killAt(), turn.now, by), phase.failure()));
            case Ended _, Asked _, ManifestFailed _ ->
                    stopping(turn, phase.run(), phase.failure(), event);
            case Booted _, GenerationStored _, Forked _, Spawned _, SpawnFailed _, NobodyLeft _,
                    ManifestKept _, ReloadRan _, StopRan _, CallerLeft _, Told _, LeftoversFound _,
                    LeftoversGone _, CheckFinished _ -> { }
        }
    }

    private static void signalToTerminating(Turn turn, Phase.Terminating phase, Signal signal) {
        Optional<Signal> rewritten = turn.rewritten(signal);
        if (rewritten.isEmpty()) {
            return;
        }
        if (Stops.isStop(signal) && Stops.noteEnding(turn, signal)) {
            turn.kill(phase.run(), phase.failure());
            return;
        }
        if (Stops.isStop(signal)) {
            long budget = turn.state.ending().orElseThrow().since()
                    + turn.settings().stopTimeout().toNanos();
            turn.become(new Phase.Terminating(phase.run().inextensible(),
                    Math.min(phase.killAt(), budget), phase.failure()));
        }
        turn.send(phase.run(), rewritten.get());
    }

    static void killing(Turn turn, Phase.Killing phase, Event event) {
        switch (event) {
            case DeadlinePassed _ -> unkillable(turn, phase);
            case SignalCame(Signal signal) -> {
                if (Stops.isStop(signal) && turn.rewritten(signal).isPresent()) {
                    Stops.noteEnding(turn, signal);
                    turn.killAgain(phase);
                }
            }
            case Ended _, Asked _, ManifestFailed _ ->
                    stopping(turn, phase.run(), phase.failure(), event);
            case Booted _, GenerationStored _, Forked _, Spawned _, SpawnFailed _, NobodyLeft _,
                    ManifestKept _, ReloadRan _, StopRan _, CallerLeft _, Told _, LeftoversFound _,
                    LeftoversGone _, CheckFinished _ -> { }
        }
    }

    /** The kernel cannot end it (uninterruptible sleep). A second one is never started beside it. */
    private static void unkillable(Turn turn, Phase.Killing phase) {
        if (turn.state.goal() == Goal.EXIT) {
            AfterEnd.keepWork(turn, phase.run(), "the supervisor was told to end");
            turn.sweep(128 + Signal.KILL.number());
            return;
        }
        turn.add(new Effect.Say("process " + phase.run().child().pid() + " survives SIGKILL: it "
                + "hangs in the kernel; waiting, a second daemon is not started beside it"));
        turn.become(new Phase.Killing(phase.run(), Phase.NEVER, phase.failure()));
    }

    private static void stopping(Turn turn, Run run, Optional<String> failure, Event event) {
        switch (event) {
            case Ended(int pid, var status, var why) when pid == run.child().pid() ->
                    AfterEnd.ended(turn, run, status, failure, why);
            case StartAsked(long id) -> RestartDesk.startInsteadOfStop(turn, id);
            case StopAsked(long id, String reason) -> RestartDesk.stopInstead(turn, id, reason);
            case RestartAsked asked -> RestartDesk.restartJoins(turn, asked);
            case SignalAsked(long id, Signal signal) -> Stops.sendAsked(turn, run, id, signal);
            case ReloadAsked(long id, boolean _) -> ReloadDesk.joinsRestart(turn, id);
            case ManifestFailed(String why) -> Stops.notKept(turn, why);
            case Booted _, GenerationStored _, Forked _, Spawned _, SpawnFailed _, NobodyLeft _,
                    DeadlinePassed _, SignalCame _, Ended _, ManifestKept _, ReloadRan _, StopRan _,
                    CallerLeft _, Told _, LeftoversFound _, LeftoversGone _, CheckFinished _ -> { }
        }
    }
}
