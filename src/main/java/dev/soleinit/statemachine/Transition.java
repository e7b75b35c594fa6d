package dev.soleinit.statemachine;

import dev.soleinit.process.Child;
import dev.soleinit.process.Signal;
import dev.soleinit.statemachine.gates.ExitGate;
import dev.soleinit.statemachine.model.DaemonCommand;
import dev.soleinit.statemachine.model.DaemonProcess;
import dev.soleinit.statemachine.model.Effect;
import dev.soleinit.statemachine.model.Effect.Disposition;
import dev.soleinit.statemachine.model.ExitRecord.Standing;
import dev.soleinit.statemachine.model.ExitRecord;
import dev.soleinit.statemachine.model.Goal;
import dev.soleinit.statemachine.model.Phase;
import dev.soleinit.statemachine.model.RequestOutcome;
import dev.soleinit.statemachine.model.RequestOutcome.Result;
import dev.soleinit.statemachine.model.ShutdownRequest;
import dev.soleinit.statemachine.settings.LeftoverSettings.KillMode;
import dev.soleinit.statemachine.settings.PlainInit;
import dev.soleinit.statemachine.settings.Policy;
import dev.soleinit.statemachine.settings.SignalSettings.ForwardTo;
import dev.soleinit.statemachine.state.DaemonFacts;
import dev.soleinit.statemachine.state.OpenRequest;
import dev.soleinit.statemachine.state.OpenRequest.Kind;
import dev.soleinit.statemachine.state.OpenRequests;
import dev.soleinit.statemachine.state.RestartState;
import dev.soleinit.statemachine.state.State;
import dev.soleinit.statemachine.state.Step;
import dev.soleinit.statemachine.work.WorkOutcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One decision in the making: the state so far, the effects so far, and the moves that the phases
 * share. Lives for one call of {@link SupervisorStateMachine#step}.
 */
public final class Transition {
    /** What is left of the container's own budget for the kernel and the JVM to end. */
    static final Duration MARGIN = Duration.ofMillis(500);
    private static final Duration UNKILLABLE_AFTER = Duration.ofSeconds(1);
    private static final int MAX_EARLY = 1024;
    /** How long a start waits for the disk to have taken its number, and a stop for the manifest. */
    public static final Duration UNTIL_STORED = Duration.ofSeconds(5);

    private final List<Effect> effects;
    final Standing standing;
    public final long now;
    final double random;
    public State state;

    Transition(State state, long now, double random) {
        this.effects = new ArrayList<>();
        this.standing = Standing.CURRENT;
        this.state = state;
        this.now = now;
        this.random = random;
    }

    /** The part of the same decision that is about the other process. */
    Transition(State state, Transition whole, Standing standing) {
        this.effects = whole.effects;
        this.standing = standing;
        this.state = state;
        this.now = whole.now;
        this.random = whole.random;
    }

    /** Whether this is about the process beside the current one: nothing follows its end. */
    boolean isBeside() {
        return standing != Standing.CURRENT;
    }

    Step done() {
        return new Step(state, List.copyOf(effects));
    }

    public Policy settings() {
        return state.settings();
    }

    public void emit(Effect effect) {
        effects.add(effect);
    }

    /** Says something to the daemon. */
    public void tell(DaemonCommand notice) {
        emit(new Effect.SendToDaemon(state.currentGeneration(), notice));
    }

    public void enter(Phase phase) {
        state = state.with(phase);
    }

    public RestartState restarts() {
        return state.restarts();
    }

    public void restarts(RestartState next) {
        state = state.with(next);
    }

    public OpenRequests requests() {
        return state.requests();
    }

    public void requests(OpenRequests next) {
        state = state.with(next);
    }

    public DaemonFacts daemon() {
        return state.daemon();
    }

    public void daemon(DaemonFacts next) {
        state = state.with(next);
    }

    void setGoal(Goal goal) {
        state = state.with(goal);
    }

    // ---- starting

    void spawn() {
        takeArguments();
        state = state.nextGeneration().with(new Phase.Spawning(deadlineAfter(UNTIL_STORED)))
                .withHold(Optional.empty()).with(requests().spawning());
        if (state.goal() != Goal.EXIT) {
            setGoal(Goal.UP);
        }
        emit(new Effect.PersistGeneration(state.generation()));
    }

    /** Restarts that were to overlap have an ordinary start, with what they bring along. */
    void takeArguments() {
        for (OpenRequest.PendingRestart one : requests().pending()) {
            state = state.withArguments(one.arguments());
        }
    }

    /** The number is durable, or it is not worth waiting for any longer. */
    void fork() {
        emit(new Effect.Spawn(state.generation(), state.arguments()));
    }

    /** The process has become the program: what has waited for that gets to it. */
    void executed(DaemonProcess run) {
        sendEarlySignals(run);
        if (settings().ready().whenSpawned()) {
            ready(run);
        }
    }

    private void sendEarlySignals(DaemonProcess run) {
        for (Signal signal : state.earlySignals()) {
            send(run, signal);
        }
        state = state.spawnedOnce();
    }

    /** It has become ready: who waited for that is told, and who waits for more has his turn. */
    void ready(DaemonProcess run) {
        sendEarlySignals(run);
        long lastReload = state.phase() instanceof Phase.Reloading phase ? phase.coversUpTo() : 0;
        boolean reloaded = state.phase() instanceof Phase.Reloading;
        enterReady(reloaded ? run : run.readySince(now));
        for (OpenRequest one : requests().all()) {
            boolean served = switch (one) {
                case OpenRequest.Start _, OpenRequest.Restart _ -> true;
                case OpenRequest.Reload(long id) -> id <= lastReload;
                case OpenRequest.PendingRestart _, OpenRequest.Stop _, OpenRequest.Unchecked _ -> false;
            };
            if (served) {
                requests(requests().without(one.id()));
                emit(new Effect.FinishRequest(one.id(), one.ending(good(one.kind(), run))));
            }
        }
        if (!reloaded) {
            restarts(restarts().with(Optional.empty()));
        }
        startPending();
    }

    private RequestOutcome good(Kind kind, DaemonProcess run) {
        long generation = run.child().generation();
        if (kind == Kind.RELOAD && run.origin() == DaemonProcess.Origin.UNCONFIRMED) {
            return new RequestOutcome(Result.UNCONFIRMED, "generation " + generation + " (unconfirmed): "
                    + ReloadCoordinator.unconfirmed(this), generation);
        }
        Optional<WorkOutcome> tale = kind == Kind.RESTART ? restarts().tale() : Optional.empty();
        return new RequestOutcome(Result.COMPLETE, "ready", generation, tale, Optional.empty());
    }

    private void enterReady(DaemonProcess run) {
        enter(new Phase.Ready(run.alive(now), false));
    }

    /** Back to serving after something that did not come about. */
    void resumeReady(DaemonProcess run) {
        enterReady(run);
        finish(Kind.START, Result.COMPLETE, "ready", run.child().generation());
        startPending();
    }

    /** What has been waiting for a ready daemon begins. */
    void startPending() {
        DaemonProcess run = state.phase().current().orElseThrow();
        if (requests().hasPending()) {
            RestartCoordinator.tryBegin(this, run);
        }
        if (requests().has(Kind.RELOAD) && state.phase() instanceof Phase.Ready
                && !state.hasSuccessor()) {
            ReloadCoordinator.begin(this, run);
        }
    }

    /** A zero duration stands for no bound. */
    public long deadlineAfter(Duration duration) {
        return duration.isZero() ? Phase.NEVER : now + duration.toNanos();
    }

    // ---- stopping

    /** Begins the stop ladder on a running daemon. */
    void terminate(DaemonProcess run, Duration grace, Optional<String> failure) {
        terminate(run.extensible(now, grace), stopSignal(), now + grace.toNanos(), failure);
    }

    /** The same for one that is forced to, or hangs: it gets a short grace, whatever it says. */
    void terminateSoon(DaemonProcess run, Optional<String> failure) {
        terminate(run.inextensible(), stopSignal(),
                now + settings().stop().forceGrace().toNanos(), failure);
    }

    void terminate(DaemonProcess run, Signal signal, long killAt, Optional<String> failure) {
        enter(new Phase.Terminating(run, killAt, failure));
        if (settings().stop().command()) {
            emit(new Effect.RunStopCommand(run.child().generation()));
        } else {
            send(run, signal);
        }
    }

    /** What a request or a timeout stops the daemon with: TERM, as the rewriting has it. */
    Signal stopSignal() {
        return mapSignal(Signal.TERM).orElse(Signal.TERM);
    }

    /** Whether a signal to the supervisor means its end, and not only something to hand on. */
    boolean isEnd(Signal signal) {
        return ShutdownRequest.isMadeBy(signal) && settings().plainInit().isEmpty();
    }

    /** What becomes of a signal on its way to the daemon; empty if it is dropped. */
    Optional<Signal> mapSignal(Signal signal) {
        return settings().signals().rewrite().getOrDefault(signal, Optional.of(signal));
    }

    void send(DaemonProcess run, Signal signal) {
        emit(new Effect.SendSignal(run.child(), signal,
                settings().signals().forwardTo() == ForwardTo.GROUP));
    }

    void kill(DaemonProcess run, Optional<String> failure) {
        emit(settings().leftovers().killMode() == KillMode.PROCESS
                ? new Effect.SendSignal(run.child(), Signal.KILL, false)
                : new Effect.KillGroup(run.child()));
        enter(new Phase.Killing(run, now + UNKILLABLE_AFTER.toNanos(), failure));
    }

    /** Once more, without giving the kernel more time than it had. */
    void killAgain(Phase.Killing phase) {
        kill(phase.run(), phase.failure());
        long sooner = Math.min(phase.giveUpAt(), now + UNKILLABLE_AFTER.toNanos());
        enter(new Phase.Killing(phase.run(), sooner, phase.failure()));
    }

    /** The daemon has ended for good: stops what is left, within the budget, then exits. */
    void sweep(int code) {
        finishAll(Kind.START, Result.SUPERSEDED, "the supervisor is ending");
        finishAll(Kind.RESTART, Result.SUPERSEDED, "the supervisor is ending");
        finishAll(Kind.RELOAD, Result.SUPERSEDED, "the supervisor is ending");
        finish(Kind.STOP, Result.COMPLETE, "the daemon is down and the supervisor is ending", 0);
        setGoal(Goal.EXIT);
        Optional<PlainInit> plain = settings().plainInit();
        if (plain.isPresent()) {
            leave(code, plain.get());
            return;
        }
        emit(new Effect.SignalAllOthers(Signal.TERM));
        enter(new Phase.Sweeping(code, sweepUntil()));
    }

    /** Who the kernel leaves alive is not looked for. */
    private void leave(int code, PlainInit plain) {
        if (plain.endsGroup()) {
            state.phase().current().ifPresent(run ->
                    mapSignal(Signal.TERM).ifPresent(signal -> send(run, signal)));
        }
        enter(new Phase.Done(code));
    }

    private long sweepUntil() {
        long grace = ExitGate.endedAt(this) + settings().stop().sweepGrace().toNanos();
        long hardEnd = state.ending()
                .map(ending -> ending.since()
                        + settings().stop().containerTimeout().minus(MARGIN).toNanos())
                .orElse(grace);
        return Math.max(now, Math.min(grace, hardEnd));
    }

    /** The last end of this process goes into the journal. */
    void recordExit(Child child) {
        for (ExitRecord end : state.exitHistory()) {
            if (end.pid() == child.pid() && end.generation() == child.generation()) {
                emit(new Effect.RecordExit(end));
                return;
            }
        }
    }

    void hold(String reason) {
        setGoal(Goal.DOWN);
        enter(new Phase.Idle());
        state = state.withHold(state.hold().or(() -> Optional.of(reason)));
        down();
    }

    /** Nobody is down before both are. */
    void down() {
        if (state.other().isEmpty()) {
            finish(Kind.STOP, Result.COMPLETE, "the daemon is down and held", 0);
        }
    }

    /** Keeps a signal that came before there was a daemon; ordinary ones are kept once. */
    void queueEarlySignal(Signal signal) {
        boolean queued = signal.number() >= 34 || !state.earlySignals().contains(signal);
        if (queued && state.earlySignals().size() < MAX_EARLY) {
            state = state.earlySignals(signal);
        }
    }

    // ---- failures

    void countFailures(int inARow, int here, int asked) {
        if (inARow != state.failures()) {
            emit(new Effect.PersistFailureCount(inARow));
        }
        state = state.withFailures(inARow, here, asked);
    }

    // ---- requests

    public void answer(long id, Result result, String words) {
        long generation = state.phase().current().map(run -> run.child().generation()).orElse(0L);
        emit(new Effect.FinishRequest(id, new RequestOutcome(result, words, generation)));
    }

    /** Takes a request that will have its end later. */
    void accept(OpenRequest request) {
        accept(request, Disposition.SCHEDULED, Duration.ZERO);
    }

    void accept(OpenRequest request, Disposition alone, Duration cooldown) {
        emit(new Effect.AcceptRequest(request.id(), requests().has(request.kind())
                ? Disposition.COALESCED : alone, cooldown));
        requests(requests().plus(request));
    }

    void finishAll(Kind kind, Result result, String words) {
        finish(kind, result, words, 0);
    }

    void finish(Kind kind, Result result, String words, long generation) {
        finish(kind, new RequestOutcome(result, words, generation));
    }

    void finish(Kind kind, RequestOutcome outcome) {
        List<OpenRequest> ended = requests().of(kind);
        for (OpenRequest one : ended) {
            emit(new Effect.FinishRequest(one.id(), one.ending(outcome)));
        }
        requests(requests().without(ended));
    }

    public void finishOne(long id, Result result, String words) {
        requests(requests().without(id));
        emit(new Effect.FinishRequest(id,
                new RequestOutcome(result, words, state.currentGeneration())));
    }

    DaemonProcess spawned(Child child) {
        return DaemonProcess.spawned(child, now, settings().ready().watchdog(),
                settings().ready().timeout());
    }
}
