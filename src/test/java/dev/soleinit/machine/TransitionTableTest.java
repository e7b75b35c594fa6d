package dev.soleinit.machine;

import dev.soleinit.docs.Generated;
import dev.soleinit.process.Child;
import dev.soleinit.process.ExitStatus;
import dev.soleinit.process.Signal;
import dev.soleinit.process.SpawnError;
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
        events.put("stored", new Event.GenerationStored(1, Optional.empty()));
        events.put("not stored", new Event.GenerationStored(1, Optional.of("no space left")));
        events.put("forked", new Event.Forked(CHILD));
        events.put("spawned", new Event.Spawned(CHILD));
        events.put("spawn failed", new Event.SpawnFailed(
                new SpawnError(SpawnError.Kind.RESOURCES, "no process left")));
        events.put("ended 0", new Event.Ended(10, new ExitStatus.Exited(0)));
        events.put("ended 75", new Event.Ended(10, new ExitStatus.Exited(75)));
        events.put("ended KILL", new Event.Ended(10, new ExitStatus.Signaled(Signal.KILL, false)));
        events.put("another ended", new Event.Ended(11, new ExitStatus.Exited(0)));
        events.put("nobody left", new Event.NobodyLeft());
        events.put("leftovers found", new Event.LeftoversFound("process 50 (child)"));
        events.put("leftovers gone", new Event.LeftoversGone());
        events.put("TERM", new Event.SignalCame(Signal.TERM));
        events.put("INT", new Event.SignalCame(Signal.INT));
        events.put("HUP", new Event.SignalCame(Signal.HUP));
        events.put("deadline", new Event.DeadlinePassed());
        events.put("ready", new Event.ReadyTold(1));
        events.put("ready, older", new Event.ReadyTold(0));
        events.put("stopping", new Event.StoppingTold(1));
        events.put("not ready", new Event.NotReadyTold(2));
        events.put("alive", new Event.AliveTold(1));
        events.put("watchdog", new Event.WatchdogChanged(1, Duration.ofSeconds(15)));
        events.put("hung", new Event.HungTold(1, "frozen"));
        events.put("reloading", new Event.ReloadingTold(1, 100 * SECOND));
        events.put("main", new Event.MainTold(1, 12, 5));
        events.put("extend", new Event.ExtendTold(1, Duration.ofSeconds(20)));
        events.put("failed", new Event.FailedTold(1, "cannot"));
        events.put("attached", new Event.AttachedTold(1));
        events.put("detached", new Event.DetachedTold(1));
        events.put("fenced", new Event.FencedTold(1));
        events.put("drained", new Event.DrainedTold(1));
        events.put("work begun", new Event.WorkBegun(1, item("s2")));
        events.put("work ended", new Event.WorkEnded(1, "s1"));
        events.put("work reported", new Event.WorkReported(1, List.of()));
        events.put("looked", new Event.Looked(1, new Look(Look.Verdict.BUSY, "a backup")));
        events.put("manifest kept", new Event.ManifestKept());
        events.put("manifest failed", new Event.ManifestFailed("no space"));
        events.put("check passed", new Event.CheckFinished(1, Optional.empty()));
        events.put("check failed", new Event.CheckFinished(1, Optional.of("exit 1")));
        events.put("reload ran", new Event.ReloadRan(2, Optional.of("exited 1")));
        events.put("stop ran", new Event.StopRan(1, Optional.of("exited 1")));
        events.put("caller left", new Event.CallerLeft(9));
        events.put("start asked", new Event.StartAsked(1));
        events.put("stop asked", new Event.StopAsked(1, "because"));
        for (Mode mode : Mode.values()) {
            events.put("restart " + mode, restart(1, mode));
        }
        events.put("reload asked", new Event.ReloadAsked(1, false));
        events.put("signal asked", new Event.SignalAsked(1, Signal.USR1));
        return events;
    }

    private static Event restart(long id, Mode mode) {
        return new Event.RestartAsked(id, mode, Duration.ofSeconds(10), Duration.ofMinutes(5),
                Set.of(), false, Optional.empty(), false, false);
    }

    private static Item item(String id) {
        return new Item(id, "session", "", true, Optional.empty(), "", 90 * SECOND);
    }

    /** States as they come about, at 100 s. */
    private static Map<String, State> states() {
        Map<String, State> states = new LinkedHashMap<>();
        State fresh = State.initial(settings(), 0, 0);
        State spawning = step(fresh, 0, new Event.Booted());
        State starting = step(step(spawning, 0, new Event.GenerationStored(1, Optional.empty())), 0,
                new Event.Forked(CHILD));
        State ready = step(starting, 1, new Event.ReadyTold(1));
        State failed = step(step(starting, 2, new Event.Ended(10, new ExitStatus.Exited(1))), 2,
                new Event.LeftoversGone());
        states.put("Idle UP (before boot)", fresh);
        states.put("Idle DOWN (held)", step(failed, 3, new Event.StopAsked(9, "because")));
        states.put("Spawning UP", spawning);
        states.put("Spawning UP (signals wait)", step(spawning, 3, new Event.SignalCame(Signal.HUP)));
        states.put("Starting UP", starting);
        states.put("Ready UP (healthy)", ready);
        states.put("Terminating UP (not ready in time)", step(starting, 99,
                new Event.DeadlinePassed()));
        states.put("Terminating RESTART", step(ready, 99,
                restart(9, Mode.IMMEDIATE)));
        State busy = step(step(ready, 90, new Event.AttachedTold(1)), 90,
                new Event.WorkBegun(1, item("s1")));
        states.put("Ready UP (busy)", busy);
        states.put("Ready UP (its end is held)", step(busy, 100, new Event.Ended(10,
                new ExitStatus.Exited(1))));
        states.put("Ready UP (a safe restart waits)", step(busy, 99, restart(9, Mode.SAFE)));
        states.put("Draining RESTART (draining)", step(busy, 99, restart(9, Mode.GRACEFUL)));
        states.put("Draining RESTART (fencing)", step(step(busy, 98, new Event.WorkEnded(1, "s1")),
                99, restart(9, Mode.SAFE)));
        states.put("Draining RESTART (keeping)", step(busy, 99, restart(9, Mode.FORCE)));
        states.put("Reloading UP", step(busy, 99, new Event.ReloadAsked(9, false)));
        states.put("Reloading UP (silent)", step(ready, 99, new Event.ReloadAsked(9, false)));
        State checking = step(checked(ready), 99, restart(9, Mode.GRACEFUL));
        states.put("Ready UP (a restart is checked)", checking);
        State stopping = step(ready, 99, new Event.StopAsked(9, "because"));
        states.put("Terminating DOWN", stopping);
        State ending = step(ready, 99, new Event.SignalCame(Signal.TERM));
        states.put("Terminating EXIT", ending);
        states.put("Killing DOWN", step(stopping, 99, new Event.DeadlinePassed()));
        states.put("Killing EXIT", step(ending, 99, new Event.DeadlinePassed()));
        states.put("BackingOff UP", failed);
        State looking = step(step(ready, 98, restart(9, Mode.IMMEDIATE)), 98,
                new Event.Ended(10, new ExitStatus.Exited(0)));
        states.put("ClearingLeftovers RESTART (looking)", looking);
        State clearing = step(looking, 98, new Event.LeftoversFound("process 50 (child)"));
        states.put("ClearingLeftovers RESTART (stopping)", clearing);
        states.put("ClearingLeftovers RESTART (killing)",
                step(clearing, 100, new Event.DeadlinePassed()));
        states.put("ClearingLeftovers DOWN", step(clearing, 99, new Event.StopAsked(8, "because")));
        states.put("ClearingLeftovers UP (a backoff runs)", step(step(starting, 99,
                new Event.Ended(10, new ExitStatus.Exited(1))), 99,
                new Event.LeftoversFound("process 50 (child)")));
        State sweeping = step(ending, 99, new Event.Ended(10, new ExitStatus.Exited(0)));
        states.put("Sweeping EXIT", sweeping);
        states.put("Done EXIT", step(sweeping, 99, new Event.NobodyLeft()));
        return states;
    }

    private static Settings settings() {
        Settings d = Settings.defaults();
        return new Settings(d.restart(), d.backoffInitial(), d.backoffMax(), d.backoffJitter(),
                d.healthyAfter(), d.crashLoopAfter(), d.giveUpAfter(), d.stopTimeout(),
                d.containerStopTimeout(), d.forceGrace(), d.sweepGrace(), Duration.ofSeconds(60),
                false, d.forwardTo(), d.rewrite(), d.successExit(),
                d.coordination(), d.leftovers(), Optional.empty());
    }

    /** The same with a check command. */
    private static State checked(State s) {
        Settings d = s.settings();
        Coordination c = d.coordination();
        Settings checked = new Settings(d.restart(), d.backoffInitial(), d.backoffMax(),
                d.backoffJitter(), d.healthyAfter(), d.crashLoopAfter(), d.giveUpAfter(),
                d.stopTimeout(), d.containerStopTimeout(), d.forceGrace(), d.sweepGrace(),
                d.readyTimeout(), false, d.forwardTo(), d.rewrite(), d.successExit(),
                new Coordination(c.cooldown(), c.lookInterval(), c.sayInterval(),
                        c.fenceTimeout(), c.looks(), c.reloadSignal(), c.reloadCommand(),
                        c.reloadProbed(), c.reloadTold(), c.stopCommand(), true, c.watchdog()),
                d.leftovers(), Optional.empty());
        return new State(checked, s.goal(), s.phase(), s.generation(), s.everSpawned(), s.failures(),
                s.failuresHere(), s.askedInARow(), s.early(), s.waiting(), s.ending(), s.hold(),
                s.arguments(), s.ends(), s.work(), s.desk());
    }

    private static State step(State state, long second, Event event) {
        return SupervisorMachine.step(state, event, second * SECOND, 0.5).state();
    }

    @Test
    void everyPhaseDecidesEveryEvent() throws IOException {
        StringBuilder table = new StringBuilder("Each state at 100 s, times each event."
                + " '-' is: nothing happens.\n");
        states().forEach((name, state) -> {
            table.append('\n').append(name).append('\n');
            events().forEach((word, event) -> {
                Step step = SupervisorMachine.step(state, event, 100 * SECOND, 0.5);
                boolean same = step.state().equals(state) && step.effects().isEmpty();
                table.append(same ? String.format("  %-16s -%n", word)
                        : String.format("  %-16s %s | %s%n", word, Telling.phase(step.state()),
                                Telling.effects(step.effects())));
            });
        });
        Golden.check("transitions.txt", table.toString());
    }

    @Test
    void thePictureShowsTheTable() throws IOException {
        PhaseDiagram diagram = new PhaseDiagram();
        states().values().forEach(state -> events().forEach((word, event) -> diagram.add(state.phase(),
                SupervisorMachine.step(state, event, 100 * SECOND, 0.5).state().phase(), word)));
        Generated.check(Path.of("docs/phases.svg"), diagram.svg());
    }

    @Test
    void theTableKnowsEveryEvent() {
        List<String> told = events().values().stream()
                .map(event -> event.getClass().getSimpleName()).distinct().sorted().toList();
        List<String> all = java.util.Arrays.stream(Event.class.getPermittedSubclasses())
                .flatMap(one -> one.isSealed() ? java.util.Arrays.stream(one.getPermittedSubclasses())
                        : java.util.stream.Stream.of(one))
                .map(Class::getSimpleName).sorted().toList();
        org.junit.jupiter.api.Assertions.assertEquals(all, told);
    }
}
