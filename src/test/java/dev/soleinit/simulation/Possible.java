package dev.soleinit.simulation;

import dev.soleinit.process.Child;
import dev.soleinit.process.ExitStatus;
import dev.soleinit.process.RestartMode;
import dev.soleinit.process.Signal;
import dev.soleinit.process.SpawnError;
import dev.soleinit.statemachine.model.DaemonCommand;
import dev.soleinit.statemachine.model.Event;
import dev.soleinit.statemachine.model.Phase;
import dev.soleinit.statemachine.settings.ReadySettings.Source;
import dev.soleinit.statemachine.work.PreflightVerdict;
import dev.soleinit.statemachine.work.WorkItem;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Which events the kernel, the daemon and everybody who asks can really make in a situation. */
final class Possible {
    private static final int STRANGER = 1;
    private static final int[] CODES = {0, 1, 75, 78};
    private static final Duration DRAIN = Duration.ofSeconds(10);
    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    private final Situation now;
    private final Surroundings around;
    private final List<Event> events = new ArrayList<>();

    private Possible(Situation now) {
        this.now = now;
        this.around = now.around;
    }

    static List<Event> events(Situation now) {
        Possible possible = new Possible(now);
        if (!now.around.booted) {
            possible.events.add(new Event.Booted());
        }
        possible.signals();
        possible.requests();
        possible.kernel();
        possible.commands();
        if (now.around.pid != 0 && now.around.executed) {
            possible.daemon();
        } else if (now.around.connected && now.around.pid == 0) {
            possible.lastMessages();
        }
        return possible.events;
    }

    private boolean has(Feature feature) {
        return now.settings.has(feature);
    }

    private void signals() {
        for (Signal signal : List.of(Signal.TERM, Signal.INT, Signal.HUP)) {
            events.add(new Event.SignalReceived(signal));
        }
    }

    private void requests() {
        if (has(Feature.LEAVING)) {
            around.open.stream().filter(id -> !around.left.contains(id))
                    .forEach(id -> events.add(new Event.CallerDisconnected(id)));
        }
        if (around.open.size() >= 2) {
            return;
        }
        long id = around.lastId + 1;
        events.add(new Event.StartRequested(id));
        events.add(new Event.StopRequested(id, "because"));
        if (!has(Feature.NO_RELOADS)) {
            events.add(new Event.ReloadRequested(id, false));
        }
        restart(id, RestartMode.IMMEDIATE, false);
        restart(id, RestartMode.FORCE, false);
        if (has(Feature.DRAINS)) {
            restart(id, RestartMode.GRACEFUL, false);
            restart(id, RestartMode.SAFE, false);
        }
        if (has(Feature.MACHINES)) {
            restart(id, RestartMode.GRACEFUL, true);
        }
        if (has(Feature.STRANGERS)) {
            events.add(new Event.SignalRequested(id, Signal.TERM));
        }
    }

    private void restart(long id, RestartMode mode, boolean machine) {
        events.add(new Event.RestartRequested(id, mode, DRAIN, TIMEOUT, Set.of(), machine,
                Optional.empty(), false, false, false));
    }

    private void kernel() {
        if (around.pid != 0 && !around.executed) {
            events.add(new Event.Spawned(new Child(now.state.generation(), around.pid, 1)));
            if (has(Feature.REFUSALS)) {
                events.add(new Event.SpawnFailed(now.state.generation(),
                        new SpawnError(SpawnError.Kind.NOT_FOUND, "none")));
            }
        }
        if (around.killed && around.pid != 0) {
            events.add(new Event.ChildExited(around.pid, new ExitStatus.Signaled(Signal.KILL, false)));
        } else if (around.pid != 0) {
            for (int code : CODES) {
                events.add(new Event.ChildExited(around.pid, new ExitStatus.Exited(code)));
            }
        }
        if (around.first != 0) {
            events.add(new Event.ChildExited(around.first, new ExitStatus.Exited(0)));
        }
        if (has(Feature.STRANGERS)) {
            events.add(new Event.ChildExited(STRANGER, new ExitStatus.Exited(1)));
        }
        around.storing.forEach(this::store);
        around.keeping.forEach(hash -> {
            events.add(new Event.ConfigurationKept(hash, true));
            events.add(new Event.ConfigurationKept(hash, false));
        });
        if (around.restoring) {
            events.add(new Event.ConfigurationRestored(true, "put back"));
            events.add(new Event.ConfigurationRestored(false, "the disk is full"));
        }
        boolean clearing = now.state.phase() instanceof Phase.ClearingLeftovers;
        int ended = now.state.phase() instanceof Phase.ClearingLeftovers left ? left.child().pid() : 0;
        if (around.searching && clearing) {
            events.add(new Event.LeftoversFound(ended, "process 50 (child)"));
        }
        if ((around.searching || around.leftovers > 0) && clearing) {
            events.add(new Event.LeftoversGone(ended));
        }
        if (now.state.phase() instanceof Phase.Sweeping) {
            events.add(new Event.AllProcessesGone());
        }
    }

