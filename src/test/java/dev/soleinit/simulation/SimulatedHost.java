package dev.soleinit.simulation;

import dev.soleinit.process.Child;
import dev.soleinit.process.ExitStatus;
import dev.soleinit.process.RestartMode;
import dev.soleinit.process.Signal;
import dev.soleinit.process.SpawnError;
import dev.soleinit.statemachine.PolicyBuilder;
import dev.soleinit.statemachine.model.Effect;
import dev.soleinit.statemachine.model.Event;
import dev.soleinit.statemachine.model.Phase;
import dev.soleinit.statemachine.settings.ExitSettings.RestartPolicy;
import dev.soleinit.statemachine.settings.LeftoverSettings.KillMode;
import dev.soleinit.statemachine.settings.Policy;
import dev.soleinit.statemachine.settings.ReadySettings.Source;
import dev.soleinit.statemachine.state.State;
import dev.soleinit.statemachine.state.Step;
import dev.soleinit.statemachine.work.PreflightVerdict;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;

/**
 * One life of a supervisor, from one seed: a kernel that refuses and delays, a daemon that obeys,
 * ignores, crashes and hangs, callers that ask for everything at once, late and foreign events.
 */
final class SimulatedHost {
    private static final long MS = 1_000_000;
    private static final List<Signal> SIGNALS = List.of(Signal.HUP, Signal.USR1, Signal.TERM,
            Signal.INT, Signal.QUIT, new Signal(40));
    private static final int[] CODES = {0, 1, 1, 3, 75, 75, 78};
    private static final int LAST = 12;

    private record Due(long at, long order, Event event, Runnable chore) implements Comparable<Due> {
        @Override
        public int compareTo(Due other) {
            return at != other.at ? Long.compare(at, other.at) : Long.compare(order, other.order);
        }
    }

    private final Random random;
    private final StepFunction machine;
    private final Policy settings;
    private final Monitors monitors;
    private final PriorityQueue<Due> due = new PriorityQueue<>();
    private final Deque<String> transitions = new ArrayDeque<>();
    private final boolean killable;
    private State state;
    private Child live;
    private Child spawned;
    private boolean ending;
    private SimDaemon daemon;
    private final SimLeftovers leftovers;
    private long now;
    /** What the kernel answers while an effect is performed. */
    private final Deque<Event> answers = new ArrayDeque<>();
    private int executed;
    private long order;
    private int nextPid = 100;
    private long nextId;

    SimulatedHost(long seed, StepFunction machine) {
        this.random = new Random(seed);
        this.machine = machine;
        this.settings = settings(seed);
        this.killable = random.nextInt(20) != 0;
        this.monitors = new Monitors(settings, 7);
        this.leftovers = new SimLeftovers(new Random(seed + 1), this::later, this::leftoversGone,
                killable);
        this.state = State.initial(settings, 7, random.nextInt(3));
    }

    private Policy settings(long seed) {
        return PolicyBuilder.fromDefaults()
                .restart(RestartPolicy.values()[Math.max(0, random.nextInt(6) - 3)])
                .giveUpAfter(random.nextInt(4) == 0 ? 4 : 0)
                .readyWhenSpawned(random.nextBoolean())
                .lastGoodAfter(seed % 3 == 0 ? 2 : 0)
                .preflight(random.nextInt(5) == 0)
                .reload(random.nextInt(4) == 0, random.nextBoolean(), random.nextInt(4) == 0)
                .checks(random.nextInt(4) == 0)
                .stopCommand(seed % 5 == 2)
                .stopDelay(seed % 7 == 3 ? Duration.ofSeconds(3) : Duration.ZERO)
                .leftovers(KillMode.values()[Math.max(0, random.nextInt(6) - 3)],
                        Duration.ofSeconds(2))
                .build();
    }

    /** Lives until PID 1 is done. */
    void run() {
        try {
            plan();
            while (!(state.phase() instanceof Phase.Done)) {
                advance();
            }
            monitors.over(now, ((Phase.Done) state.phase()).code(), killable);
        } catch (InvariantViolation broken) {
            throw (InvariantViolation) new InvariantViolation(broken.getMessage().split(":")[0], broken.getMessage()
                    + "\nlast transitions:\n  " + String.join("\n  ", transitions))
                    .initCause(broken);
        }
    }

    /** Strews what comes from outside over some minutes, and a stop at the end. */
    private void plan() {
        later(random.nextInt(10) == 0 ? 30 : 0, new Event.Booted());
        int most = random.nextInt(25);
        for (int i = 0; i < most; i++) {
            later(random.nextInt(180_000), outside());
        }
        later(180_000 + random.nextInt(30_000), new Event.SignalReceived(Signal.TERM));
    }

