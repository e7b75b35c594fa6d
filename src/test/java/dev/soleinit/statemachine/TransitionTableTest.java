package dev.soleinit.statemachine;

import dev.soleinit.docs.Generated;
import dev.soleinit.process.Child;
import dev.soleinit.process.ExitStatus;
import dev.soleinit.process.RestartMode;
import dev.soleinit.process.Signal;
import dev.soleinit.process.SpawnError;
import dev.soleinit.statemachine.model.Event;
import dev.soleinit.statemachine.model.Phase;
import dev.soleinit.statemachine.settings.Policy;
import dev.soleinit.statemachine.settings.ReadySettings.Source;
import dev.soleinit.statemachine.state.State;
import dev.soleinit.statemachine.state.Step;
import dev.soleinit.statemachine.work.PreflightVerdict;
import dev.soleinit.statemachine.work.WorkItem;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Every phase with every goal it can have, times every event: {@code transitions.txt}. */
class TransitionTableTest {
    private static final Child CHILD = new Child(1, 10, 1);
    private static final long SECOND = 1_000_000_000L;

    private static Map<String, Event> events() {
        Map<String, Event> events = new LinkedHashMap<>();
        events.put("booted", new Event.Booted());
        events.put("stored", new Event.GenerationPersisted(1, Optional.empty()));
        events.put("not stored", new Event.GenerationPersisted(1, Optional.of("no space left")));
        events.put("forked", new Event.Forked(CHILD));
        events.put("spawned", new Event.Spawned(CHILD));
        events.put("spawn failed", new Event.SpawnFailed(1,
                new SpawnError(SpawnError.Kind.RESOURCES, "no process left")));
        events.put("ended 0", new Event.ChildExited(10, new ExitStatus.Exited(0)));
        events.put("ended 75", new Event.ChildExited(10, new ExitStatus.Exited(75)));
        events.put("ended KILL", new Event.ChildExited(10, new ExitStatus.Signaled(Signal.KILL, false)));
        events.put("another ended", new Event.ChildExited(11, new ExitStatus.Exited(0)));
        events.put("nobody left", new Event.AllProcessesGone());
        events.put("leftovers found", new Event.LeftoversFound(10, "process 50 (child)"));
        events.put("leftovers gone", new Event.LeftoversGone(10));
        events.put("TERM", new Event.SignalReceived(Signal.TERM));
        events.put("INT", new Event.SignalReceived(Signal.INT));
        events.put("HUP", new Event.SignalReceived(Signal.HUP));
        events.put("deadline", new Event.DeadlinePassed());
        events.put("ready", new Event.DaemonReady(1, Source.ATTACH));
        events.put("ready, older", new Event.DaemonReady(0, Source.ATTACH));
        events.put("stopping", new Event.DaemonStopping(1));
        events.put("not ready", new Event.DaemonNotReady(2));
        events.put("alive", new Event.WatchdogPing(1));
        events.put("watchdog", new Event.WatchdogChanged(1, Duration.ofSeconds(15)));
        events.put("hung", new Event.DaemonHung(1, "frozen"));
        events.put("reloading", new Event.DaemonReloading(1, 100 * SECOND));
        events.put("main", new Event.MainPidChanged(1, 12, 5));
        events.put("extend", new Event.TimeoutExtended(1, Duration.ofSeconds(20)));
        events.put("failed", new Event.DaemonFailed(1, "cannot"));
        events.put("attached", new Event.DaemonAttached(1));
        events.put("detached", new Event.DaemonDetached(1));
        events.put("fenced", new Event.DaemonFenced(1));
        events.put("drained", new Event.DaemonDrained(1));
        events.put("work begun", new Event.WorkBegun(1, item("s2")));
        events.put("work ended", new Event.WorkEnded(1, "s1"));
        events.put("work reported", new Event.WorkReported(1, List.of()));
        events.put("looked", new Event.PreflightFinished(1, new PreflightVerdict(PreflightVerdict.Verdict.BUSY, "a backup")));
        events.put("manifest kept", new Event.ManifestSaved(1));
        events.put("manifest failed", new Event.ManifestFailed(1, "no space"));
        events.put("check passed", new Event.CheckFinished(1, Optional.empty()));
        events.put("check failed", new Event.CheckFinished(1, Optional.of("exit 1")));
        events.put("config read", new Event.ConfigurationRead(2, "a"));
        events.put("config kept", new Event.ConfigurationKept("a", true));
        events.put("config restored", new Event.ConfigurationRestored(true, "put back"));
        events.put("not restored", new Event.ConfigurationRestored(false, "disk full"));
        events.put("reload ran", new Event.ReloadCommandFinished(2, Optional.of("exited 1")));
        events.put("stop ran", new Event.StopCommandFinished(1, Optional.of("exited 1")));
        events.put("caller left", new Event.CallerDisconnected(9));
        events.put("start asked", new Event.StartRequested(1));
        events.put("stop asked", new Event.StopRequested(1, "because"));
        for (RestartMode mode : RestartMode.values()) {
            events.put("restart " + mode, restart(1, mode));
        }
        events.put("reload asked", new Event.ReloadRequested(1, false));
        events.put("signal asked", new Event.SignalRequested(1, Signal.USR1));
        return events;
    }

