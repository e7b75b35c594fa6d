package dev.soleinit.simulation;

import static org.junit.jupiter.api.Assertions.fail;

import dev.soleinit.process.Child;
import dev.soleinit.process.RestartMode;
import dev.soleinit.process.Signal;
import dev.soleinit.statemachine.PolicyBuilder;
import dev.soleinit.statemachine.SupervisorStateMachine;
import dev.soleinit.statemachine.model.DaemonCommand;
import dev.soleinit.statemachine.model.DaemonProcess;
import dev.soleinit.statemachine.model.Effect;
import dev.soleinit.statemachine.model.Event;
import dev.soleinit.statemachine.model.Phase;
import dev.soleinit.statemachine.model.RequestOutcome;
import dev.soleinit.statemachine.settings.Policy;
import dev.soleinit.statemachine.settings.ReadySettings.Source;
import dev.soleinit.statemachine.state.State;
import dev.soleinit.statemachine.state.Step;
import dev.soleinit.statemachine.work.WorkLedger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each invariant is seen to fail on a machine that is broken on purpose. */
class InvariantMutationTest {
    private static final long SEEDS = 20_000;

    static Stream<Arguments> bugs() {
        return Stream.of(
                bug("a request is forgotten", "answeredOnce", effects(InvariantMutationTest::dropFinish)),
                bug("a request is answered twice", "answeredOnce", effects(InvariantMutationTest::twice)),
                bug("a start does not wait for its number", "storedFirst",
                        effects(InvariantMutationTest::unstored)),
                bug("two processes are spawned", "oneChild", effects(InvariantMutationTest::spawnTwice)),
                bug("a generation is skipped", "generationRises", effects(InvariantMutationTest::skip)),
                bug("a signal goes to a stranger", "onlyTheLiveChild",
                        effects(InvariantMutationTest::strangers)),
                bug("a new main process is not followed", "onlyTheLiveChild",
                        (state, event, now, random) -> event instanceof Event.MainPidChanged
                                ? new Step(state, List.of())
                                : SupervisorStateMachine.step(state, event, now, random)),
                bug("the kill comes with the stop", "graceBeforeKill",
                        effects(InvariantMutationTest::impatient)),
                bug("a stop during a backoff is ignored", "stopWins|endsInTime",
                        InvariantMutationTest::deafWhileBackingOff),
                bug("backoffs end at once", "backsOff", InvariantMutationTest::noBackoff),
                bug("a restart releases a hold", "holdHolds", InvariantMutationTest::restartReleases),
                bug("an older generation's word counts", "readyIfTold",
                        InvariantMutationTest::oldWordsCount),
                bug("a planned restart backs off", "plannedRestartAtOnce",
                        InvariantMutationTest::plannedBacksOff),
                bug("a stop is answered before it is done", "downIfTold",
                        effects(InvariantMutationTest::earlyStop)),
                bug("the stop takes twice its budget", "endsInTime", InvariantMutationTest::slowStop),
                bug("more time is given for ever", "killedInTime", InvariantMutationTest::endless),
                bug("a forced end is put off", "killedInTime", InvariantMutationTest::putsOffForced),
                bug("safe becomes a plain restart", "safeNeverCuts", InvariantMutationTest::safeIsPlain),
                bug("nobody looks again under the fence", "safeNeverCuts",
                        InvariantMutationTest::blindUnderTheFence),
                bug("what a death cuts is not kept", "cutIsNamed", InvariantMutationTest::cutsSilently),
                bug("an end is decided before the last messages", "cutIsNamed",
                        InvariantMutationTest::deafToLastMessages),
                bug("an end waits for its connection for ever", "endIsDecided",
                        InvariantMutationTest::waitsForEver),
                bug("a signal goes to one that has ended", "onlyTheLiveChild",
                        InvariantMutationTest::signalsTheDead),
                bug("a fence is never lifted", "fenceEnds", effects(list -> list.stream()
                        .filter(one -> !(one instanceof Effect.SendToDaemon(long _, DaemonCommand.Unfence _))).toList())),
                bug("what is new is kept at once", "keptIfHealthy", InvariantMutationTest::keepsAtOnce),
                bug("the first failure puts it back", "putBackAfterFailures",
                        InvariantMutationTest::putsBackAtOnce),
                bug("what is put back waits for the backoff", "putBackStartsAtOnce",
                        (state, event, now, random) -> event instanceof Event.ConfigurationRestored
                                ? new Step(state, List.of())
                                : SupervisorStateMachine.step(state, event, now, random)),
                bug("a restart overlaps", "neverOverlaps", InvariantMutationTest::overlaps),
                bug("leftovers are killed at once", "leftoversGetTime",
                        effects(InvariantMutationTest::noGrace)),
                bug("leftovers are never told to stop", "leftoversGetTime|endIsDecided",
                        effects(list -> list.stream().filter(one ->
                                !(one instanceof Effect.StopLeftovers)).toList())),
                bug("leftovers have twice their grace", "leftoversAreKilled",
                        InvariantMutationTest::slowLeftovers),
                bug("a stop waits for leftovers", "stopWins|endsInTime",
                        InvariantMutationTest::deafWhileClearing),
                bug("a check that fails counts as passed", "checkedFirst",
                        InvariantMutationTest::failedCheckPasses),
                bug("force does without a check", "checkedFirst", InvariantMutationTest::forceUnchecked),
                bug("a check speaks for what came after it", "checkedFirst",
                        InvariantMutationTest::oldCheckCounts),
                bug("safe is accepted blind", "safeNeverBlind", InvariantMutationTest::safeIsBlind),
                bug("what nobody confirmed counts as done", "confirmedIfHeard",
                        effects(InvariantMutationTest::confirmAll)),
                bug("a safe restart is too patient", "requestsEnd",
                        (state, event, now, random) -> patient(10, state, event, now, random)),
                bug("a safe restart is impatient", "givesUpInTime",
                        (state, event, now, random) -> patient(0.5, state, event, now, random)));
    }

