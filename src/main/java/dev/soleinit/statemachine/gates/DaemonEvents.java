package dev.soleinit.statemachine.gates;

import dev.soleinit.statemachine.Transition;
import dev.soleinit.statemachine.model.DaemonCommand;
import dev.soleinit.statemachine.model.DaemonProcess;
import dev.soleinit.statemachine.model.Effect;
import dev.soleinit.statemachine.model.Event.DaemonAttached;
import dev.soleinit.statemachine.model.Event.DaemonDetached;
import dev.soleinit.statemachine.model.Event.DaemonDrained;
import dev.soleinit.statemachine.model.Event.DaemonEvent;
import dev.soleinit.statemachine.model.Event.DaemonFailed;
import dev.soleinit.statemachine.model.Event.DaemonFenced;
import dev.soleinit.statemachine.model.Event.DaemonHung;
import dev.soleinit.statemachine.model.Event.DaemonNotReady;
import dev.soleinit.statemachine.model.Event.DaemonReady;
import dev.soleinit.statemachine.model.Event.DaemonReloading;
import dev.soleinit.statemachine.model.Event.DaemonStopping;
import dev.soleinit.statemachine.model.Event.MainPidChanged;
import dev.soleinit.statemachine.model.Event.PreflightFinished;
import dev.soleinit.statemachine.model.Event.TimeoutExtended;
import dev.soleinit.statemachine.model.Event.WatchdogChanged;
import dev.soleinit.statemachine.model.Event.WatchdogPing;
import dev.soleinit.statemachine.model.Event.WorkBegun;
import dev.soleinit.statemachine.model.Event.WorkEnded;
import dev.soleinit.statemachine.model.Event.WorkReported;
import dev.soleinit.statemachine.model.Phase;
import dev.soleinit.statemachine.settings.ReadySettings.Source;
import dev.soleinit.statemachine.work.WorkItem;
import dev.soleinit.statemachine.work.WorkLedger;
import java.time.Duration;
import java.util.List;

/** What the daemon says that holds in every phase: of its work, its connection, its main process. */
public final class DaemonEvents {
    private DaemonEvents() {}

    /**
     * Whether it is the daemon of now that speaks; what it says of its work holds in every phase.
     * One that reloads has two names, and no other process can have the newer one.
     */
    public static boolean accept(Transition turn, DaemonEvent told) {
        boolean current = turn.state.phase().current()
                .map(run -> isNamed(turn, run.child().generation(), told.generation()))
                .orElse(false);
        if (!current) {
            return false;
        }
        WorkLedger work = turn.state.work();
        switch (told) {
            case WorkBegun(long _, WorkItem item) -> turn.state = turn.state.with(work.with(item));
            case WorkEnded(long _, String id) -> turn.state = turn.state.with(work.without(id));
            case WorkReported(long _, List<WorkItem> items) ->
                    turn.state = turn.state.with(WorkLedger.of(items));
            case DaemonAttached _ -> attached(turn);
            case DaemonDetached _ -> turn.daemon(turn.daemon().attached(false));
            case MainPidChanged(long _, int pid, long ticks) -> onMainPid(turn, pid, ticks);
            case WatchdogChanged(long _, Duration interval) -> turn.enter(turn.state.phase()
                    .with(turn.state.phase().current().orElseThrow().watched(interval, turn.now)));
            case DaemonReady ready -> {
                return counts(turn, ready.source());
            }
            case DaemonNotReady _, DaemonStopping _, DaemonFailed _, DaemonFenced _, DaemonDrained _,
                    PreflightFinished _, WatchdogPing _, DaemonHung _, DaemonReloading _,
                    TimeoutExtended _ -> { }
        }
        return true;
    }

    /** Where readiness is found out in another way, the daemon's own word matters in a reload only. */
    private static boolean counts(Transition turn, Source source) {
        return source == turn.settings().ready().source()
                || turn.state.phase() instanceof Phase.Reloading;
    }

    /** What has begun beside another process was never a newer name of that. */
    private static boolean isNamed(Transition turn, long current, long name) {
        return name == current || name > Math.max(current, turn.state.history().beside())
                && name <= turn.state.generation();
    }

    private static void attached(Transition turn) {
        if (turn.daemon().owesUnfence()) {
            turn.tell(new DaemonCommand.Unfence());
        }
        turn.daemon(turn.daemon().attached(true).owesUnfence(false));
    }

    private static void onMainPid(Transition turn, int pid, long startTicks) {
        DaemonProcess run = turn.state.phase().current().orElseThrow();
        if (run.child().pid() != pid) {
            turn.enter(turn.state.phase().with(run.in(pid, startTicks)));
            turn.emit(new Effect.LogWarning("generation " + run.child().generation()
                    + " goes on as pid " + pid + ", by its own word"));
        }
    }
}