    private static Event restart(long id, RestartMode mode) {
        return new Event.RestartRequested(id, mode, Duration.ofSeconds(10), Duration.ofMinutes(5),
                Set.of(), false, Optional.empty(), false, false, false);
    }

    private static WorkItem item(String id) {
        return new WorkItem(id, "session", "", true, Optional.empty(), "", 90 * SECOND);
    }

    /** States as they come about, at 100 s. */
    private static Map<String, State> states() {
        Map<String, State> states = new LinkedHashMap<>();
        State fresh = State.initial(settings(), 0, 0);
        State spawning = step(fresh, 0, new Event.Booted());
        State starting = step(step(spawning, 0, new Event.GenerationPersisted(1, Optional.empty())), 0,
                new Event.Forked(CHILD));
        State ready = step(starting, 1, new Event.DaemonReady(1, Source.ATTACH));
        State failed = step(step(starting, 2, new Event.ChildExited(10, new ExitStatus.Exited(1))), 2,
                new Event.LeftoversGone(10));
        states.put("Idle UP (before boot)", fresh);
        states.put("Idle DOWN (held)", step(failed, 3, new Event.StopRequested(9, "because")));
        states.put("Spawning UP", spawning);
        states.put("Spawning UP (signals wait)", step(spawning, 3, new Event.SignalReceived(Signal.HUP)));
        states.put("Starting UP", starting);
        states.put("Ready UP (healthy)", ready);
        states.put("Terminating UP (not ready in time)", step(starting, 99,
                new Event.DeadlinePassed()));
        states.put("Terminating RESTART", step(ready, 99,
                restart(9, RestartMode.IMMEDIATE)));
        State busy = step(step(ready, 90, new Event.DaemonAttached(1)), 90,
                new Event.WorkBegun(1, item("s1")));
        states.put("Ready UP (busy)", busy);
        states.put("Ready UP (its end is held)", step(busy, 100, new Event.ChildExited(10,
                new ExitStatus.Exited(1))));
        states.put("Ready UP (a safe restart waits)", step(busy, 99, restart(9, RestartMode.SAFE)));
        states.put("Draining RESTART (draining)", step(busy, 99, restart(9, RestartMode.GRACEFUL)));
        states.put("Draining RESTART (fencing)", step(step(busy, 98, new Event.WorkEnded(1, "s1")),
                99, restart(9, RestartMode.SAFE)));
        states.put("Draining RESTART (keeping)", step(busy, 99, restart(9, RestartMode.FORCE)));
        states.put("Reloading UP", step(busy, 99, new Event.ReloadRequested(9, false)));
        states.put("Reloading UP (silent)", step(ready, 99, new Event.ReloadRequested(9, false)));
        State checking = step(checked(ready), 99, restart(9, RestartMode.GRACEFUL));
        states.put("Ready UP (a restart is checked)", checking);
        State stopping = step(ready, 99, new Event.StopRequested(9, "because"));
        states.put("Terminating DOWN", stopping);
        State ending = step(ready, 99, new Event.SignalReceived(Signal.TERM));
        states.put("Terminating EXIT", ending);
        states.put("StopDelayed EXIT", step(with(ready, PolicyBuilder.from(ready.settings())
                .stopDelay(Duration.ofSeconds(3)).build()), 99, new Event.SignalReceived(Signal.TERM)));
        states.put("Killing DOWN", step(stopping, 99, new Event.DeadlinePassed()));
        states.put("Killing EXIT", step(ending, 99, new Event.DeadlinePassed()));
        states.put("BackingOff UP", failed);
        State looking = step(step(ready, 98, restart(9, RestartMode.IMMEDIATE)), 98,
                new Event.ChildExited(10, new ExitStatus.Exited(0)));
        states.put("ClearingLeftovers RESTART (looking)", looking);
        State clearing = step(looking, 98, new Event.LeftoversFound(10, "process 50 (child)"));
        states.put("ClearingLeftovers RESTART (stopping)", clearing);
        states.put("ClearingLeftovers RESTART (killing)",
                step(clearing, 100, new Event.DeadlinePassed()));
        states.put("ClearingLeftovers DOWN", step(clearing, 99, new Event.StopRequested(8, "because")));
        states.put("ClearingLeftovers UP (a backoff runs)", step(step(starting, 99,
                new Event.ChildExited(10, new ExitStatus.Exited(1))), 99,
                new Event.LeftoversFound(10, "process 50 (child)")));
        State sweeping = step(ending, 99, new Event.ChildExited(10, new ExitStatus.Exited(0)));
        states.put("Sweeping EXIT", sweeping);
        states.put("Done EXIT", step(sweeping, 99, new Event.AllProcessesGone()));
        return states;
    }