    /** What is read for a generation is known before its number is stored. */
    private void store(long number) {
        if (has(Feature.LAST_GOOD) && around.reader != number) {
            events.add(new Event.ConfigurationRead(number, "usual"));
            events.add(new Event.ConfigurationRead(number, "other"));
        } else {
            events.add(new Event.GenerationPersisted(number, Optional.empty()));
        }
    }

    private void commands() {
        for (long attempt : around.manifests) {
            events.add(new Event.ManifestSaved(attempt));
            events.add(new Event.ManifestFailed(attempt, "full"));
        }
        if (around.looking) {
            events.add(looked(PreflightVerdict.Verdict.IDLE));
            events.add(looked(PreflightVerdict.Verdict.BUSY));
        }
        for (long run : around.checks) {
            events.add(new Event.CheckFinished(run, Optional.empty()));
            events.add(new Event.CheckFinished(run, Optional.of("exit 1")));
        }
        if (around.reloadCommand != 0) {
            events.add(new Event.ReloadCommandFinished(around.reloadCommand, Optional.empty()));
            events.add(new Event.ReloadCommandFinished(around.reloadCommand, Optional.of("exit 1")));
        }
        if (around.stopCommand != 0) {
            events.add(new Event.StopCommandFinished(around.stopCommand, Optional.of("exit 1")));
        }
    }

    private Event looked(PreflightVerdict.Verdict verdict) {
        return new Event.PreflightFinished(now.state.currentGeneration(), new PreflightVerdict(verdict, ""));
    }

    // ---- the daemon

    private void daemon() {
        long current = now.state.currentGeneration();
        long newest = now.state.generation();
        if (has(Feature.READY) || has(Feature.PROBES)) {
            events.add(new Event.DaemonReady(newest, Source.ATTACH));
        }
        if (has(Feature.STRANGERS)) {
            events.add(new Event.DaemonReady(current - 1, Source.ATTACH));
        }
        if (has(Feature.PROBES)) {
            events.add(new Event.DaemonNotReady(newest));
        }
        if (has(Feature.READY)) {
            events.add(new Event.DaemonReloading(current, now.now));
            events.add(new Event.DaemonStopping(current));
        }
        if (has(Feature.HANGS)) {
            events.add(new Event.DaemonHung(current, "frozen"));
            events.add(new Event.WatchdogPing(current));
            events.add(new Event.WatchdogChanged(current, Duration.ofSeconds(15)));
        }
        if (has(Feature.EXTENDS)) {
            events.add(new Event.TimeoutExtended(current, Duration.ofSeconds(20)));
        }
        if (has(Feature.FORKS) && around.pid % 2 == 0) {
            events.add(new Event.MainPidChanged(current, around.pid + 1, 1));
        }
        if (has(Feature.ATTACHES)) {
            events.add(around.connected ? new Event.DaemonDetached(current)
                    : new Event.DaemonAttached(current));
        }
        if (around.connected) {
            connected(current);
        }
    }

    private void connected(long current) {
        boolean fence = !around.told.isEmpty() && around.told.getFirst() instanceof DaemonCommand.Fence;
        boolean reload = !around.told.isEmpty() && around.told.getFirst() instanceof DaemonCommand.Reload;
        if (fence) {
            events.add(new Event.DaemonFenced(current));
        }
        if (reload) {
            events.add(new Event.DaemonReady(((DaemonCommand.Reload) around.told.getFirst()).generation(),
                    Source.ATTACH));
            events.add(new Event.DaemonFailed(current, "cannot"));
        }
        if (around.draining && around.work == 0) {
            events.add(new Event.DaemonDrained(current));
        }
        if (has(Feature.WORKS)) {
            work(current, "w1", !around.fenced);
            work(current, "w2", !around.fenced);
            if (around.work != 0) {
                events.add(new Event.WorkReported(current, List.of()));
            }
        }
    }

    /** The first blocks, the second is only queued. */
    private void work(long current, String id, boolean may) {
        if ((around.work & Surroundings.bit(id)) != 0) {
            events.add(new Event.WorkEnded(current, id));
        } else if (may) {
            events.add(new Event.WorkBegun(current, new WorkItem(id, "session", "", id.equals("w1"),
                    Optional.empty(), "", now.now)));
        }
    }

    /** What it had said before its end. */
    private void lastMessages() {
        long current = now.state.currentGeneration();
        events.add(new Event.DaemonDetached(current));
        events.add(new Event.DaemonFailed(current, "cannot"));
        if (has(Feature.WORKS)) {
            work(current, "w1", true);
            work(current, "w2", false);
        }
    }
}
