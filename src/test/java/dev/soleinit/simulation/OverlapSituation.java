package dev.soleinit.simulation;

import dev.soleinit.process.Child;
import dev.soleinit.process.ExitStatus;
import dev.soleinit.process.RestartMode;
import dev.soleinit.process.Signal;
import dev.soleinit.process.SpawnError;
import dev.soleinit.statemachine.PolicyBuilder;
import dev.soleinit.statemachine.model.DaemonCommand;
import dev.soleinit.statemachine.model.Effect;
import dev.soleinit.statemachine.model.Event;
import dev.soleinit.statemachine.model.Phase;
import dev.soleinit.statemachine.settings.Policy;
import dev.soleinit.statemachine.settings.ReadySettings.Source;
import dev.soleinit.statemachine.state.State;
import dev.soleinit.statemachine.state.Step;
import dev.soleinit.statemachine.work.WorkItem;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The machine, up to two processes around it, and what watches them, at one point of a story. What can
 * happen next is made from what lives and from what was asked for, so that nothing impossible does.
 */
final class OverlapSituation {
    private static final double MIDDLE = 0.5;
    private static final long FIRST = 7;
    private static final long NEVER = Long.MAX_VALUE;

    /** A process, also after its end, until its connection has been read to its end. */
    private static final class Process implements Cloneable {
        long generation;
        int pid;
        int first;
        boolean executed;
        boolean alive = true;
        boolean killed;
        boolean attached;
        boolean fenced;
        boolean draining;
        /** Fences that have not been answered. */
        int fences;
        int work;

        Process(Child child) {
            generation = child.generation();
            pid = child.pid();
        }

        Process copy() {
            try {
                return (Process) clone();
            } catch (CloneNotSupportedException impossible) {
                throw new AssertionError(impossible);
            }
        }
    }

    private final Policy policy;
    private final StepFunction machine;
    private final OverlapInvariants invariants;
    State state;
    long now;
    private final List<Process> processes = new ArrayList<>();
    private final TreeSet<Long> storing = new TreeSet<>();
    private final TreeSet<Long> manifests = new TreeSet<>();
    /** The pid whose leftovers are being ended, and whether some were found. */
    private final TreeMap<Integer, Boolean> searches = new TreeMap<>();
    private final TreeSet<Long> open = new TreeSet<>();
    private long lastId;
    private long lastGone;
    private boolean booted;

    OverlapSituation(Policy policy, StepFunction machine) {
        this(policy, machine, new OverlapInvariants(policy));
        state = State.initial(policy, FIRST, 0);
    }

    private OverlapSituation(Policy policy, StepFunction machine, OverlapInvariants invariants) {
        this.policy = policy;
        this.machine = machine;
        this.invariants = invariants;
    }

    static Policy policy(boolean delayed) {
        return PolicyBuilder.fromDefaults().readyWhenSpawned(false)
                .stopDelay(delayed ? Duration.ofSeconds(3) : Duration.ZERO).build();
    }

    OverlapSituation copy() {
        OverlapSituation copy = new OverlapSituation(policy, machine, invariants.copy());
        copy.state = state;
        copy.now = now;
        processes.forEach(one -> copy.processes.add(one.copy()));
        copy.storing.addAll(storing);
        copy.manifests.addAll(manifests);
        copy.searches.putAll(searches);
        copy.open.addAll(open);
        copy.lastId = lastId;
        copy.lastGone = lastGone;
        copy.booted = booted;
        return copy;
    }

    boolean isOver() {
        return state.phase() instanceof Phase.Done;
    }

    /** Whether two processes are known, or one is about to become the second. */
    boolean overlaps() {
        return state.other().isPresent();
    }

    private boolean starts() {
        return state.hasSuccessor() && state.other().orElseThrow().phase() instanceof Phase.Spawning;
    }

    /** Whether an end is held while the number of a successor is being stored. */
    boolean startsBesideAnEnd() {
        return starts() && state.awaitsLastMessages();
    }

    // ---- what can happen

