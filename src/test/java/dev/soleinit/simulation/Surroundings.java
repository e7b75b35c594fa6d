package dev.soleinit.simulation;

import dev.soleinit.process.Child;
import dev.soleinit.process.Signal;
import dev.soleinit.statemachine.model.DaemonCommand;
import dev.soleinit.statemachine.model.Effect;
import dev.soleinit.statemachine.model.Event;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * What can happen next around the machine, as little of it as decides that: which process lives, what it
 * works on and has been told, which effects have not been answered yet.
 */
final class Surroundings implements Cloneable {
    private static final List<Set<String>> WORK = List.of(Set.of(), Set.of("w1"), Set.of("w2"),
            Set.of("w1", "w2"));

    /** The living daemon, 0 if there is none. */
    int pid;
    /** A former main process of it that has not been reaped. */
    int first;
    boolean executed;
    boolean killed;
    /** The daemon's connection is open; it may be read to its end only after the daemon's. */
    boolean connected;
    boolean fenced;
    boolean draining;
    /** Bits: the work that it has begun and not ended, as has been heard. */
    int work;
    /** What it was told and has not handled. */
    List<DaemonCommand> told = new ArrayList<>();

    boolean booted;
    List<Long> storing = new ArrayList<>();
    /** The generation for which the configuration was read last. */
    long reader;
    boolean restoring;
    TreeSet<String> keeping = new TreeSet<>();
    boolean searching;
    int leftovers;
    TreeSet<Long> manifests = new TreeSet<>();
    boolean looking;
    TreeSet<Long> checks = new TreeSet<>();
    long reloadCommand;
    long stopCommand;
    boolean sweeping;

    long lastId;
    TreeSet<Long> open = new TreeSet<>();
    TreeSet<Long> left = new TreeSet<>();

    Surroundings copy() {
        try {
            Surroundings copy = (Surroundings) clone();
            copy.told = new ArrayList<>(told);
            copy.storing = new ArrayList<>(storing);
            copy.checks = new TreeSet<>(checks);
            copy.manifests = new TreeSet<>(manifests);
            copy.open = new TreeSet<>(open);
            copy.left = new TreeSet<>(left);
            copy.keeping = new TreeSet<>(keeping);
            return copy;
        } catch (CloneNotSupportedException impossible) {
            throw new AssertionError(impossible);
        }
    }

    Set<String> admitted() {
        return WORK.get(pid == 0 ? 0 : work & 1);
    }

    // ---- what happens

    void before(Event event) {
        switch (event) {
            case Event.Booted _ -> booted = true;
            case Event.Forked(Child child) -> born(child);
            case Event.Spawned _ -> executed = true;
            case Event.SpawnFailed _ -> pid = 0;
            case Event.ChildExited end when end.pid() == pid -> pid = 0;
            case Event.ChildExited end when end.pid() == first -> first = 0;
            case Event.MainPidChanged main -> {
                first = pid;
                pid = main.pid();
            }
            case Event.DaemonAttached _ -> connected = true;
            case Event.DaemonDetached _ -> disconnect();
            case Event.WorkBegun(long _, var item) -> work |= bit(item.id());
            case Event.WorkEnded(long _, String id) -> work &= ~bit(id);
            case Event.WorkReported _ -> work = 0;
            case Event.DaemonFenced _ -> handled();
            case Event.DaemonDrained _ -> draining = false;
            case Event.GenerationPersisted(long number, var _) -> storing.remove(number);
            case Event.ConfigurationRead(long generation, String _) -> reader = generation;
            case Event.ConfigurationKept(String hash, boolean _) -> keeping.remove(hash);
            case Event.ConfigurationRestored _ -> restoring = false;
            case Event.LeftoversFound _ -> {
                searching = false;
                leftovers = 1;
            }
            case Event.LeftoversGone _ -> {
                searching = false;
                leftovers = 0;
            }
            case Event.ManifestSaved(long attempt) -> manifests.remove(attempt);
            case Event.ManifestFailed(long attempt, var _) -> manifests.remove(attempt);
            case Event.PreflightFinished _ -> looking = false;
            case Event.CheckFinished(long run, var _) -> checks.remove(run);
            case Event.ReloadCommandFinished _ -> reloadCommand = 0;
            case Event.StopCommandFinished _ -> stopCommand = 0;
            case Event.CallerDisconnected(long id) -> left.add(id);
            case Event.RequestEvent asked -> {
                lastId = asked.id();
                open.add(asked.id());
            }
            case Event.DaemonReady _, Event.DaemonFailed _ when !told.isEmpty()
                    && told.getFirst() instanceof DaemonCommand.Reload -> handled();
            // nothing is left out without having been named: the compiler asks for a new one
            case Event.ChildExited _, Event.AllProcessesGone _, Event.SignalReceived _,
                    Event.DeadlinePassed _, Event.DaemonReady _, Event.DaemonNotReady _,
                    Event.DaemonFailed _, Event.DaemonHung _, Event.DaemonReloading _,
                    Event.DaemonStopping _, Event.WatchdogPing _, Event.WatchdogChanged _,
                    Event.TimeoutExtended _ -> { }
        }
    }

