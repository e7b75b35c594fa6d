package dev.soleinit.machine;

import dev.soleinit.machine.Effect.Disposition;
import dev.soleinit.machine.Event.AliveTold;
import dev.soleinit.machine.Event.AttachedTold;
import dev.soleinit.machine.Event.DetachedTold;
import dev.soleinit.machine.Event.DrainedTold;
import dev.soleinit.machine.Event.ExtendTold;
import dev.soleinit.machine.Event.FailedTold;
import dev.soleinit.machine.Event.FencedTold;
import dev.soleinit.machine.Event.HungTold;
import dev.soleinit.machine.Event.Looked;
import dev.soleinit.machine.Event.MainTold;
import dev.soleinit.machine.Event.NotReadyTold;
import dev.soleinit.machine.Event.ReadyTold;
import dev.soleinit.machine.Event.ReloadingTold;
import dev.soleinit.machine.Event.StoppingTold;
import dev.soleinit.machine.Event.Told;
import dev.soleinit.machine.Event.WatchdogChanged;
import dev.soleinit.machine.Event.WorkBegun;
import dev.soleinit.machine.Event.WorkEnded;
import dev.soleinit.machine.Event.WorkReported;
import dev.soleinit.machine.LeftoverSettings.KillMode;
import dev.soleinit.machine.Outcome.Result;
import dev.soleinit.machine.Settings.ForwardTo;
import dev.soleinit.machine.Waiting.Kind;
import dev.soleinit.process.Child;
import dev.soleinit.process.Signal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One decision in the making: the state so far, the effects so far, and the moves that the phases
 * share. Lives for one call of {@link SupervisorMachine#step}.
 */
final class Turn {
    /** What is left of the container's own budget for the kernel and the JVM to end. */
    static final Duration MARGIN = Duration.ofMillis(500);
    private static final Duration UNKILLABLE_AFTER = Duration.ofSeconds(1);
    private static final int MOST_EARLY = 1024;
    /** How long a start waits for the disk to have taken its number, and a stop for the manifest. */
    static final Duration UNTIL_STORED = Duration.ofSeconds(5);

    private final List<Effect> effects = new ArrayList<>();
    final long now;
    final double random;
    State state;

    Turn(State state, long now, double random) {
        this.state = state;
        this.now = now;
        this.random = random;
    }

    Step done() {
        return new Step(state, List.copyOf(effects));
    }

    Settings settings() {
        return state.settings();
    }

    void add(Effect effect) {
        effects.add(effect);
    }

    void become(Phase phase) {
        state = state.with(phase);
    }

    Desk desk() {
        return state.desk();
    }

    void desk(Desk next) {
        state = state.with(next);
    }

    void want(Goal goal) {
        state = state.with(goal);
    }

    // ---- what the daemon says

    /**
     * Whether it is the daemon of now that speaks; what it says of its work holds in every phase.
     * One that reloads has two names, and no other process can have the newer one.
     */
    boolean heard(Told told) {
        boolean current = state.phase().current()
                .map(run -> told.generation() >= run.child().generation()
                        && told.generation() <= state.generation()).orElse(false);
        if (!current) {
            return false;
        }
        switch (told) {
            case WorkBegun(long _, Item item) -> state = state.with(state.work().with(item));
            case WorkEnded(long _, String id) -> state = state.with(state.work().without(id));
            case WorkReported(long _, List<Item> items) -> state = state.with(Work.of(items));
            case AttachedTold _ -> attached();
            case DetachedTold _ -> desk(desk().attached(false));
            case MainTold(long _, int pid, long ticks) -> mainIs(pid, ticks);
            case WatchdogChanged(long _, Duration interval) -> become(state.phase()
                    .with(state.phase().current().orElseThrow().watched(interval, now)));
            case ReadyTold _, NotReadyTold _, StoppingTold _, FailedTold _, FencedTold _,
                    DrainedTold _, Looked _, AliveTold _, HungTold _, ReloadingTold _,
                    ExtendTold _ -> { }
        }
        return true;
    }

    private void attached() {
        if (desk().unfence()) {
            add(new Effect.Tell(new Notice.Unfence()));
        }
        desk(desk().attached(true).unfence(false));
    }

    private void mainIs(int pid, long startTicks) {
        Run run = state.phase().current().orElseThrow();
        if (run.child().pid() != pid) {
            become(state.phase().with(run.in(pid, startTicks)));
            add(new Effect.Say("generation " + run.child().generation() + " goes on as pid " + pid
                    + ", by its own word"));
        }
    }

    // ---- starting

    void spawn() {
        state = state.nextGeneration().with(new Phase.Spawning(after(UNTIL_STORED)))
                .withHold(Optional.empty()).with(desk().withPending(List.of()));
        if (state.goal() != Goal.EXIT) {
            want(Goal.UP);
        }
        // a new process reads its configuration anyway
        state = state.withWaiting(state.waiting().stream().map(one -> one.kind() == Kind.RELOAD
                ? new Waiting(one.id(), Kind.RESTART) : one).toList());
        add(new Effect.StoreGeneration(state.generation()));
    }

    /** The number is durable, or it is not worth waiting for any longer. */
    void fork() {
        add(new Effect.Spawn(state.generation(), state.arguments()));
    }

    /** The process has become the program: what has waited for that gets to it. */
    void executed(Run run) {
        sendEarlySignals(run);
        if (settings().readyWhenSpawned()) {
            ready(run);
        }
    }

    private void sendEarlySignals(Run run) {
        for (Signal signal : state.early()) {
            send(run, signal);
        }
        state = state.spawnedOnce();
    }

    /** It has become ready: who waited for that is told, and who waits for more has his turn. */
    void ready(Run run) {
        sendEarlySignals(run);
        long lastReload = state.phase() instanceof Phase.Reloading phase ? phase.lastId() : 0;
        boolean reloaded = state.phase() instanceof Phase.Reloading;
        backOnDuty(reloaded ? run : run.readySince(now));
        for (Waiting one : List.copyOf(state.waiting())) {
            boolean served = switch (one.kind()) {
                case START -> true;
                case RESTART -> !desk().has(one.id());
                case RELOAD -> one.id() <= lastReload;
                case STOP -> false;
            };
            if (served) {
                forget(one);
                add(new Effect.Finish(one.id(), good(one.kind(), run)));
            }
        }
        if (!reloaded) {
            desk(desk().with(Optional.empty()));
        }
        next();
    }

    private Outcome good(Kind kind, Run run) {
        long generation = run.child().generation();
        if (kind == Kind.RELOAD && run.origin() == Run.Origin.UNCONFIRMED) {
            return new Outcome(Result.UNCONFIRMED, "generation " + generation + " (unconfirmed): "
                    + ReloadDesk.unconfirmed(this), generation);
        }
        Optional<Tale> tale = kind == Kind.RESTART ? desk().tale() : Optional.empty();
        return new Outcome(Result.COMPLETE, "ready", generation, tale, Optional.empty());
    }

    private void backOnDuty(Run run) {
        become(new Phase.Ready(run.alive(now), false));
    }

    /** Back to serving after something that did not come about. */
    void backToReady(Run run) {
        backOnDuty(run);
        finish(Kind.START, Result.COMPLETE, "ready", run.child().generation());
        next();
    }

    /** What has been waiting for a ready daemon begins. */
    private void next() {
        Run run = state.phase().current().orElseThrow();
        if (!desk().pending().isEmpty()) {
            Drain.consider(this, run);
        }
        boolean reload = state.waiting().stream().anyMatch(one -> one.kind() == Kind.RELOAD);
        if (reload && state.phase() instanceof Phase.Ready) {
            ReloadDesk.begin(this, run);
        }
    }

    /** A zero duration stands for no bound. */
    long after(Duration duration) {
        return duration.isZero() ? Phase.NEVER : now + duration.toNanos();
    }

    // ---- stopping

    /** Begins the stop ladder on a running daemon. */
    void terminate(Run run, Duration grace, Optional<String> failure) {
        terminate(run.extensible(now, grace), stopSignal(), now + grace.toNanos(), failure);
    }

    /** The same for one that is forced to, or hangs: it gets a short grace, whatever it says. */
    void terminateSoon(Run run, Optional<String> failure) {
        terminate(run.inextensible(), stopSignal(), now + settings().forceGrace().toNanos(), failure);
    }

    void terminate(Run run, Signal signal, long killAt, Optional<String> failure) {
        become(new Phase.Terminating(run, killAt, failure));
        if (settings().coordination().stopCommand()) {
            add(new Effect.RunStop(run.child().generation()));
        } else {
            send(run, signal);
        }
    }

    /** What a request or a timeout stops the daemon with: TERM, as the rewriting has it. */
    Signal stopSignal() {
        return rewritten(Signal.TERM).orElse(Signal.TERM);
    }

    /** Whether a signal to the supervisor means its end, and not only something to hand on. */
    boolean isEnd(Signal signal) {
        return Stops.isStop(signal) && settings().plainInit().isEmpty();
    }

    /** What becomes of a signal on its way to the daemon; empty if it is dropped. */
    Optional<Signal> rewritten(Signal signal) {
        return settings().rewrite().getOrDefault(signal, Optional.of(signal));
    }

    void send(Run run, Signal signal) {
        add(new Effect.Send(run.child(), signal, settings().forwardTo() == ForwardTo.GROUP));
    }

    void kill(Run run, Optional<String> failure) {
        add(settings().leftovers().killMode() == KillMode.PROCESS
                ? new Effect.Send(run.child(), Signal.KILL, false) : new Effect.KillGroup(run.child()));
        become(new Phase.Killing(run, now + UNKILLABLE_AFTER.toNanos(), failure));
    }

    /** Once more, without giving the kernel more time than it had. */
    void killAgain(Phase.Killing phase) {
        kill(phase.run(), phase.failure());
        long sooner = Math.min(phase.giveUpAt(), now + UNKILLABLE_AFTER.toNanos());
        become(new Phase.Killing(phase.run(), sooner, phase.failure()));
    }

    /** The daemon has ended for good: stops what is left, within the budget, then exits. */
    void sweep(int code) {
        finishAll(Kind.START, Result.SUPERSEDED, "the supervisor is ending");
        finishAll(Kind.RESTART, Result.SUPERSEDED, "the supervisor is ending");
        finishAll(Kind.RELOAD, Result.SUPERSEDED, "the supervisor is ending");
        finish(Kind.STOP, Result.COMPLETE, "the daemon is down and the supervisor is ending", 0);
        want(Goal.EXIT);
        Optional<PlainInit> plain = settings().plainInit();
        if (plain.isPresent()) {
            leave(code, plain.get());
            return;
        }
        add(new Effect.SignalRest(Signal.TERM));
        become(new Phase.Sweeping(code, sweepUntil()));
    }

    /** Who the kernel leaves alive is not looked for. */
    private void leave(int code, PlainInit plain) {
        if (plain.endsGroup()) {
            state.phase().current().ifPresent(run ->
                    rewritten(Signal.TERM).ifPresent(signal -> send(run, signal)));
        }
        become(new Phase.Done(code));
    }

    private long sweepUntil() {
        long grace = ExitGate.endedAt(this) + settings().sweepGrace().toNanos();
        long hardEnd = state.ending()
                .map(ending -> ending.since() + settings().containerStopTimeout().minus(MARGIN).toNanos())
                .orElse(grace);
        return Math.max(now, Math.min(grace, hardEnd));
    }

    /** The last end of the daemon goes into the journal. */
    void noteEnd() {
        add(new Effect.NoteEnd(state.ends().getFirst()));
    }

    void hold(String reason) {
        want(Goal.DOWN);
        become(new Phase.Idle());
        state = state.withHold(state.hold().or(() -> Optional.of(reason)));
        finish(Kind.STOP, Result.COMPLETE, "the daemon is down and held", 0);
    }

    /** Keeps a signal that came before there was a daemon; ordinary ones are kept once. */
    void keepForTheFirstStart(Signal signal) {
        boolean queued = signal.number() >= 34 || !state.early().contains(signal);
        if (queued && state.early().size() < MOST_EARLY) {
            state = state.early(signal);
        }
    }

    // ---- failures

    void countFailures(int inARow, int here, int asked) {
        if (inARow != state.failures()) {
            add(new Effect.RememberFailures(inARow));
        }
        state = state.withFailures(inARow, here, asked);
    }

    // ---- requests

    void answer(long id, Result result, String words) {
        long generation = state.phase().current().map(run -> run.child().generation()).orElse(0L);
        add(new Effect.Finish(id, new Outcome(result, words, generation)));
    }

    /** Takes a request that will have its end later. */
    void join(long id, Kind kind) {
        join(id, kind, Disposition.SCHEDULED, Duration.ZERO);
    }

    void join(long id, Kind kind, Disposition alone, Duration cooldown) {
        boolean coalesced = state.waiting().stream().anyMatch(one -> one.kind() == kind);
        add(new Effect.Accept(id, coalesced ? Disposition.COALESCED : alone, cooldown));
        List<Waiting> longer = new ArrayList<>(state.waiting());
        longer.add(new Waiting(id, kind));
        state = state.withWaiting(longer);
    }

    void finishAll(Kind kind, Result result, String words) {
        finish(kind, result, words, 0);
    }

    void finish(Kind kind, Result result, String words, long generation) {
        finish(kind, new Outcome(result, words, generation));
    }

    void finish(Kind kind, Outcome outcome) {
        List<Waiting> left = new ArrayList<>();
        for (Waiting one : state.waiting()) {
            if (one.kind() == kind) {
                add(new Effect.Finish(one.id(), outcome));
            } else {
                left.add(one);
            }
        }
        state = state.withWaiting(left);
    }

    void finishOne(long id, Result result, String words) {
        for (Waiting one : List.copyOf(state.waiting())) {
            if (one.id() == id) {
                forget(one);
                add(new Effect.Finish(id, new Outcome(result, words, state.currentGeneration())));
            }
        }
    }

    private void forget(Waiting one) {
        state = state.withWaiting(state.waiting().stream().filter(other -> other != one).toList());
    }

    Run spawned(Child child) {
        return Run.spawned(child, now, settings().coordination().watchdog(), settings().readyTimeout());
    }
}