    private static Arguments bug(String name, String invariant, StepFunction machine) {
        return Arguments.of(name, invariant, machine);
    }

    @ParameterizedTest(name = "{0} -> {1}")
    @MethodSource("bugs")
    void theInvariantCatchesTheBug(String name, String invariant, StepFunction machine) {
        Map<String, Integer> caught = new TreeMap<>();
        for (long seed = 0; seed < SEEDS; seed++) {
            try {
                new SimulatedHost(seed, machine).run();
            } catch (InvariantViolation broken) {
                String what = broken.getMessage().split(":")[0];
                if (what.matches(invariant)) {
                    return;
                }
                caught.merge(what, 1, Integer::sum);
            }
        }
        fail("'" + name + "' should break " + invariant + ", but in " + SEEDS + " seeds it broke " + caught);
    }

    // ---- bugs in what is done

    private static StepFunction effects(UnaryOperator<List<Effect>> bug) {
        return (state, event, now, random) -> {
            Step step = SupervisorStateMachine.step(state, event, now, random);
            return new Step(step.state(), bug.apply(step.effects()));
        };
    }

    private static List<Effect> dropFinish(List<Effect> effects) {
        return effects.stream().filter(one -> !(one instanceof Effect.FinishRequest(long id, var _)
                && id % 3 == 0)).toList();
    }

    private static List<Effect> twice(List<Effect> effects) {
        return doubled(effects, Effect.FinishRequest.class);
    }

    private static List<Effect> spawnTwice(List<Effect> effects) {
        return doubled(effects, Effect.Spawn.class);
    }

    private static List<Effect> doubled(List<Effect> effects, Class<? extends Effect> kind) {
        List<Effect> more = new ArrayList<>(effects);
        effects.stream().filter(kind::isInstance).forEach(more::add);
        return more;
    }

