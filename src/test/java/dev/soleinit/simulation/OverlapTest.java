package dev.soleinit.simulation;

import static java.util.Map.entry;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.soleinit.process.Child;
import dev.soleinit.process.RestartMode;
import dev.soleinit.process.Signal;
import dev.soleinit.statemachine.Kinds;
import dev.soleinit.statemachine.SupervisorStateMachine;
import dev.soleinit.statemachine.model.DaemonCommand;
import dev.soleinit.statemachine.model.DaemonProcess;
import dev.soleinit.statemachine.model.Effect;
import dev.soleinit.statemachine.model.Event;
import dev.soleinit.statemachine.model.RequestOutcome;
import dev.soleinit.statemachine.model.RequestOutcome.Result;
import dev.soleinit.statemachine.settings.ReadySettings.Source;
import dev.soleinit.statemachine.state.HeldExit;
import dev.soleinit.statemachine.state.OpenRequest.Kind;
import dev.soleinit.statemachine.state.OtherProcess.Role;
import dev.soleinit.statemachine.state.State;
import dev.soleinit.statemachine.state.Step;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Two processes at once: many lives, everything that can happen after a successor was spawned, and
 * machines that are broken on purpose. {@code -Doverlap.lives=20000 -Dwalk.seconds=120} goes further.
 */
class OverlapTest {
    private static final long LIVES = Long.getLong("overlap.lives", 4_000);
    private static final long MAX_LIVES_OF_A_BUG = 20_000;
    /** What does not come in these lives while there are two, and why. */
    private static final Map<String, String> NOT_BESIDE = Map.ofEntries(
            entry("Booted", "comes first of all"), entry("CheckFinished", "there is no check command"),
            entry("PreflightFinished", "there is no preflight command"),
            entry("ReloadCommandFinished", "there is no reload command"),
            entry("StopCommandFinished", "there is no stop command"),
            entry("ConfigurationRead", "no configuration is kept"),
            entry("ConfigurationKept", "the same"), entry("ConfigurationRestored", "the same"),
            entry("DaemonNotReady", "there are no probes"),
            entry("WatchdogPing", "no watchdog is set"), entry("WatchdogChanged", "the same"),
            entry("DaemonStopping", "no daemon says more than that it hangs or has failed"),
            entry("WorkReported", "work begins and ends one by one"),
            entry("CallerDisconnected", "every caller waits for its answer"));
    private static final double SECONDS = Double.parseDouble(
            System.getProperty("walk.seconds", "18")) / 3;

    @Test
    void whateverHappensTheInvariantsHold() {
        Long only = Long.getLong("seed");
        long first = only == null ? 0 : only;
        long last = only == null ? LIVES : only + 1;
        long overlaps = 0;
        long stops = 0;
        Set<String> met = new TreeSet<>();
        for (long seed = first; seed < last; seed++) {
            OverlapLife life = new OverlapLife(seed, (state, event, now, random) -> {
                if (state.other().isPresent()) {
                    met.add(Kinds.name(event));
                }
                return SupervisorStateMachine.step(state, event, now, random);
            });
            try {
                life.run();
            } catch (InvariantViolation broken) {
                fail("seed " + seed + ": " + broken.getMessage()
                        + "\nreplay: mvn test -Dtest=OverlapTest -Dseed=" + seed);
            }
            overlaps += life.overlaps();
            stops += life.stopsBehindAnEnd();
        }
        System.out.printf("two processes: %,d lives, %,d events while there were two, %,d stops while "
                + "an end was held and a successor about to start%n", last - first, overlaps, stops);
        assertTrue(only != null || stops > (last - first) / 200, "too few stops behind an end: " + stops);
        assertTrue(only != null || overlaps > 5 * (last - first), "too little of it overlaps: " + overlaps);
        if (only == null) {
            assertEquals(Set.of(), NOT_BESIDE.keySet().stream().filter(met::contains)
                    .collect(Collectors.toSet()), "they do come: take them out of NOT_BESIDE");
            met.addAll(NOT_BESIDE.keySet());
            Kinds.checkAllMet(Event.class, met, "let them come in OverlapSituation, from inside() or "
                    + "outside(), or say in NOT_BESIDE why they cannot");
        }
    }

