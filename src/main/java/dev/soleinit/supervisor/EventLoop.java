package dev.soleinit.supervisor;

import dev.soleinit.config.ChangeAction;
import dev.soleinit.control.Caller;
import dev.soleinit.control.DaemonMessage;
import dev.soleinit.control.IncomingRequest;
import dev.soleinit.control.ReplyTo;
import dev.soleinit.control.Request;
import dev.soleinit.os.Kernel;
import dev.soleinit.os.Kernel.Reaped;
import dev.soleinit.process.Child;
import dev.soleinit.process.Signal;
import dev.soleinit.statemachine.SupervisorStateMachine;
import dev.soleinit.statemachine.model.DaemonProcess;
import dev.soleinit.statemachine.model.Effect;
import dev.soleinit.statemachine.model.Event;
import dev.soleinit.statemachine.model.Goal;
import dev.soleinit.statemachine.model.Phase;
import dev.soleinit.statemachine.state.State;
import dev.soleinit.statemachine.state.Step;
import dev.soleinit.supervisor.children.LaunchTracker;
import dev.soleinit.supervisor.children.LiveDaemon;
import dev.soleinit.supervisor.children.OomDetector;
import dev.soleinit.supervisor.daemon.ConfigFileMonitor;
import dev.soleinit.supervisor.daemon.Daemons;
import dev.soleinit.supervisor.inbox.NotifyListener;
import dev.soleinit.supervisor.reporting.CompatTrace;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * The only thread that decides and the only one that touches the kernel. A turn: what the daemon
 * said, while it can be seen who said it; reap until there is no dead child, take the signals, the
 * deadline, one request; then wait. A death is therefore known before any request is judged. Made
 * and run by {@link Supervisor} on the main thread.
 */
final class EventLoop {
    /** How often to look whether the last stranger has gone: their parent is told, not we. */
    private static final long SWEEP_POLL_INTERVAL_NANOS = 10_000_000L;
    private static final int MAX_MESSAGES_PER_TURN = 512;
    private static final Duration MAX_SLEEP = Duration.ofHours(1);

    private final Parts parts;
    private final Kernel os;
    private final long epoch;
    private final Deque<Event> events = new ArrayDeque<>();
    private final Handover handover = new Handover();
    private final SplittableRandom random;
    private State state;
    private final LaunchTracker launches;
    private long orphansReaped;
    private long signalsForwarded;
    private final NotifyListener notify;
    private final OomDetector memory;
    private final CompatTrace trace;
    private final Warmup warmup;

    EventLoop(Parts parts, State initial, long epoch) {
        this.parts = parts;
        this.os = parts.os();
        this.state = initial;
        this.epoch = epoch;
        this.notify = new NotifyListener(os, parts.daemons(), parts.readyByNotify(), epoch);
        this.memory = new OomDetector(os);
        this.launches = new LaunchTracker(os);
        this.warmup = new Warmup(parts.effects()::rehearse);
        this.trace = new CompatTrace(parts.configuration());
        this.random = new SplittableRandom(os.nanoTime() ^ os.self());
    }

    State state() {
        return state;
    }

    long orphansReaped() {
        return orphansReaped;
    }

    long signalsForwarded() {
        return signalsForwarded;
    }

    /** The last STATUS= of the daemon of that generation. */
    String statusText(long generation) {
        return parts.daemons().of(generation).map(LiveDaemon::statusText).orElse("");
    }

    /** The same of the current one. */
    String statusText() {
        return daemon() == 0 ? "" : statusText(state.currentGeneration());
    }

    /** What the current daemon's processes have of memory, in bytes. */
    long daemonMemory() {
        return parts.daemons().memory(state.currentGeneration());
    }

    /** Nanoseconds since the supervisor began. */
    long now() {
        return os.nanoTime() - epoch;
    }

    /** What is left to do if {@link #run} throws. */
    FallbackInit rest() {
        for (DaemonProcess one : state.processes()) {
            if (one.child().pid() != daemon()) {
                // it is not the one that the fallback ends with
                os.kill(one.child().pid(), Signal.TERM);
            }
        }
        return new FallbackInit(os, handover.child(daemon()), handover.unforwarded(state),
                handover.code(state, daemon()));
    }

    private int daemon() {
        return state.phase().current().map(run -> run.child().pid()).orElse(0);
    }

    /** Turns until PID 1 has an exit code. */
    int run() {
        handover.took(os.pollSignals());
        handleSignals();
        dispatch(new Event.Booted());
        while (!(state.phase() instanceof Phase.Done)) {
            runOnce();
        }
        sendReplies(true);
        return ((Phase.Done) state.phase()).code();
    }