    private static List<Effect> unstored(List<Effect> effects) {
        List<Effect> more = new ArrayList<>(effects);
        effects.forEach(one -> {
            if (one instanceof Effect.PersistGeneration(long next)) {
                more.add(new Effect.Spawn(next, Optional.empty()));
            }
        });
        return more;
    }

    private static List<Effect> skip(List<Effect> effects) {
        return effects.stream().map(one -> one instanceof Effect.Spawn(long next, var arguments)
                ? new Effect.Spawn(next + 1, arguments) : one).toList();
    }

    private static List<Effect> strangers(List<Effect> effects) {
        return effects.stream().map(one -> one instanceof Effect.SendSignal(var _, Signal signal, var group)
                ? new Effect.SendSignal(new Child(1, 1, 1), signal, group) : one).toList();
    }

    private static List<Effect> impatient(List<Effect> effects) {
        List<Effect> more = new ArrayList<>(effects);
        for (Effect one : effects) {
            if (one instanceof Effect.SendSignal(Child child, Signal signal, var _)
                    && signal.equals(Signal.TERM)) {
                more.add(new Effect.KillGroup(child));
            }
        }
        return more;
    }

    private static List<Effect> earlyStop(List<Effect> effects) {
        return effects.stream().map(one -> one instanceof Effect.AcceptRequest(long id, var _, var _)
                ? new Effect.FinishRequest(id, new RequestOutcome(RequestOutcome.Result.COMPLETE, "done", 0)) : one)
                .toList();
    }

    // ---- bugs in what is decided

    private static Step deafWhileBackingOff(State state, Event event, long now, double random) {
        return state.phase() instanceof Phase.BackingOff && event instanceof Event.SignalReceived
                ? new Step(state, List.of()) : SupervisorStateMachine.step(state, event, now, random);
    }

    private static Step deafWhileClearing(State state, Event event, long now, double random) {
        return state.phase() instanceof Phase.ClearingLeftovers && event instanceof Event.SignalReceived
                ? new Step(state, List.of()) : SupervisorStateMachine.step(state, event, now, random);
    }

    private static Step slowLeftovers(State state, Event event, long now, double random) {
        if (!(event instanceof Event.Booted)) {
            return SupervisorStateMachine.step(state, event, now, random);
        }
        Policy s = state.settings();
        Policy slow = PolicyBuilder.from(s).leftovers(s.leftovers().killMode(),
                s.leftovers().grace().multipliedBy(2)).build();
        return SupervisorStateMachine.step(State.initial(slow, state.generation(), state.failures()),
                event, now, random);
    }

    private static Step overlaps(State state, Event event, long now, double random) {
        Step step = SupervisorStateMachine.step(state, event, now, random);
        return event instanceof Event.LeftoversFound
                ? joined(step, SupervisorStateMachine.step(step.state(), new Event.LeftoversGone(left(step.state())), now,
                        random)) : step;
    }

    private static int left(State state) {
        return state.phase() instanceof Phase.ClearingLeftovers clearing ? clearing.child().pid() : 0;
    }

    private static List<Effect> noGrace(List<Effect> effects) {
        return effects.stream().map(one -> one instanceof Effect.StopLeftovers(Child child, var _)
                ? new Effect.KillLeftovers(child) : one).toList();
    }

    private static Step noBackoff(State state, Event event, long now, double random) {
        Step step = SupervisorStateMachine.step(state, event, now, random);
        return step.state().phase() instanceof Phase.BackingOff
                && !(state.phase() instanceof Phase.BackingOff)
                ? joined(step, SupervisorStateMachine.step(step.state(), new Event.DeadlinePassed(), now,
                        random)) : step;
    }

    private static Step restartReleases(State state, Event event, long now, double random) {
        return state.phase() instanceof Phase.Idle && event instanceof Event.RestartRequested asked
                ? SupervisorStateMachine.step(state, new Event.StartRequested(asked.id()), now, random)
                : SupervisorStateMachine.step(state, event, now, random);
    }