    private void born(Child child) {
        pid = child.pid();
        first = 0;
        executed = false;
        killed = false;
        work = 0;
        looking = false;
        fenced = false;
        draining = false;
        disconnect();
    }

    /** A fence outlives the connection that it came by. */
    private void disconnect() {
        connected = false;
        told.clear();
    }

    static int bit(String item) {
        return item.equals("w1") ? 1 : 2;
    }

    /** It has handled the first of what it was told, and at once what needs no answer. */
    void handled() {
        fenced |= told.getFirst() instanceof DaemonCommand.Fence;
        told.removeFirst();
        handleSilently();
    }

    private void handleSilently() {
        while (!told.isEmpty() && !(told.getFirst() instanceof DaemonCommand.Fence)
                && !(told.getFirst() instanceof DaemonCommand.Reload)) {
            switch (told.removeFirst()) {
                case DaemonCommand.Unfence _ -> {
                    fenced = false;
                    draining = false;
                }
                case DaemonCommand.Drain _ -> {
                    fenced = true;
                    draining = true;
                }
                case DaemonCommand.Stopping _, DaemonCommand.Fence _, DaemonCommand.Reload _ -> { }
            }
        }
    }

    // ---- what is done

    void perform(Effect effect) {
        switch (effect) {
            case Effect.SendSignal(Child _, Signal signal, boolean _) when signal.equals(Signal.KILL) ->
                    killed = true;
            case Effect.KillGroup _ -> killed = true;
            case Effect.SendToDaemon(long _, DaemonCommand notice) when connected && pid != 0 -> tell(notice);
            case Effect.PersistGeneration(long number) -> storing.add(number);
            case Effect.KeepConfiguration(String hash) -> keeping.add(hash);
            case Effect.RestoreConfiguration _ -> restoring = true;
            case Effect.StopLeftovers _ -> searching = true;
            case Effect.SaveManifest keep -> manifests.add(keep.attempt());
            case Effect.RunPreflight _ -> looking = true;
            case Effect.RunCheck(long run) -> checks.add(run);
            case Effect.RunReloadCommand(long number) -> reloadCommand = number;
            case Effect.RunStopCommand(long number) -> stopCommand = number;
            case Effect.SignalAllOthers _ -> sweeping = true;
            case Effect.FinishRequest(long id, var _) -> {
                open.remove(id);
                left.remove(id);
            }
            case Effect.Spawn _, Effect.SendSignal _, Effect.SendToDaemon _, Effect.KillLeftovers _,
                    Effect.PersistFailureCount _, Effect.RecordExit _, Effect.LogWarning _,
                    Effect.LogRefusal _, Effect.WriteTerminationMessage _, Effect.AcceptRequest _ -> { }
        }
    }

    /** A fence that is called off before it was handled is answered in vain. */
    private void tell(DaemonCommand notice) {
        if (notice instanceof DaemonCommand.Unfence) {
            told.removeIf(DaemonCommand.Fence.class::isInstance);
        }
        told.add(notice);
        handleSilently();
    }

    void print(Canonical out) {
        out.pid(pid);
        out.pid(first);
        out.flags(executed, killed, connected, fenced, draining, booted, searching, looking,
                reloadCommand != 0, stopCommand != 0, sweeping, restoring, storing.contains(reader));
        out.number(work | leftovers << 4 | manifests.size() << 8);
        out.number(told.size());
        for (DaemonCommand notice : told) {
            out.text(notice.getClass().getSimpleName());
        }
        storing.forEach(out::generation);
        keeping.forEach(out::text);
        out.requests(left);
    }
}