    private void runOnce() {
        launches.poll(state).forEach(this::dispatch);
        // before all else: who has sent a message may be gone in a moment
        drainNotifySocket();
        // before reaping: the notice of a death that comes after it must not be taken away here
        handover.took(os.pollSignals());
        reap();
        drainDaemonMessages();
        handleSignals();
        fireDeadlines();
        drainEvents();
        sendReplies(false);
        boolean busy = state.awaitsLastMessages() || parts.publisher().isBehind(now());
        if (!busy) {
            handleRequest();
        }
        boolean idle = parts.inbox().isEmpty() || busy;
        if (!(state.phase() instanceof Phase.Done)) {
            if (idle) {
                parts.effects().prepare(state);
                idle = !warmup.run(now());
            }
            // who asks without a pause must not keep the daemon from being heard
            os.await(idle ? untilNextDeadline() : Duration.ZERO);
        }
    }

    // ---- the sources, in the order of a turn

    private void reap() {
        for (Optional<Reaped> dead = os.reap(); dead.isPresent(); dead = os.reap()) {
            Reaped one = dead.get();
            handover.reaped(one, daemon());
            if (launches.isLaunching(one.pid())) {
                launches.poll(state).forEach(this::dispatch);
            }
            trace.reaped(one, daemon());
            if (Daemons.withPid(state, one.pid()).isPresent()) {
                onChildExit(new Event.ChildExited(one.pid(), one.status(),
                        memory.diagnose(one.status())));
            } else if (!parts.prober().reaped(one.pid(), one.status(), now())
                    && !parts.reapedCommand(one)
                    && !launches.wasRefused(one.pid())) {
                orphansReaped++;
            }
        }
        if (state.phase() instanceof Phase.Sweeping && !os.hasOtherProcesses()) {
            dispatch(new Event.AllProcessesGone());
        }
        parts.daemons().pollLeftovers(state, now()).forEach(this::dispatch);
    }

    /** What a daemon said before it died counts: it may go on in another process. */
    private void onChildExit(Event.ChildExited end) {
        drainNotifySocket();
        if (Daemons.withPid(state, end.pid()).isPresent()) {
            dispatch(end);
        } else {
            orphansReaped++;
        }
    }

    private void drainDaemonMessages() {
        for (int i = 0; i < MAX_MESSAGES_PER_TURN; i++) {
            Optional<IncomingRequest> word = parts.inbox().nextDaemonMessage();
            if (word.isEmpty()) {
                return;
            }
            parts.attachment().onMessage(word.get(), state, now()).filter(this::acceptsReadiness)
                    .ifPresent(this::dispatch);
        }
        os.wake();
    }

    /** Where readiness is found out in another way, the daemon's own word matters in a reload only. */
    private boolean acceptsReadiness(Event event) {
        return !(event instanceof Event.DaemonReady) || parts.readyByAttach()
                || state.phase() instanceof Phase.Reloading;
    }

    private void handleSignals() {
        for (Signal signal = handover.nextSignal(); signal != null;
                signal = handover.nextSignal()) {
            handleSignal(signal);
        }
    }

    private void handleSignal(Signal signal) {
        Optional<ChangeAction> door = signal.equals(Signal.HUP)
                ? parts.configuration().changes().onHup() : Optional.empty();
        door.map(EventLoop::request).ifPresentOrElse(
                request -> submitInternal(request, new Caller("", "signal", "signal: SIGHUP")),
                () -> dispatch(new Event.SignalReceived(signal)));
        if (trace.suspendsAt(signal)) {
            os.kill(os.self(), Signal.STOP);
        }
    }

    private static Request request(ChangeAction wish) {
        return switch (wish) {
            case RELOAD -> new Request.Reload("SIGHUP", false, false);
            case RESTART, NONE -> ConfigFileMonitor.restart(Request.How.GRACEFUL, "SIGHUP", false);
            case SAFE_RESTART -> ConfigFileMonitor.restart(Request.How.SAFE, "SIGHUP", false);
        };
    }

    /** A request that comes from within: nobody waits for its answer, the journal has it. */
    void submitInternal(Request request, Caller caller) {
        change(new IncomingRequest(request, caller, ReplyTo.DISCARD));
    }

    private void change(IncomingRequest request) {
        parts.requests().register(request, state, now())
                .ifPresentOrElse(this::dispatch, () -> sendReplies(false));
    }

    private void fireDeadlines() {
        if (now() >= state.deadline()) {
            dispatch(new Event.DeadlinePassed());
        }
        parts.daemons().pollForeignMains(state, now()).forEach(this::dispatch);
        parts.prober().tick(now());
        parts.liveness().tick(now());
        parts.tickCommands(state, now());
        parts.shell().tick(state, now());
        parts.threads().tick(now());
        if (now() >= parts.publisher().deadline()) {
            parts.publisher().publish(state, now());
        }
    }