    @Test
    void theInvariantsHoldEverywhere() {
        OverlapWalk.Result result = new OverlapWalk(SECONDS, SupervisorStateMachine::step, ".*",
                RestartMode.values()).run();
        System.out.println(result.description());
        assertTrue(result.story().isEmpty(), () -> result.story().orElseThrow());
    }

    // ---- planted bugs

    static Stream<Arguments> bugs() {
        return Stream.of(
                bug("the wrong one is killed", "graceBeforeKill", OverlapTest::killsTheCurrent),
                bug("the switch comes before it is ready", "oneCurrent|factsOfEach|readyIfTold",
                        OverlapTest::switchesEarly),
                bug("the other one is forgotten at a stop", "stopsBoth", OverlapTest::forgetsAtAStop),
                bug("nobody hears that a successor failed", "answeredOnce", effects((_, one) ->
                        !(one instanceof Effect.FinishRequest(long _, var outcome))
                                || outcome.result() != Result.FAILED)),
                bug("the work of one is taken for the other's", "factsOfEach",
                        OverlapTest::confusesFacts),
                bug("signals go to the one beside", "signalsToTheCurrent", OverlapTest::signalsTheOther),
                bug("the old one is not fenced", "fencedAtSwitch", effects((_, one) ->
                        !(one instanceof Effect.SendToDaemon(long _, DaemonCommand.Fence(String why)))
                                || why.isEmpty())),
                bug("a third process is started", "atMostTwo|oneCurrent|stopsBoth|factsOfEach",
                        OverlapTest::thirdProcess),
                bug("what the old one leaves is not kept", "cutIsNamed", effects((state, one) ->
                        !(one instanceof Effect.SaveManifest keep)
                                || keep.generation() >= state.currentGeneration())),
                bug("nobody looks at the other one's deadline", "killedInTime|endsInTime|sleeps",
                        OverlapTest::sleeps),
                bug("safe cuts the old one", "safeNeverCuts|currentIsLeftAlone", OverlapTest::cutsSafe),
                bug("it is down while one lives", "downIfTold", OverlapTest::downEarly),
                bug("a failed successor takes the current one along", "currentIsLeftAlone",
                        OverlapTest::failsTogether),
                bug("a successor does not wait for its number", "storedFirst", OverlapTest::unstored),
                bug("the old one is unfenced", "neverUnfenced", OverlapTest::unfences),
                bug("a fence is waited for without end", "freesTheSlot", OverlapTest::waitsForEver),
                bug("it is woken for nothing", "sleeps", OverlapTest::spins),
                bug("who stops again stops one", "stopsAgain", OverlapTest::stopsOneAgain),
                bug("a successor starts past a stop that waits", "stopWins", OverlapTest::overtakes),
                bug("what waits behind an end becomes a plain stop", "heardAfterTheEnd",
                        OverlapTest::plainAfterTheEnd));
    }

    /** The shortest way there is no longer than an end, a stop and the answer of the disk. */
    @Test
    void theWalkFindsAStopThatIsOvertaken() {
        OverlapWalk.Result result = new OverlapWalk(60, OverlapTest::overtakes, "stopWins",
                RestartMode.IMMEDIATE).run();
        assertTrue(result.story().isPresent(), result.description());
        assertEquals(2, result.depth(), () -> result.story().orElseThrow());
    }

    private static Arguments bug(String name, String invariant, StepFunction machine) {
        return Arguments.of(name, invariant, machine);
    }

    @ParameterizedTest(name = "{0} -> {1}")
    @MethodSource("bugs")
    void theInvariantCatchesTheBug(String name, String invariant, StepFunction machine) {
        Map<String, Integer> caught = new TreeMap<>();
        for (long seed = 0; seed < MAX_LIVES_OF_A_BUG; seed++) {
            try {
                new OverlapLife(seed, machine).run();
            } catch (InvariantViolation broken) {
                String found = broken.getMessage().split(":")[0];
                if (found.matches(invariant)) {
                    return;
                }
                caught.merge(found, 1, Integer::sum);
            }
        }
        fail("'" + name + "' should break " + invariant + ", but it broke " + caught);
    }