    private static Step oldWordsCount(State state, Event event, long now, double random) {
        return event instanceof Event.DaemonReady && state.phase() instanceof Phase.Starting starting
                ? SupervisorStateMachine.step(state, new Event.DaemonReady(
                        starting.run().child().generation(), Source.ATTACH), now, random)
                : SupervisorStateMachine.step(state, event, now, random);
    }

    private static Step plannedBacksOff(State state, Event event, long now, double random) {
        Step step = SupervisorStateMachine.step(state, event, now, random);
        boolean planned = (event instanceof Event.ChildExited || event instanceof Event.LeftoversGone)
                && step.effects().stream().anyMatch(Effect.PersistGeneration.class::isInstance);
        return planned ? new Step(step.state(), step.effects().stream()
                .filter(one -> !(one instanceof Effect.PersistGeneration)).toList()) : step;
    }

    private static Step slowStop(State state, Event event, long now, double random) {
        if (!(event instanceof Event.Booted)) {
            return SupervisorStateMachine.step(state, event, now, random);
        }
        Policy s = state.settings();
        Policy slow = PolicyBuilder.from(s).stopTimeouts(s.stop().timeout().multipliedBy(2),
                s.stop().containerTimeout().multipliedBy(2)).build();
        return SupervisorStateMachine.step(State.initial(slow, state.generation(), state.failures()),
                event, now, random);
    }

    private static Step endless(State state, Event event, long now, double random) {
        return event instanceof Event.TimeoutExtended(long _, Duration by)
                && state.phase() instanceof Phase.Terminating(var run, long killAt, var failure)
                ? new Step(state.with(new Phase.Terminating(run,
                        Math.max(killAt, now + by.toNanos()), failure)), List.of())
                : SupervisorStateMachine.step(state, event, now, random);
    }

    private static Step putsOffForced(State state, Event event, long now, double random) {
        Step step = SupervisorStateMachine.step(state, event, now, random);
        if (!(step.state().phase() instanceof Phase.Terminating stopping)
                || state.phase() instanceof Phase.Terminating) {
            return step;
        }
        DaemonProcess run = stopping.run();
        return new Step(step.state().with(stopping.with(new DaemonProcess(run.child(), run.spawnedAt(),
                run.readyAt(), run.watchdogDeadline(), run.watchdog(), now + 80_000_000_000L,
                run.origin()))),
                step.effects());
    }

    private static Step safeIsPlain(State state, Event event, long now, double random) {
        return SupervisorStateMachine.step(state, event instanceof Event.RestartRequested(long id, RestartMode _,
                var drain, var patience, var ignored, boolean machine, var arguments, var idle,
                var unchecked, boolean overlap) ? new Event.RestartRequested(id, RestartMode.IMMEDIATE, drain,
                        patience, ignored, machine, arguments, idle, unchecked, overlap) : event, now, random);
    }

    private static Step blindUnderTheFence(State state, Event event, long now, double random) {
        if (!(event instanceof Event.DaemonFenced)) {
            return SupervisorStateMachine.step(state, event, now, random);
        }
        Step step = SupervisorStateMachine.step(state.with(WorkLedger.none()), event, now, random);
        return new Step(step.state().with(state.work()), step.effects());
    }

    private static Step cutsSilently(State state, Event event, long now, double random) {
        Step step = SupervisorStateMachine.step(state, event, now, random);
        boolean end = event instanceof Event.ChildExited || state.awaitsLastMessages();
        return !end ? step : new Step(step.state(), step.effects()
                .stream().filter(one -> !(one instanceof Effect.SaveManifest)).toList());
    }

    private static Step deafToLastMessages(State state, Event event, long now, double random) {
        Step step = SupervisorStateMachine.step(state, event, now, random);
        return event instanceof Event.ChildExited && step.state().awaitsLastMessages()
                ? joined(step, SupervisorStateMachine.step(step.state(), new Event.DaemonDetached(
                        step.state().currentGeneration()), now, random)) : step;
    }