    private Event outside() {
        return switch (random.nextInt(19)) {
            case 0, 1 -> new Event.StartRequested(++nextId);
            case 2, 3 -> new Event.StopRequested(++nextId, "because");
            case 4, 5, 12, 13 -> restart();
            case 14 -> new Event.ReloadRequested(++nextId, random.nextInt(4) == 0);
            case 15 -> new Event.CallerDisconnected(random.nextInt(12));
            case 16 -> random.nextInt(3) == 0 ? new Event.DaemonHung(7 + random.nextInt(4), "frozen")
                    : random.nextInt(3) == 0 ? new Event.WatchdogChanged(7 + random.nextInt(4),
                            Duration.ofSeconds(random.nextInt(40))) : new Event.WatchdogPing(7 + random.nextInt(4));
            case 17 -> random.nextInt(3) == 0 ? new Event.DaemonReloading(7 + random.nextInt(4), now)
                    : new Event.TimeoutExtended(7 + random.nextInt(4), Duration.ofSeconds(20));
            case 18 -> new Event.WatchdogChanged(7 + random.nextInt(4),
                    Duration.ofSeconds(random.nextInt(60)));
            case 6 -> new Event.SignalRequested(++nextId, Signal.HUP);
            case 7 -> random.nextBoolean() ? new Event.DaemonReady(7 + random.nextInt(4), Source.ATTACH)
                    : new Event.DaemonNotReady(7 + random.nextInt(4));
            case 8 -> new Event.DaemonStopping(7 + random.nextInt(4));
            case 9 -> new Event.ChildExited(50, new ExitStatus.Exited(1));
            case 10 -> new Event.SignalReceived(random.nextInt(6) == 0
                    ? SIGNALS.get(random.nextInt(SIGNALS.size())) : Signal.HUP);
            default -> new Event.AllProcessesGone();
        };
    }

    private Event restart() {
        RestartMode mode = RestartMode.values()[random.nextInt(4)];
        return new Event.RestartRequested(++nextId, mode, Duration.ofMillis(random.nextInt(10_000)),
                Duration.ofMillis(random.nextInt(4) == 0 ? 0 : random.nextInt(60_000)),
                random.nextInt(3) == 0 ? Set.of(8 + random.nextInt(3) + "-1") : Set.of(),
                random.nextInt(4) == 0,
                random.nextInt(4) == 0 ? Optional.of(List.of("-x")) : Optional.empty(),
                mode == RestartMode.SAFE && random.nextInt(4) == 0, random.nextInt(4) == 0, false);
    }

    private void later(long millis, Event event) {
        due.add(new Due(now + millis * MS, order++, event, null));
    }

    private void later(long millis, Runnable chore) {
        due.add(new Due(now + millis * MS, order++, null, chore));
    }

    /** The next thing that happens: something due, or the phase's deadline; now and then a stall. */
    private void advance() {
        long deadline = state.deadline();
        Due next = due.peek();
        if (next == null && deadline == Phase.NEVER) {
            throw new InvariantViolation("endsInTime", "nothing will ever happen in " + state.phase());
        }
        if (next == null || deadline <= next.at()) {
            now = Math.max(now, deadline);
            happen(new Event.DeadlinePassed());
            return;
        }
        due.poll();
        now = Math.max(now, next.at());
        if (daemon != null) {
            daemon.at(now / MS);
        }
        if (next.chore() != null) {
            next.chore().run();
            return;
        }
        if (next.event() instanceof Event.DaemonReady && (live == null || executed != live.pid())) {
            // nothing counts that is said before the program is executed
            return;
        }
        if (next.event() instanceof Event.AllProcessesGone && !(state.phase() instanceof Phase.Sweeping)
                || next.event() instanceof Event.ChildExited(int pid, var _, var _) && pid != 50
                        && (live == null || live.pid() != pid)) {
            return;
        }
        happen(next.event());
    }

    private void happen(Event event) {
        boolean ours = event instanceof Event.ChildExited(int pid, var _, var _) && live != null
                && live.pid() == pid;
        if (ours) {
            live = null;
            ending = false;
            leftovers.daemonEnded();
            if (daemon != null) {
                daemon.died();
            }
        }
        monitors.before(event, now, ours, daemon == null ? Set.of() : daemon.admitted());
        Step step = machine.step(state, event, now, random.nextDouble());
        note(event, step);
        state = step.state();
        monitors.after(step.effects(), leftovers.living());
        step.effects().forEach(this::perform);
        for (Event answer = answers.poll(); answer != null; answer = answers.poll()) {
            happen(answer);
        }
    }