    private static Policy settings() {
        return PolicyBuilder.fromDefaults().readyWhenSpawned(false).build();
    }

    /** The same with a check command. */
    private static State checked(State s) {
        return with(s, PolicyBuilder.from(s.settings()).checks(true).build());
    }

    private static State with(State s, Policy policy) {
        return new State(policy, s.intent(), s.phase(), s.history(), s.launch(), s.requests(),
                s.daemon(), s.restarts(), s.other());
    }

    private static State step(State state, long second, Event event) {
        return SupervisorStateMachine.step(state, event, second * SECOND, 0.5).state();
    }

    @Test
    void everyPhaseDecidesEveryEvent() throws IOException {
        StringBuilder table = new StringBuilder("Each state at 100 s, times each event."
                + " '-' is: nothing happens.\n");
        states().forEach((name, state) -> {
            table.append('\n').append(name).append('\n');
            events().forEach((word, event) -> {
                Step step = SupervisorStateMachine.step(state, event, 100 * SECOND, 0.5);
                boolean same = step.state().equals(state) && step.effects().isEmpty();
                table.append(same ? String.format("  %-16s -%n", word)
                        : String.format("  %-16s %s | %s%n", word, TransitionFormatter.phase(step.state()),
                                TransitionFormatter.effects(step.effects())));
            });
        });
        GoldenFile.check("transitions.txt", table.toString());
    }

    @Test
    void thePictureShowsTheTable() throws IOException {
        PhaseDiagram diagram = new PhaseDiagram();
        states().values().forEach(state -> events().forEach((word, event) -> diagram.add(state.phase(),
                SupervisorStateMachine.step(state, event, 100 * SECOND, 0.5).state().phase(), word)));
        Generated.check(Path.of("docs/phases.svg"), diagram.svg());
    }

    @Test
    void theTableKnowsEveryEvent() {
        Kinds.checkAllMet(Event.class, events().values().stream().map(Kinds::name).toList(),
                "put one of each into events() of this class");
    }

    @Test
    void theTableKnowsEveryPhase() {
        Kinds.checkAllMet(Phase.class, states().values().stream()
                .map(state -> Kinds.name(state.phase())).toList(),
                "put a state of each into states() of this class");
    }
}
