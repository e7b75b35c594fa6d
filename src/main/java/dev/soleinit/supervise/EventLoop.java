package dev.soleinit.supervise;

import dev.soleinit.control.Call;
import dev.soleinit.control.NotifyMessage;
import dev.soleinit.control.Request;
import dev.soleinit.machine.Effect;
import dev.soleinit.machine.Event;
import dev.soleinit.machine.Phase;
import dev.soleinit.machine.State;
import dev.soleinit.machine.Step;
import dev.soleinit.machine.SupervisorMachine;
import dev.soleinit.os.Os;
import dev.soleinit.os.Os.Datagram;
import dev.soleinit.os.Os.Reaped;
import dev.soleinit.process.Child;
import dev.soleinit.process.Signal;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * The only thread that decides and the only one that touches the kernel. A turn: reap until there
 * is no dead child, take the signals, the deadline, what the daemon said, one request; then wait.
 * A death is therefore known before any request is judged. Made and run by {@link Supervisor} on
 * the main thread.
 */
final class EventLoop {
    private static final int DATAGRAMS_A_TURN = 64;
    /** How often to look whether the last stranger has gone: their parent is told, not we. */
    private static final long SWEEP_LOOK_NANOS = 10_000_000L;
    private static final Duration LONGEST_SLEEP = Duration.ofHours(1);

    private final Parts parts;
    private final Os os;
    private final long epoch;
    private final Deque<Event> events = new ArrayDeque<>();
    private final SplittableRandom random;
    private State state;
    private int child;
    private long orphansReaped;
    private String statusText = "";

    EventLoop(Parts parts, State initial, long epoch) {
        this.parts = parts;
        this.os = parts.os();
        this.state = initial;
        this.epoch = epoch;
        this.random = new SplittableRandom(os.nanoTime() ^ os.self());
    }

    State state() {
        return state;
    }

    long orphansReaped() {
        return orphansReaped;
    }

    String statusText() {
        return statusText;
    }

    /** Nanoseconds since the supervisor began. */
    long now() {
        return os.nanoTime() - epoch;
    }

    /**
     * The daemon that the kernel made and that has not been reaped, 0 if there is none: what
     * {@link FallbackInit} goes on with, even if deciding failed right after the start.
     */
    int child() {
        return child;
    }

    private int daemon() {
        return state.phase().current().map(run -> run.child().pid()).orElse(0);
    }

    /** Turns until PID 1 has an exit code. */
    int run() {
        takeSignals();
        decide(new Event.Booted());
        Rehearsal.of(state);
        while (!(state.phase() instanceof Phase.Done)) {
            turn();
        }
        return ((Phase.Done) state.phase()).code();
    }

    private void turn() {
        reap();
        takeSignals();
        passDeadline();
        listen();
        takeEvent();
        takeCall();
        parts.waits().look(state, now());
        if (parts.inbox().isEmpty() && !(state.phase() instanceof Phase.Done)) {
            os.await(untilNextDeadline());
        }
    }

    // ---- the sources, in the order of a turn

    private void reap() {
        for (Optional<Reaped> dead = os.reap(); dead.isPresent(); dead = os.reap()) {
            Reaped one = dead.get();
            child = one.pid() == child ? 0 : child;
            if (one.pid() == daemon()) {
                decide(new Event.Ended(one.pid(), one.status()));
            } else if (!parts.prober().reaped(one.pid(), one.status(), now())) {
                orphansReaped++;
            }
        }
        if (state.phase() instanceof Phase.Sweeping && !os.anyoneLeft()) {
            decide(new Event.NobodyLeft());
        }
    }

    private void takeSignals() {
        for (Signal signal : os.takeSignals()) {
            decide(new Event.SignalCame(signal));
        }
    }

    private void passDeadline() {
        if (now() >= state.phase().deadline()) {
            decide(new Event.DeadlinePassed());
        }
        parts.prober().turn(now());
        if (now() >= parts.publisher().deadline()) {
            parts.publisher().publish(state, now());
        }
    }

    private void listen() {
        for (int i = 0; i < DATAGRAMS_A_TURN; i++) {
            Optional<Datagram> datagram = os.receive();
            if (datagram.isEmpty()) {
                return;
            }
            heard(datagram.get());
        }
        os.wake();
    }

    /** Words count only from the daemon's own processes: its main process or its group. */
    private void heard(Datagram datagram) {
        long generation = state.phase().current().map(run -> run.child().generation()).orElse(0L);
        if (generation == 0 || !os.isMemberOf(datagram.pid(), daemon())) {
            return;
        }
        for (NotifyMessage message : NotifyMessage.parse(datagram.text())) {
            switch (message) {
                case NotifyMessage.Ready _ -> told(generation);
                case NotifyMessage.Stopping _ -> decide(new Event.StoppingTold(generation));
                case NotifyMessage.Status(String text) -> statusText = text;
            }
        }
    }

    private void told(long generation) {
        if (parts.readyByNotify()) {
            decide(new Event.ReadyTold(generation));
        }
    }

    private void takeEvent() {
        for (Optional<Event> next = parts.inbox().nextEvent(); next.isPresent();
                next = parts.inbox().nextEvent()) {
            decide(next.get());
        }
    }

    private void takeCall() {
        Optional<Call> call = parts.inbox().nextCall();
        if (call.isEmpty()) {
            return;
        }
        switch (call.get().request()) {
            case Request.Status _ -> call.get().replyTo().result(parts.report().of(state, now()));
            case Request.Wait wait -> parts.waits().add(call.get(), wait, now());
            case Request.Subscribe subscribe -> parts.subscribers().add(call.get(), subscribe);
            case Request.Start _, Request.Stop _, Request.Restart _, Request.SendSignal _ ->
                    decide(parts.requests().take(call.get(), state, now()));
        }
    }

    // ---- deciding and doing

    private void decide(Event event) {
        State before = state;
        events.add(event);
        while (!events.isEmpty()) {
            Step step = SupervisorMachine.step(state, events.poll(), now(), random.nextDouble());
            state = step.state();
            for (Effect effect : step.effects()) {
                parts.effects().perform(effect).ifPresent(this::answered);
            }
        }
        // a forwarded signal changes nothing: the daemon may need this processor to handle it
        if (state != before) {
            follow();
        }
        parts.requests().flush(state, now());
    }

    private void answered(Event event) {
        if (event instanceof Event.Spawned(Child spawned)) {
            child = spawned.pid();
        }
        events.add(event);
    }

    private void follow() {
        if (daemon() == 0) {
            statusText = "";
        }
        parts.publisher().publish(state, now());
        parts.prober().follow(state, now());
    }

    // ---- waiting

    private Duration untilNextDeadline() {
        long next = Math.min(state.phase().deadline(), Math.min(parts.prober().deadline(),
                Math.min(parts.waits().deadline(), parts.publisher().deadline())));
        long now = now();
        if (state.phase() instanceof Phase.Sweeping) {
            next = Math.min(next, now + SWEEP_LOOK_NANOS);
        }
        if (next == Phase.NEVER) {
            return LONGEST_SLEEP;
        }
        return Duration.ofNanos(Math.min(LONGEST_SLEEP.toNanos(), Math.max(0, next - now)));
    }
}