    /** The end of the current one while the number of its successor is being stored. */
    Optional<Event> dies() {
        int pid = state.phase().current().map(run -> run.child().pid()).orElse(0);
        return processes.stream().filter(one -> starts() && one.alive && one.attached && one.pid == pid)
                .findFirst().map(one -> new Event.ChildExited(pid, new ExitStatus.Exited(1)));
    }

    /** What the kernel, the disk and the processes can do next. */
    List<Event> inside() {
        List<Event> events = new ArrayList<>();
        if (!booted) {
            events.add(new Event.Booted());
        }
        storing.forEach(number -> events.add(new Event.GenerationPersisted(number, Optional.empty())));
        manifests.forEach(attempt -> {
            events.add(new Event.ManifestSaved(attempt));
            events.add(new Event.ManifestFailed(attempt, "full"));
        });
        searches.forEach((pid, found) -> {
            if (!found) {
                events.add(new Event.LeftoversFound(pid, "process 50 (child)"));
            }
            events.add(new Event.LeftoversGone(pid));
        });
        processes.forEach(one -> of(one, events));
        if (state.phase() instanceof Phase.Sweeping && processes.stream().noneMatch(one -> one.alive)) {
            events.add(new Event.AllProcessesGone());
        }
        if (lastGone != 0) {
            // somebody else had its connection, too
            events.add(new Event.WorkBegun(lastGone, item("late" + lastGone)));
            events.add(new Event.DaemonReady(lastGone, Source.ATTACH));
        }
        return events;
    }

    private void of(Process one, List<Event> events) {
        long number = one.generation;
        if (one.alive) {
            ExitStatus killed = new ExitStatus.Signaled(Signal.KILL, false);
            events.add(new Event.ChildExited(one.pid, one.killed ? killed : new ExitStatus.Exited(1)));
            if (one.first != 0) {
                events.add(new Event.ChildExited(one.first, new ExitStatus.Exited(0)));
            }
            if (!one.executed) {
                events.add(new Event.Spawned(new Child(number, one.pid, 1)));
                events.add(new Event.SpawnFailed(number,
                        new SpawnError(SpawnError.Kind.NOT_FOUND, "none")));
                return;
            }
            events.add(new Event.DaemonReady(number, Source.ATTACH));
            if (state.phase() instanceof Phase.Reloading reloading
                    && reloading.run().child().pid() == one.pid) {
                events.add(new Event.DaemonReady(reloading.next(), Source.ATTACH));
            }
            events.add(new Event.DaemonFailed(number, "cannot"));
            events.add(new Event.DaemonHung(number, "frozen"));
            events.add(new Event.TimeoutExtended(number, Duration.ofSeconds(20)));
            events.add(new Event.DaemonReloading(number, now));
            if (one.pid % 2 == 0) {
                events.add(new Event.MainPidChanged(number, one.pid + 1, 1));
            }
            events.add(one.attached ? new Event.DaemonDetached(number) : new Event.DaemonAttached(number));
        } else {
            events.add(new Event.DaemonDetached(number));
        }
        if (one.attached) {
            works(one, events);
        }
    }

    private void works(Process one, List<Event> events) {
        long number = one.generation;
        if (one.work != 0) {
            events.add(new Event.WorkEnded(number, "w" + number));
        } else if (!one.fenced) {
            events.add(new Event.WorkBegun(number, item("w" + number)));
        }
        if (one.alive && one.fences > 0) {
            events.add(new Event.DaemonFenced(number));
        }
        if (one.alive && one.draining && one.fences == 0 && one.work == 0) {
            events.add(new Event.DaemonDrained(number));
        }
    }

    private WorkItem item(String id) {
        return new WorkItem(id, "session", "", true, Optional.empty(), "", now);
    }

    /** What people and orchestrators can do next. */
    List<Event> outside() {
        List<Event> events = new ArrayList<>();
        for (Signal signal : List.of(Signal.TERM, Signal.INT, Signal.QUIT, Signal.HUP)) {
            events.add(new Event.SignalReceived(signal));
        }
        if (!booted || open.size() >= 3) {
            return events;
        }
        long id = lastId + 1;
        for (RestartMode mode : RestartMode.values()) {
            events.add(restart(id, mode, true));
        }
        events.add(restart(id, RestartMode.IMMEDIATE, false));
        events.add(restart(id, RestartMode.GRACEFUL, false));
        events.add(new Event.StartRequested(id));
        events.add(new Event.StopRequested(id, "because"));
        events.add(new Event.ReloadRequested(id, false));
        events.add(new Event.SignalRequested(id, Signal.USR1));
        return events;
    }