    private static Step real(State state, Event event, long now, double random) {
        return SupervisorStateMachine.step(state, event, now, random);
    }

    private static StepFunction effects(BiFunction<State, Effect, Boolean> keep) {
        return (state, event, now, random) -> {
            Step step = real(state, event, now, random);
            return new Step(step.state(), step.effects().stream()
                    .filter(one -> keep.apply(step.state(), one)).toList());
        };
    }

    private static Step also(Step step, Effect effect) {
        List<Effect> more = new ArrayList<>(step.effects());
        more.add(effect);
        return new Step(step.state(), more);
    }

    private static Optional<DaemonProcess> current(State state) {
        return state.phase().current();
    }

    private static boolean isOther(State state, long generation) {
        return state.other().isPresent() && state.other().get().generation() == generation;
    }

    private static Step killsTheCurrent(State state, Event event, long now, double random) {
        Step step = real(state, event, now, random);
        return current(state).isEmpty() ? step : new Step(step.state(), step.effects().stream()
                .map(one -> one instanceof Effect.KillGroup(Child child)
                        && isOther(state, child.generation())
                        ? new Effect.KillGroup(current(state).get().child()) : one).toList());
    }

    private static Step switchesEarly(State state, Event event, long now, double random) {
        Step step = real(state, event, now, random);
        if (!(event instanceof Event.Spawned(Child child)) || !isOther(state, child.generation())) {
            return step;
        }
        Step next = real(step.state(), new Event.DaemonReady(child.generation(), Source.ATTACH), now, random);
        List<Effect> all = new ArrayList<>(step.effects());
        all.addAll(next.effects());
        return new Step(next.state(), all);
    }

    private static Step forgetsAtAStop(State state, Event event, long now, double random) {
        boolean stops = event instanceof Event.StopRequested
                || event instanceof Event.SignalReceived(Signal signal) && signal.equals(Signal.TERM);
        if (!stops || state.other().isEmpty()) {
            return real(state, event, now, random);
        }
        Step step = real(state.withOther(Optional.empty()), event, now, random);
        return new Step(step.state().withOther(state.other()), step.effects());
    }

    private static Step confusesFacts(State state, Event event, long now, double random) {
        return event instanceof Event.WorkBegun(long told, var item) && isOther(state, told)
                && current(state).isPresent() ? real(state, new Event.WorkBegun(
                        current(state).get().child().generation(), item), now, random)
                : real(state, event, now, random);
    }

    private static Step signalsTheOther(State state, Event event, long now, double random) {
        Step step = real(state, event, now, random);
        boolean handedOn = event instanceof Event.SignalReceived(Signal signal)
                && signal.equals(Signal.HUP);
        return handedOn && state.other().flatMap(one -> one.process()).isPresent()
                ? also(step, new Effect.SendSignal(state.other().get().process().get().child(),
                        Signal.HUP, false)) : step;
    }

    private static Step thirdProcess(State state, Event event, long now, double random) {
        return event instanceof Event.RestartRequested asked && asked.overlap()
                ? real(state.withOther(Optional.empty()), event, now, random)
                : real(state, event, now, random);
    }

    private static Step sleeps(State state, Event event, long now, double random) {
        boolean theirs = event instanceof Event.DeadlinePassed && state.other().isPresent()
                && now >= state.other().get().deadline() && now < state.ownDeadline();
        return theirs ? new Step(state, List.of()) : real(state, event, now, random);
    }

    private static Step cutsSafe(State state, Event event, long now, double random) {
        return event instanceof Event.RestartRequested asked && asked.mode() == RestartMode.SAFE
                ? real(state, new Event.RestartRequested(asked.id(), RestartMode.IMMEDIATE, asked.drain(),
                        asked.maxWait(), asked.ignored(), asked.machine(), asked.arguments(),
                        asked.assumeIdle(), asked.unchecked(), asked.overlap()), now, random)
                : real(state, event, now, random);
    }