    private void note(Event event, Step step) {
        transitions.add(now / MS + " ms " + state.phase().getClass().getSimpleName() + "/"
                + state.goal() + " + " + event + " -> "
                + step.state().phase().getClass().getSimpleName() + "/" + step.state().goal() + " "
                + step.effects());
        if (transitions.size() > LAST) {
            transitions.remove();
        }
    }

    // ---- the kernel and the daemon

    private void perform(Effect effect) {
        switch (effect) {
            case Effect.Spawn(long generation, var _) -> spawn(generation);
            case Effect.SendSignal(Child child, Signal signal, boolean _) -> signal(child, signal);
            case Effect.KillGroup(Child child) -> kill(child);
            case Effect.StopLeftovers(Child ended, Signal signal) -> stopLeftovers(ended, signal);
            case Effect.KillLeftovers _ -> leftovers.signal(Signal.KILL);
            case Effect.SignalAllOthers _ -> later(random.nextInt(1_500), new Event.AllProcessesGone());
            case Effect.SendToDaemon(long _, var notice) -> daemon.told(notice);
            case Effect.SaveManifest keep -> later(random.nextInt(6) == 0 ? random.nextInt(9_000) : 0,
                    random.nextInt(8) == 0 ? new Event.ManifestFailed(keep.attempt(), "full")
                            : new Event.ManifestSaved(keep.attempt()));
            case Effect.RunPreflight _ -> later(random.nextInt(400), new Event.PreflightFinished(
                    state.currentGeneration(), new PreflightVerdict(PreflightVerdict.Verdict.values()[random.nextInt(3)], "")));
            case Effect.RunReloadCommand(long generation) -> later(random.nextInt(90_000),
                    new Event.ReloadCommandFinished(generation, random.nextBoolean() ? Optional.empty()
                            : Optional.of("exited 1")));
            case Effect.RunCheck(long run) -> later(random.nextInt(2_000), new Event.CheckFinished(
                    run, random.nextBoolean() ? Optional.empty() : Optional.of("exit 1")));
            // now and then the disk is slow, or frozen
            case Effect.PersistGeneration(long generation) -> {
                long stored = random.nextInt(8) == 0 ? random.nextInt(9_000) : 0;
                if (settings.exits().lastGoodAfter() > 0) {
                    later(stored, new Event.ConfigurationRead(generation,
                            random.nextInt(8) == 0 ? String.valueOf(random.nextInt(3)) : "0"));
                }
                later(stored, new Event.GenerationPersisted(generation, random.nextInt(8) == 0 ? Optional.of("full") : Optional.empty()));
                probes(generation);
            }
            case Effect.RestoreConfiguration _ -> later(random.nextInt(4) == 0 ? random.nextInt(9_000) : 0,
                    new Event.ConfigurationRestored(random.nextBoolean(), "put back"));
            case Effect.KeepConfiguration(String hash) -> later(random.nextInt(4) == 0 ? random.nextInt(9_000) : 0,
                    new Event.ConfigurationKept(hash, random.nextInt(4) != 0));
            case Effect.RunStopCommand(long generation) -> stopCommand(generation);
            case Effect.PersistFailureCount _, Effect.RecordExit _,
                    Effect.LogWarning _, Effect.LogRefusal _, Effect.WriteTerminationMessage _,
                    Effect.AcceptRequest _, Effect.FinishRequest _ -> { }
        }
    }

    /** It tells the daemon to stop, or fails. */
    private void stopCommand(long generation) {
        boolean fails = random.nextInt(4) == 0;
        later(random.nextInt(2_000), new Event.StopCommandFinished(generation,
                fails ? Optional.of("exit 1") : Optional.empty()));
        if (!fails && live != null) {
            signal(live, Signal.TERM);
        }
    }

    /** Whoever looks for them has its answer at once or, as if /proc were slow, after other things. */
    private void stopLeftovers(Child ended, Signal signal) {
        leftovers.signal(signal);
        later(random.nextInt(8) == 0 ? random.nextInt(50) : 0, () -> {
            if (leftovers.living() == 0) {
                leftoversGone();
            } else if (state.phase() instanceof Phase.ClearingLeftovers) {
                happen(new Event.LeftoversFound(ended.pid(), "process 50 (child)"));
            }
        });
    }

    /** Nobody looks for it unless leftovers are being ended. */
    private void leftoversGone() {
        if (state.phase() instanceof Phase.ClearingLeftovers clearing) {
            happen(new Event.LeftoversGone(clearing.child().pid()));
        }
    }

    /** What probes find while it reloads. */
    private void probes(long generation) {
        for (int i = random.nextInt(4); i > 0; i--) {
            later(random.nextInt(3_000), random.nextBoolean() ? new Event.DaemonReady(generation, Source.ATTACH)
                    : new Event.DaemonNotReady(generation));
        }
    }