    private static Event restart(long id, RestartMode mode, boolean overlap) {
        return new Event.RestartRequested(id, mode, Duration.ofSeconds(10), Duration.ofSeconds(20),
                Set.of(), false, Optional.empty(), true, false, overlap);
    }

    /** The end of one that was killed. */
    Optional<Event> killed() {
        return processes.stream().filter(one -> one.killed && one.alive).findFirst()
                .map(one -> new Event.ChildExited(one.pid, new ExitStatus.Signaled(Signal.KILL, false)));
    }

    /** Whoever was killed ends before anything takes its time. */
    boolean timePasses() {
        return processes.stream().noneMatch(one -> one.killed && one.alive);
    }

    /** When a deadline passes if nothing happens before; never if that is not to be waited for. */
    long deadline() {
        return state.deadline() == NEVER || state.deadline() > now && !timePasses() ? NEVER
                : Math.max(now, state.deadline());
    }

    // ---- what happens

    /** Lets it happen; throws {@link InvariantViolation}. Answers what was done. */
    List<Step> make(Event first, long at) {
        now = at;
        List<Step> steps = new ArrayList<>();
        Deque<Event> events = new ArrayDeque<>(List.of(first));
        for (Event event = events.poll(); event != null; event = events.poll()) {
            happens(event);
            invariants.before(event, now, state);
            Step step = machine.step(state, event, now, MIDDLE);
            state = step.state();
            steps.add(step);
            invariants.after(step.effects(), state);
            state.processes().forEach(run -> processes.stream()
                    .filter(one -> one.alive && one.pid == run.child().pid())
                    .forEach(one -> one.generation = run.child().generation()));
            if (event instanceof Event.SpawnFailed) {
                // the launcher that could not execute the program is reaped
                state.processes().stream().map(run -> run.child().pid())
                        .filter(pid -> processes.stream().noneMatch(one -> one.alive && one.pid == pid))
                        .forEach(pid -> events.add(new Event.ChildExited(pid, new ExitStatus.Exited(127))));
            }
            for (Effect effect : step.effects()) {
                perform(effect);
                if (effect instanceof Effect.Spawn(long number, var _)) {
                    events.add(new Event.Forked(new Child(number, (int) (2 * number), 1)));
                }
            }
        }
        if (isOver()) {
            invariants.over(now);
        }
        return steps;
    }

    private Process process(long generation) {
        return processes.stream().filter(one -> one.generation == generation).findFirst()
                .orElse(new Process(new Child(generation, 0, 0)));
    }

    private void happens(Event event) {
        switch (event) {
            case Event.Booted _ -> booted = true;
            case Event.GenerationPersisted(long number, var _) -> storing.remove(number);
            case Event.ManifestSaved(long attempt) -> manifests.remove(attempt);
            case Event.ManifestFailed(long attempt, var _) -> manifests.remove(attempt);
            case Event.LeftoversFound(int pid, var _) -> searches.put(pid, true);
            case Event.LeftoversGone(int pid) -> searches.remove(pid);
            case Event.Forked(Child child) -> processes.add(new Process(child));
            case Event.Spawned(Child child) -> process(child.generation()).executed = true;
            case Event.SpawnFailed(long number, var _) -> dies(process(number));
            case Event.ChildExited end -> processes.stream().toList().forEach(one -> {
                one.first = one.first == end.pid() ? 0 : one.first;
                if (one.alive && one.pid == end.pid()) {
                    dies(one);
                }
            });
            case Event.DaemonEvent told -> {
                lastGone = told.generation() == lastGone ? 0 : lastGone;
                says(process(told.generation()), told);
            }
            case Event.RequestEvent asked -> {
                lastId = asked.id();
                open.add(asked.id());
            }
            // nothing is left out without having been named: the compiler asks for a new one
            case Event.AllProcessesGone _, Event.SignalReceived _, Event.DeadlinePassed _,
                    Event.ReloadCommandFinished _, Event.CheckFinished _, Event.StopCommandFinished _,
                    Event.ConfigurationEvent _, Event.CallerDisconnected _ -> { }
        }
    }