    private static Step waitsForEver(State state, Event event, long now, double random) {
        return event instanceof Event.RestartRequested asked && asked.mode() == RestartMode.SAFE
                ? real(state, new Event.RestartRequested(asked.id(), RestartMode.SAFE, asked.drain(),
                        Duration.ZERO, asked.ignored(), asked.machine(), asked.arguments(),
                        asked.assumeIdle(), asked.unchecked(), asked.overlap()), now, random)
                : real(state, event, now, random);
    }

    /** As it once was while a restart waited for a successor to be up. */
    private static Step spins(State state, Event event, long now, double random) {
        Step step = real(state, event, now, random);
        State next = step.state();
        return next.hasSuccessor() && next.requests().hasPending()
                ? new Step(next.with(next.restarts().wake(0)), step.effects()) : step;
    }

    private static Step stopsOneAgain(State state, Event event, long now, double random) {
        Step step = real(state, event, now, random);
        return state.ending().isEmpty() || !(event instanceof Event.SignalReceived) ? step
                : new Step(step.state(), step.effects().stream()
                        .filter(one -> !(one instanceof Effect.SendSignal(Child child, Signal _, boolean _)
                                && isOther(state, child.generation()))).toList());
    }

    private static Step downEarly(State state, Event event, long now, double random) {
        Step step = real(state, event, now, random);
        boolean early = event instanceof Event.LeftoversGone && step.state().other().isPresent();
        if (!early) {
            return step;
        }
        for (var one : step.state().requests().all()) {
            if (one.kind() == Kind.STOP) {
                return also(step, new Effect.FinishRequest(one.id(),
                        new RequestOutcome(Result.COMPLETE, "down", 0)));
            }
        }
        return step;
    }

    private static Step failsTogether(State state, Event event, long now, double random) {
        Step step = real(state, event, now, random);
        return event instanceof Event.DaemonFailed(long told, var _) && isOther(state, told)
                && current(step.state()).isPresent() ? also(step, new Effect.SendSignal(
                        current(step.state()).get().child(), Signal.TERM, false)) : step;
    }

    private static Step unstored(State state, Event event, long now, double random) {
        Step step = real(state, event, now, random);
        boolean begins = state.other().isEmpty() && step.state().other()
                .filter(one -> one.role() == Role.SUCCESSOR).isPresent();
        return begins ? also(step, new Effect.Spawn(step.state().generation(), Optional.empty()))
                : step;
    }

    private static Step unfences(State state, Event event, long now, double random) {
        Step step = real(state, event, now, random);
        return event instanceof Event.DaemonFenced(long told) && isOther(state, told)
                ? also(step, new Effect.SendToDaemon(told, new DaemonCommand.Unfence())) : step;
    }

    /** As it once was: what is decided about the one beside it knows nothing of what waits. */
    private static Step overtakes(State state, Event event, long now, double random) {
        boolean starts = state.awaitsLastMessages() && state.hasSuccessor()
                && event instanceof Event.GenerationPersisted;
        if (!starts) {
            return real(state, event, now, random);
        }
        HeldExit held = state.daemon().exit().orElseThrow();
        Step step = real(state.with(state.daemon().with(Optional.of(new HeldExit(held.event(), held.at(),
                held.failure(), List.of())))), event, now, random);
        return new Step(step.state().with(state.daemon()), step.effects());
    }

    private static boolean decidesAnEnd(State state, Step step) {
        return state.awaitsLastMessages() && !step.state().awaitsLastMessages();
    }

    private static Step plainAfterTheEnd(State state, Event event, long now, double random) {
        Step step = real(state, event, now, random);
        return !decidesAnEnd(state, step) ? step : new Step(step.state(), step.effects().stream()
                .map(one -> one instanceof Effect.SendSignal(Child child, Signal _, boolean group)
                        ? new Effect.SendSignal(child, Signal.TERM, group) : one).toList());
    }
}