    private static Step waitsForEver(State state, Event event, long now, double random) {
        return state.awaitsLastMessages() && event instanceof Event.DeadlinePassed
                ? new Step(state, List.of()) : SupervisorStateMachine.step(state, event, now, random);
    }

    private static Step signalsTheDead(State state, Event event, long now, double random) {
        Step step = SupervisorStateMachine.step(state, event, now, random);
        return state.awaitsLastMessages() && event instanceof Event.SignalReceived(Signal signal)
                ? new Step(step.state(), List.of(new Effect.SendSignal(
                        state.phase().current().orElseThrow().child(), signal, false))) : step;
    }

    private static Step patient(double times, State state, Event event, long now, double random) {
        return SupervisorStateMachine.step(state, event instanceof Event.RestartRequested(long id, RestartMode mode,
                var drain, Duration patience, var ignored, boolean machine, var arguments, var idle,
                var unchecked, boolean overlap) ? new Event.RestartRequested(id, mode, drain,
                        Duration.ofNanos((long) (patience.toNanos() * times)), ignored, machine,
                        arguments, idle, unchecked, overlap) : event, now, random);
    }

    private static Step keepsAtOnce(State state, Event event, long now, double random) {
        Step step = SupervisorStateMachine.step(state, event, now, random);
        return event instanceof Event.ConfigurationRead(long _, String hash)
                ? joined(step, new Step(step.state(), List.of(new Effect.KeepConfiguration(hash)))) : step;
    }

    private static Step putsBackAtOnce(State state, Event event, long now, double random) {
        Step step = SupervisorStateMachine.step(state, event, now, random);
        boolean failed = step.effects().stream().anyMatch(Effect.PersistFailureCount.class::isInstance);
        return failed ? joined(step, new Step(step.state(), List.of(new Effect.RestoreConfiguration(""))))
                : step;
    }

    private static Step failedCheckPasses(State state, Event event, long now, double random) {
        return SupervisorStateMachine.step(state, event instanceof Event.CheckFinished(long run, var _)
                ? new Event.CheckFinished(run, Optional.empty()) : event, now, random);
    }

    private static Step forceUnchecked(State state, Event event, long now, double random) {
        return event instanceof Event.RestartRequested asked && asked.mode() == RestartMode.FORCE
                ? SupervisorStateMachine.step(state, changed(asked, false, true), now, random)
                : SupervisorStateMachine.step(state, event, now, random);
    }

    private static Step safeIsBlind(State state, Event event, long now, double random) {
        return event instanceof Event.RestartRequested asked
                ? SupervisorStateMachine.step(state, changed(asked, true, asked.unchecked()), now, random)
                : SupervisorStateMachine.step(state, event, now, random);
    }

    private static Event changed(Event.RestartRequested asked, boolean idle, boolean unchecked) {
        return new Event.RestartRequested(asked.id(), asked.mode(), asked.drain(), asked.maxWait(),
                asked.ignored(), asked.machine(), asked.arguments(), idle, unchecked, asked.overlap());
    }

    /** What has come during a run is taken for covered by it. */
    private static Step oldCheckCounts(State state, Event event, long now, double random) {
        Step step = SupervisorStateMachine.step(state, event, now, random);
        return new Step(step.state().with(step.state().requests().covered()), step.effects());
    }

    private static List<Effect> confirmAll(List<Effect> effects) {
        return effects.stream().map(one -> one instanceof Effect.FinishRequest(long id, RequestOutcome outcome)
                && outcome.result() == RequestOutcome.Result.UNCONFIRMED ? new Effect.FinishRequest(id,
                        new RequestOutcome(RequestOutcome.Result.COMPLETE, "ready", outcome.generation())) : one)
                .toList();
    }

    private static Step joined(Step first, Step second) {
        List<Effect> effects = new ArrayList<>(first.effects());
        effects.addAll(second.effects());
        return new Step(second.state(), effects);
    }
}
