package dev.soleinit.supervisor;

import dev.soleinit.config.ChangeAction;
import dev.soleinit.config.Configuration;
import dev.soleinit.control.Caller;
import dev.soleinit.control.IncomingRequest;
import dev.soleinit.control.ReplyTo;
import dev.soleinit.control.Request;
import dev.soleinit.os.Kernel;
import dev.soleinit.os.Kernel.Reaped;
import dev.soleinit.process.Child;
import dev.soleinit.process.RestartMode;
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
import dev.soleinit.supervisor.children.LiveDaemons;
import dev.soleinit.supervisor.children.OomDetector;
import dev.soleinit.supervisor.daemon.ConfigFileMonitor;
import dev.soleinit.supervisor.daemon.DaemonConnection;
import dev.soleinit.supervisor.daemon.Daemons;
import dev.soleinit.supervisor.inbox.Inbox;
import dev.soleinit.supervisor.inbox.NotifyListener;
import dev.soleinit.supervisor.loop.Collaborators;
import dev.soleinit.supervisor.reporting.CompatTrace;
import dev.soleinit.supervisor.reporting.StatePublisher;
import dev.soleinit.supervisor.requests.RequestHandler;
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
    private static final int MAX_MESSAGES_PER_TURN = 512;
    private static final Duration MAX_SLEEP = Duration.ofHours(1);

    /** Where from the loop hears. */
    record Sources(Inbox inbox, NotifyListener notifications, DaemonConnection connection,
            LiveDaemons daemons, RequestHandler requests) {}

    private final Kernel os;
    private final Configuration configuration;
    private final Inbox inbox;
    private final NotifyListener notify;
    private final DaemonConnection connection;
    private final LiveDaemons daemons;
    private final RequestHandler requests;
    private final EffectExecutor effects;
    private final StatePublisher publisher;
    private final Collaborators collaborators;
    private final Warmup warmup;
    private final LaunchTracker launches;
    private final OomDetector memory;
    private final CompatTrace trace;
    private final long epoch;
    private final Deque<Event> events = new ArrayDeque<>();
    private final Handover handover = new Handover();
    private final SplittableRandom random;
    private State state;
    private long orphansReaped;
    private long signalsForwarded;

    EventLoop(Kernel os, Configuration configuration, Sources sources, EffectExecutor effects,
            StatePublisher publisher, Collaborators collaborators, Warmup warmup, State initial,
            long epoch) {
        this.os = os;
        this.configuration = configuration;
        this.inbox = sources.inbox();
        this.notify = sources.notifications();
        this.connection = sources.connection();
        this.daemons = sources.daemons();
        this.requests = sources.requests();
        this.effects = effects;
        this.publisher = publisher;
        this.collaborators = collaborators;
        this.warmup = warmup;
        this.state = initial;
        this.epoch = epoch;
        this.memory = new OomDetector(os);
        this.launches = new LaunchTracker(os);
        this.trace = new CompatTrace(configuration);
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
        return daemons.of(generation).map(LiveDaemon::statusText).orElse("");
    }

    /** The same of the current one. */
    String statusText() {
        return daemon() == 0 ? "" : statusText(state.currentGeneration());
    }

    /** What the current daemon's processes have of memory, in bytes. */
    long daemonMemory() {
        return daemons.memory(state.currentGeneration());
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
        requests.sendAll(now());
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
        // one time for all of this: what is held back now has to have its deadline asked below
        long now = now();
        requests.sendReplies(now);
        boolean held = requests.isHeld(now);
        if (!held) {
            handleRequest();
        }
        if (!(state.phase() instanceof Phase.Done)) {
            await(held || inbox.isEmpty(), now);
        }
    }

    /** Who asks without a pause must not keep the daemon from being heard. */
    private void await(boolean idle, long asked) {
        if (!idle) {
            os.await(Duration.ZERO);
            return;
        }
        effects.prepare(state);
        warmup.tick(now());
        os.await(untilNextDeadline(asked));
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
            } else if (!collaborators.reaped(one.pid(), one.status(), now())
                    && !launches.wasRefused(one.pid())) {
                orphansReaped++;
            }
        }
        daemons.pollLeftovers(state, now()).forEach(this::dispatch);
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
            Optional<IncomingRequest> word = inbox.nextDaemonMessage();
            if (word.isEmpty()) {
                return;
            }
            connection.onMessage(word.get(), state, now()).ifPresent(this::dispatch);
        }
        os.wake();
    }

    private void handleSignals() {
        for (Signal signal = handover.nextSignal(); signal != null;
                signal = handover.nextSignal()) {
            handleSignal(signal);
        }
    }

    private void handleSignal(Signal signal) {
        Optional<ChangeAction> door = signal.equals(Signal.HUP)
                ? configuration.changes().onHup() : Optional.empty();
        door.map(EventLoop::request).ifPresentOrElse(
                request -> submitInternal(request,
                        new Caller("", Caller.Origin.SIGNAL, "signal: SIGHUP")),
                () -> dispatch(new Event.SignalReceived(signal)));
        if (trace.suspendsAt(signal)) {
            os.kill(os.self(), Signal.STOP);
        }
    }

    private static Request request(ChangeAction wish) {
        return switch (wish) {
            case RELOAD -> new Request.Reload("SIGHUP", false, false);
            case RESTART, NONE -> ConfigFileMonitor.restart(RestartMode.GRACEFUL, "SIGHUP", false);
            case SAFE_RESTART -> ConfigFileMonitor.restart(RestartMode.SAFE, "SIGHUP", false);
        };
    }

    /** A request that comes from within: nobody waits for its answer, the journal has it. */
    void submitInternal(Request request, Caller caller) {
        handle(new IncomingRequest(request, caller, ReplyTo.DISCARD));
    }

    private void handle(IncomingRequest request) {
        requests.handle(request, now())
                .ifPresentOrElse(this::dispatch, () -> requests.sendReplies(now()));
    }

    private void fireDeadlines() {
        if (now() >= state.deadline()) {
            dispatch(new Event.DeadlinePassed());
        }
        collaborators.tick(now());
    }

    private void drainNotifySocket() {
        notify.drain(this::now, this::dispatch);
    }

    private void drainEvents() {
        for (Optional<Event> next = inbox.nextEvent(); next.isPresent();
                next = inbox.nextEvent()) {
            dispatch(next.get());
        }
        for (Optional<Runnable> chore = inbox.nextTask(); chore.isPresent();
                chore = inbox.nextTask()) {
            chore.get().run();
        }
        if (inbox.pollDisconnects()) {
            requests.cancelAbandoned().forEach(this::dispatch);
        }
    }

    private void handleRequest() {
        inbox.nextRequest().ifPresent(this::handle);
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
                effects.execute(effect, state.currentGeneration(), now())
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
        requests.sendReplies(now());
    }

    private void onEffectResult(Event event) {
        if (event instanceof Event.Forked(Child forked)) {
            if (daemon() == 0) {
                handover.forked(forked.pid());
            }
            launches.forked(forked);
            daemons.forked(forked, effects.invocationId(), state);
        }
        events.add(event);
    }

    private void notifyObservers() {
        handover.follow(daemon());
        if (daemon() == 0 && state.goal() == Goal.DOWN) {
            // nobody is to come who could serve what waits in there
            os.descriptorStore().clear();
        }
        if (!launches.isLaunching(daemon()) && !(state.phase() instanceof Phase.Spawning)) {
            publisher.publish(state, now());
        }
        collaborators.follow(state, now());
    }

    // ---- waiting

    private Duration untilNextDeadline(long asked) {
        long next = Math.min(state.deadline(),
                Math.min(collaborators.deadline(asked), warmup.deadline(asked)));
        if (next == Phase.NEVER) {
            return MAX_SLEEP;
        }
        return Duration.ofNanos(Math.min(MAX_SLEEP.toNanos(), Math.max(0, next - now())));
    }
}