    /** The kernel makes a process at once; to execute the program may take its time. */
    private void spawn(long generation) {
        SpawnError refused = new SpawnError(SpawnError.Kind.values()[random.nextInt(3)], "refused");
        if (random.nextInt(20) == 0) {
            answers.add(new Event.SpawnFailed(generation, refused));
            return;
        }
        live = new Child(generation, nextPid++, 1);
        ending = false;
        Child child = live;
        answers.add(new Event.Forked(child));
        // a program on a slow disk takes long to execute
        long executing = random.nextInt(8) == 0 ? random.nextInt(70_000) : 0;
        boolean refuses = random.nextInt(20) == 0;
        boolean attaches = random.nextBoolean() && !refuses;
        daemon = new SimDaemon(random, child, this::later, event -> said(child, event), attaches);
        spawned = child;
        if (refuses) {
            later(executing, () -> cannotExecute(child, refused));
            return;
        }
        later(executing, () -> executes(child));
        if (random.nextInt(6) == 0) {
            later(1 + random.nextInt(60_000), () -> fork(child));
        }
        if (random.nextInt(5) != 0) {
            later(random.nextInt(70_000), new Event.DaemonReady(generation, Source.ATTACH));
        }
        if (random.nextInt(3) != 0) {
            later(1 + random.nextInt(90_000), exit(live));
        }
    }

    private void executes(Child child) {
        if (same(child)) {
            executed = child.pid();
            happen(new Event.Spawned(child));
        }
    }

    /** The launcher reports and ends. */
    private void cannotExecute(Child child, SpawnError refused) {
        if (same(child)) {
            // a word that made it ready can only have come from a program that was executed
            if (!(state.phase() instanceof Phase.Ready)) {
                happen(new Event.SpawnFailed(child.generation(), refused));
            }
            boolean stillCurrent = state.phase().current()
                    .filter(run -> run.child().pid() == child.pid()).isPresent();
            if (stillCurrent) {
                happen(new Event.ChildExited(child.pid(), new ExitStatus.Exited(127)));
            }
            live = same(child) ? null : live;
        }
    }

    /** It goes on in another process; the first ends, and that is an end of nobody's. */
    private void fork(Child first) {
        long generation = state.currentGeneration();
        if (!same(first) || executed != first.pid() || state.phase().current().isEmpty()) {
            return;
        }
        live = new Child(generation, nextPid++, 1);
        executed = live.pid();
        daemon.isNow(live);
        happen(new Event.MainPidChanged(generation, live.pid(), 1));
        happen(new Event.ChildExited(first.pid(), new ExitStatus.Exited(0)));
        if (random.nextInt(3) != 0) {
            later(1 + random.nextInt(90_000), exit(live));
        }
    }

    /** A word of the daemon; its own end only while it lives, that of its connection only if it is its. */
    private void said(Child child, Event event) {
        if (event instanceof Event.DaemonDetached) {
            if (child == spawned) {
                happen(new Event.DaemonDetached(state.currentGeneration()));
            }
        } else if (!(event instanceof Event.ChildExited(int pid, var _, var _)) || live != null && live.pid() == pid) {
            happen(event);
        }
    }

    private Event exit(Child child) {
        return new Event.ChildExited(child.pid(), random.nextInt(8) == 0
                ? new ExitStatus.Signaled(Signal.KILL, false)
                : new ExitStatus.Exited(CODES[random.nextInt(CODES.length)]));
    }

    private void signal(Child child, Signal signal) {
        if (signal.equals(Signal.KILL)) {
            kill(child);
            return;
        }
        boolean deadly = signal.equals(Signal.TERM) || signal.equals(Signal.INT)
                || signal.equals(Signal.QUIT);
        if (deadly && !ending && same(child) && random.nextInt(4) != 0) {
            ending = true;
            later(random.nextInt(12_000), exit(child));
        } else if (deadly && same(child) && random.nextInt(2) == 0) {
            nag(child);
        }
    }

    /** It does not stop, and asks for more time again and again. */
    private void nag(Child child) {
        later(200 + random.nextInt(3_000), () -> {
            if (same(child) && state.phase().current().isPresent()) {
                happen(new Event.TimeoutExtended(state.currentGeneration(), Duration.ofSeconds(20)));
                nag(child);
            }
        });
    }

    private boolean same(Child child) {
        return live != null && live.pid() == child.pid();
    }

    private void kill(Child child) {
        leftovers.signal(Signal.KILL);
        if (same(child) && killable) {
            later(random.nextInt(5), new Event.ChildExited(child.pid(),
                    new ExitStatus.Signaled(Signal.KILL, false)));
        }
    }
}