    private void dies(Process one) {
        one.alive = false;
        if (!one.attached) {
            processes.remove(one);
            lastGone = one.generation;
        }
    }

    private void says(Process one, Event.DaemonEvent told) {
        switch (told) {
            case Event.MainPidChanged main -> {
                one.first = one.pid;
                one.pid = main.pid();
            }
            case Event.DaemonAttached _ -> one.attached = true;
            case Event.DaemonDetached _ -> {
                one.attached = false;
                one.fences = 0;
                one.draining = false;
                if (!one.alive) {
                    processes.remove(one);
                    lastGone = one.generation;
                }
            }
            case Event.WorkBegun _ -> one.work = 1;
            case Event.WorkEnded _ -> one.work = 0;
            case Event.DaemonFenced _ -> {
                one.fences--;
                one.fenced = true;
            }
            case Event.DaemonDrained _ -> one.draining = false;
            case Event.DaemonReady _, Event.DaemonNotReady _, Event.DaemonFailed _, Event.DaemonHung _,
                    Event.DaemonReloading _, Event.DaemonStopping _, Event.WatchdogPing _,
                    Event.WatchdogChanged _, Event.TimeoutExtended _, Event.WorkReported _,
                    Event.PreflightFinished _ -> { }
        }
    }

    private void perform(Effect effect) {
        switch (effect) {
            case Effect.PersistGeneration(long number) -> storing.add(number);
            case Effect.SaveManifest keep -> manifests.add(keep.attempt());
            case Effect.StopLeftovers(Child child, var _) -> searches.put(child.pid(), false);
            case Effect.KillGroup(Child child) -> kill(child.pid());
            case Effect.SignalAllOthers(Signal signal) when signal.equals(Signal.KILL) ->
                    processes.forEach(one -> kill(one.pid));
            case Effect.SendToDaemon(long number, DaemonCommand notice) -> hears(process(number), notice);
            case Effect.FinishRequest(long id, var _) -> open.remove(id);
            case Effect.Spawn _, Effect.SendSignal _, Effect.KillLeftovers _, Effect.SignalAllOthers _,
                    Effect.PersistFailureCount _, Effect.ConfigurationEffect _, Effect.RecordExit _,
                    Effect.LogWarning _, Effect.LogRefusal _, Effect.WriteTerminationMessage _,
                    Effect.RunPreflight _, Effect.RunCheck _, Effect.RunStopCommand _,
                    Effect.RunReloadCommand _, Effect.AcceptRequest _ -> { }
        }
    }

    private void kill(int pid) {
        processes.stream().filter(one -> one.pid == pid).forEach(one -> one.killed = true);
    }

    private static void hears(Process one, DaemonCommand notice) {
        if (!one.attached || !one.alive) {
            return;
        }
        switch (notice) {
            case DaemonCommand.Fence _ -> one.fences++;
            case DaemonCommand.Drain _ -> {
                one.draining = true;
                one.fenced = true;
            }
            case DaemonCommand.Unfence _ -> {
                one.fences = 0;
                one.fenced = false;
                one.draining = false;
            }
            case DaemonCommand.Reload _, DaemonCommand.Stopping _ -> { }
        }
    }

    /** The same number for each situation in which the same can follow. */
    long key() {
        Canonical out = new Canonical(now, state.generation(), open);
        CanonicalState.print(state, out);
        for (Process one : processes) {
            out.generation(one.generation);
            out.pid(one.pid);
            out.pid(one.first);
            out.flags(one.executed, one.alive, one.killed, one.attached, one.fenced, one.draining);
            out.number(one.work | one.fences << 2);
        }
        storing.forEach(out::generation);
        manifests.forEach(attempt -> out.number(state.history().manifests() - attempt));
        searches.forEach((pid, found) -> {
            out.pid(pid);
            out.flag(found);
        });
        out.generation(lastGone);
        out.flag(booted);
        invariants.print(out);
        return out.value();
    }
}