    private void drainNotifySocket() {
        notify.drain(this::state, this::now, this::dispatch);
    }

    private void drainEvents() {
        for (Optional<Event> next = parts.inbox().nextEvent(); next.isPresent();
                next = parts.inbox().nextEvent()) {
            dispatch(next.get());
        }
        for (Optional<Runnable> chore = parts.inbox().nextTask(); chore.isPresent();
                chore = parts.inbox().nextTask()) {
            chore.get().run();
        }
        if (parts.inbox().pollDisconnects()) {
            parts.requests().cancelAbandoned().forEach(this::dispatch);
        }
    }

    private void handleRequest() {
        Optional<IncomingRequest> call = parts.inbox().nextRequest();
        if (call.isEmpty()) {
            return;
        }
        switch (call.get().request()) {
            case Request.Status _ -> call.get().replyTo().result(parts.report().build(state, now()));
            case Request.Wait wait -> parts.waits().add(call.get(), wait, now());
            case Request.Subscribe subscribe -> parts.subscribers().add(call.get(), subscribe);
            case Request.Preflight preflight ->
                    parts.preflights().answer(call.get(), preflight, () -> state, now());
            case DaemonMessage _ -> throw new IllegalStateException("words have their own queue");
            case Request.Start _, Request.Stop _, Request.Restart _, Request.Reload _,
                    Request.SendSignal _ -> change(call.get());
        }
    }

    // ---- deciding and doing

    private void dispatch(Event event) {
        State before = state;
        events.add(event);
        while (!events.isEmpty()) {
            trace.deciding(events.peek());
            Event next = events.poll();
            Step step = SupervisorStateMachine.step(state, next, now(), random.nextDouble());
            state = step.state();
            for (Effect effect : step.effects()) {
                parts.effects().execute(effect, state.currentGeneration(), now())
                        .ifPresent(this::onEffectResult);
                if (effect instanceof Effect.SendSignal || effect instanceof Effect.RunStopCommand) {
                    handover.signalForwarded();
                    signalsForwarded += next instanceof Event.SignalReceived ? 1 : 0;
                }
            }
        }
        // a forwarded signal changes nothing: the daemon may need this processor to handle it
        if (state != before) {
            notifyObservers();
        }
        sendReplies(false);
    }

    /**
     * Who is told that the daemon is ready may look into the public files at once, and nobody is told so
     * of one that has ended.
     */
    private void sendReplies(boolean atOnce) {
        boolean stale = state.awaitsLastMessages() || parts.publisher().isBehind(now());
        if (atOnce || !stale) {
            parts.requests().sendDueReplies(state, now()).forEach(parts.files()::reloadFailed);
            parts.waits().answerSatisfied(state, now());
        }
    }

    private void onEffectResult(Event event) {
        if (event instanceof Event.Forked(Child forked)) {
            if (daemon() == 0) {
                handover.forked(forked.pid());
            }
            launches.forked(forked);
            parts.daemons().forked(forked, parts.effects().invocationId(), state);
        }
        events.add(event);
    }

    private void notifyObservers() {
        handover.follow(daemon());
        parts.daemons().follow(state);
        parts.attachment().follow(state);
        warmup.follow(daemon() != 0, now());
        if (daemon() == 0 && state.goal() == Goal.DOWN) {
            // nobody is to come who could serve what waits in there
            os.descriptorStore().clear();
        }
        if (!launches.isLaunching(daemon()) && !(state.phase() instanceof Phase.Spawning)) {
            parts.publisher().publish(state, now());
        }
        parts.prober().follow(state, now());
        parts.liveness().follow(state, now());
        parts.outside().follow(state, now());
    }

    // ---- waiting

    private Duration untilNextDeadline() {
        long now = now();
        // answers are held back while the files are behind: there is nothing to wake for
        long waits = parts.publisher().isBehind(now) ? Phase.NEVER : parts.waits().deadline();
        long next = earliest(state.deadline(), parts.prober().deadline(), waits,
                parts.publisher().deadline(),
                parts.publisher().behindUntil(now), parts.commandsDeadline(now),
                parts.liveness().deadline(), parts.daemons().deadline(),
                parts.shell().deadline(state), parts.threads().deadline(), warmup.deadline());
        if (state.phase() instanceof Phase.Sweeping) {
            next = Math.min(next, now + SWEEP_POLL_INTERVAL_NANOS);
        }
        if (next == Phase.NEVER) {
            return MAX_SLEEP;
        }
        return Duration.ofNanos(Math.min(MAX_SLEEP.toNanos(), Math.max(0, next - now)));
    }

    private static long earliest(long... deadlines) {
        long earliest = Phase.NEVER;
        for (long deadline : deadlines) {
            earliest = Math.min(earliest, deadline);
        }
        return earliest;
    }
}
