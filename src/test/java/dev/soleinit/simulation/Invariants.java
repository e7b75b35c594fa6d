package dev.soleinit.simulation;

import dev.soleinit.process.Child;
import dev.soleinit.process.ExitStatus;
import dev.soleinit.process.RestartMode;
import dev.soleinit.process.Signal;
import dev.soleinit.statemachine.model.Effect;
import dev.soleinit.statemachine.model.Event;
import dev.soleinit.statemachine.model.RequestOutcome.Result;
import dev.soleinit.statemachine.settings.LeftoverSettings.KillMode;
import dev.soleinit.statemachine.settings.Policy;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What must hold whatever happens, seen from outside: events in, effects out. */
final class Invariants extends Monitor {
    private static final Set<Signal> STOPS = Set.of(Signal.TERM, Signal.INT, Signal.QUIT);
    /** What the kernel of {@link SimulatedHost} takes to kill, at the most, and some. */
    private static final long KERNEL = 10_000_000;
    private static final long NEVER = Long.MAX_VALUE;

    private final Policy settings;
    private long now;
    private Child live;
    private Child lastDead;
    private long liveSince;
    private boolean spawning;
    private long generation;
    private boolean toldReady;
    private long readySince = NEVER;
    private long killAllowedAt = NEVER;
    private long stopSignalAt = NEVER;
    private int interrupts;
    private boolean held;
    /** From when on it may be taken for hung, by the interval that it asked for. */
    private long silentFrom = NEVER;
    private Set<Long> planned = new HashSet<>();
    private boolean termSent;
    private long noSpawnBefore;
    /** The requests without an answer. */
    private Map<Long, Event> asked = new HashMap<>();
    private Set<Long> accepted = new HashSet<>();
    private Event current;
    private boolean spawnedNow;
    private boolean startsNow;
    private boolean endComplete;
    private long stored;
    private long storedBy;

    Invariants(Policy settings, long generation) {
        this.settings = settings;
        this.generation = generation;
    }

    // ---- what goes in

    /** Before an event; with some of them the end of the daemon is complete. */
    void before(Event event, long at, boolean complete) {
        now = at;
        endComplete = complete;
        current = event;
        spawnedNow = false;
        startsNow = false;
        switch (event) {
            case Event.GenerationPersisted(long number, var _) -> stored = number;
            case Event.Forked(Child child) -> {
                live = child;
                liveSince = now;
                spawning = false;
                toldReady = false;
                readySince = NEVER;
                killAllowedAt = stopSignalAt == NEVER ? NEVER
                        : stopSignalAt + settings.stop().timeout().toNanos();
                termSent = false;
                silentFrom = NEVER;
            }
            // whether it was of the current generation is not to be seen from outside
            case Event.WatchdogChanged(long _, Duration interval) when live != null
                    && !interval.isZero() ->
                    silentFrom = Math.min(silentFrom, now + interval.toNanos());
            case Event.Spawned _ -> {
                toldReady |= settings.ready().whenSpawned();
                readySince = toldReady ? Math.min(readySince, now) : NEVER;
            }
            case Event.SpawnFailed _ -> {
                spawning = false;
                lastDead = live == null ? lastDead : live;
                live = null;
                if (!termSent && !restartWaits()) {
                    quickFailure();
                }
            }
            case Event.ChildExited(int pid, ExitStatus status, var _) when live != null && pid == live.pid() ->
                    ended(status);
            case Event.MainPidChanged(long _, int pid, long ticks) when live != null ->
                    live = new Child(live.generation(), pid, ticks);
            case Event.DaemonReady(long told, var _) when live != null
                    && (told == live.generation() || told == generation) -> {
                live = new Child(told, live.pid(), live.startTicks());
                toldReady = true;
                readySince = Math.min(readySince, now);
            }
            case Event.SignalReceived(Signal signal) when STOPS.contains(signal) -> {
                stopSignalAt = Math.min(stopSignalAt, now);
                interrupts += signal.equals(Signal.INT) ? 1 : 0;
                if (interrupts >= 2) {
                    killAllowedAt = now;
                }
            }
            case Event.StartRequested(long id) -> {
                asked.put(id, event);
                held = false;
                noSpawnBefore = 0;
            }
            case Event.StopRequested(long id, String _) -> {
                asked.put(id, event);
                held = true;
                planned.clear();
            }
            case Event.RestartRequested restart -> {
                asked.put(restart.id(), event);
                noSpawnBefore = 0;
            }
            case Event.ReloadRequested(long id, boolean _) -> {
                asked.put(id, event);
                noSpawnBefore = 0;
            }
            case Event.SignalRequested(long id, Signal _) -> asked.put(id, event);
            case Event.ConfigurationRestored(boolean restored, var _) when restored -> noSpawnBefore = 0;
            case Event.Booted _, Event.ChildExited _, Event.AllProcessesGone _,
                    Event.SignalReceived _, Event.LeftoversFound _, Event.LeftoversGone _,
                    Event.DeadlinePassed _, Event.DaemonEvent _, Event.ManifestSaved _,
                    Event.ManifestFailed _, Event.ReloadCommandFinished _,
                    Event.StopCommandFinished _, Event.CheckFinished _,
                    Event.ConfigurationEvent _,
                    Event.CallerDisconnected _ -> { }
        }
    }

    private void ended(ExitStatus status) {
        boolean healthy = readySince != NEVER
                && now - readySince >= settings.exits().healthyAfter().toNanos();
        boolean told = termSent;
        lastDead = live;
        live = null;
        if (!told && !healthy && status.code() != 75 && !restartWaits()) {
            quickFailure();
        }
    }

    private boolean restartWaits() {
        return accepted.stream().anyMatch(id -> asked.get(id) instanceof Event.RestartRequested);
    }

    private void quickFailure() {
        double least = settings.backoff().initial().toNanos() * (1 - settings.backoff().jitter());
        noSpawnBefore = now + (long) least - 1;
    }

    // ---- what comes out

    void after(List<Effect> effects) {
        boolean wasPlanned = !planned.isEmpty();
        for (Effect effect : effects) {
            check(effect);
        }
        boolean clear = settings.leftovers().killMode() == KillMode.PROCESS
                ? endComplete : current instanceof Event.LeftoversGone;
        if (clear && wasPlanned && live == null && !held
                && stopSignalAt == NEVER) {
            require(startsNow, "plannedRestartAtOnce", "a planned restart did not begin at once");
        }
        if (startsNow) {
            planned.clear();
        }
    }

    private void check(Effect effect) {
        switch (effect) {
            case Effect.Spawn(long next, var _) -> spawn(next);
            case Effect.SendSignal(Child child, Signal signal, boolean _) -> send(child, signal);
            case Effect.KillGroup(Child child) -> kill(child);
            case Effect.RunStopCommand(long number) -> {
                require(live != null, "onlyTheLiveChild", "stops " + number + ", alive is none");
                toldToStop(current instanceof Event.SignalReceived(Signal signal) ? signal : Signal.TERM);
            }
            case Effect.AcceptRequest(long id, var _, var _) -> accept(id);
            case Effect.FinishRequest(long id, var outcome) -> finish(id, outcome.result());
            case Effect.PersistGeneration(long next) -> {
                require(next == generation + 1, "generationRises", generation + " was followed by " + next);
                generation = next;
                storedBy = now + 5_000_000_000L;
                startsNow = true;
            }
            case Effect.StopLeftovers(Child child, Signal _) ->
                    require(live == null && same(child, lastDead), "onlyTheLiveChild",
                            "ends what " + child + " left, but alive is " + live);
            case Effect.KillLeftovers _ -> { }
            case Effect.SendToDaemon _, Effect.SaveManifest _, Effect.RunPreflight _,
                    Effect.RunReloadCommand _, Effect.RunCheck _, Effect.SignalAllOthers _,
                    Effect.PersistFailureCount _, Effect.RecordExit _, Effect.LogWarning _,
                    Effect.LogRefusal _, Effect.WriteTerminationMessage _,
                    Effect.KeepConfiguration _, Effect.RestoreConfiguration _ -> { }
        }
    }

    private void finish(long id, Result result) {
        planned.remove(id);
        accepted.remove(id);
        Event request = asked.remove(id);
        require(request != null, "answeredOnce", "request " + id
                + " was answered twice or never asked");
        boolean wantsReady = request instanceof Event.StartRequested
                || request instanceof Event.RestartRequested || request instanceof Event.ReloadRequested;
        boolean good = result == Result.COMPLETE || result == Result.UNCONFIRMED
                || result == Result.ALREADY;
        require(!wantsReady || !good || live != null && toldReady, "readyIfTold",
                "request " + id + " was told that the daemon is ready, but it is not");
        require(!(request instanceof Event.StopRequested) || !good || live == null
                || stopSignalAt != NEVER, "downIfTold",
                "request " + id + " was told that the daemon is down, but it lives");
    }

    private void spawn(long next) {
        require(live == null && !spawning, "oneChild", "spawned beside a live child");
        require(next == generation, "generationRises", next + " was started, stored was " + generation);
        require(now >= storedBy || stored == next, "storedFirst", next + " was started before it was stored");
        require(stopSignalAt == NEVER, "stopWins", "spawned after a stop signal");
        require(!held, "holdHolds", "spawned while held down");
        require(now >= noSpawnBefore, "backsOff", "spawned " + (noSpawnBefore - now)
                + " ns before the backoff is over");
        spawning = true;
        spawnedNow = true;
    }

    private void send(Child child, Signal signal) {
        require(same(child, live), "onlyTheLiveChild", signal + " to " + child + ", alive is " + live);
        if (signal.equals(Signal.KILL)) {
            kill(child);
            return;
        }
        toldToStop(signal);
    }

    private void toldToStop(Signal signal) {
        boolean stop = signal.equals(Signal.TERM) && !(current instanceof Event.SignalRequested);
        if (stop) {
            termSent = true;
            killAllowedAt = Math.min(killAllowedAt, now + settings.stop().timeout().toNanos());
        }
        boolean silent = current instanceof Event.DeadlinePassed && now >= silentFrom;
        if (stop && (current instanceof Event.DaemonHung || silent)) {
            killAllowedAt = Math.min(killAllowedAt, now + settings.stop().forceGrace().toNanos());
        }
        boolean delayed = stopSignalAt != NEVER && !settings.stop().delay().isZero()
                && !(current instanceof Event.SignalRequested);
        if (STOPS.contains(signal) && (delayed || current instanceof Event.SignalReceived)) {
            termSent = true;
            killAllowedAt = Math.min(killAllowedAt, now + settings.stop().timeout().toNanos());
        }
    }

    /** A reload changes the generation, not the process. */
    private static boolean same(Child one, Child other) {
        return other != null && one.pid() == other.pid() && one.startTicks() == other.startTicks();
    }

    private void kill(Child child) {
        if (live == null) {
            require(same(child, lastDead), "onlyTheLiveChild", "killed the group of " + child);
            return;
        }
        require(same(child, live), "onlyTheLiveChild", "killed " + child + ", alive is " + live);
        require(now >= killAllowedAt, "graceBeforeKill", "killed before its time, "
                + (now - liveSince) / 1_000_000 + " ms old");
    }

    private void accept(long id) {
        require(asked.containsKey(id) && accepted.add(id), "answeredOnce",
                "request " + id + " was accepted twice or after its end");
        if (!(asked.get(id) instanceof Event.StopRequested)) {
            // one that had to pass a check ends a backoff only now
            noSpawnBefore = 0;
        }
        if (asked.get(id) instanceof Event.RestartRequested forced && forced.mode() == RestartMode.FORCE
                && live != null) {
            killAllowedAt = Math.min(killAllowedAt, now + settings.stop().forceGrace().toNanos());
        }
        if (asked.get(id) instanceof Event.RestartRequested restart && live != null
                && !restart.machine()) {
            planned.add(id);
        }
    }

    // ---- the end

    void over(long at, int code, boolean killable) {
        require(asked.isEmpty(), "answeredOnce", "requests " + asked.keySet()
                + " were never answered");
        if (stopSignalAt != NEVER && killable) {
            long budget = settings.stop().timeout().plus(settings.stop().sweepGrace())
                    .plus(settings.stop().delay()).toNanos();
            require(at - stopSignalAt <= budget + KERNEL, "endsInTime", "ended "
                    + (at - stopSignalAt) / 1_000_000 + " ms after the first stop signal");
        }
        require(live == null || !killable, "endsInTime", "ended although the daemon lives");
    }

    // ---- what is remembered

    @Override
    Invariants copy() {
        Invariants copy = (Invariants) super.copy();
        copy.planned = new HashSet<>(planned);
        copy.asked = new HashMap<>(asked);
        copy.accepted = new HashSet<>(accepted);
        return copy;
    }

    @Override
    void print(Canonical out) {
        out.flags(spawning, toldReady, held, termSent, interrupts > 1, interrupts > 0);
        print(out, live);
        print(out, lastDead);
        out.generation(generation);
        out.generation(stored);
        out.since(readySince, 30);
        out.since(stopSignalAt, 10);
        for (long at : new long[] {killAllowedAt, silentFrom, noSpawnBefore, storedBy}) {
            out.deadline(at);
        }
        out.requests(planned);
        out.requests(accepted);
        for (long id : out.open()) {
            out.number(kind(asked.get(id)));
        }
    }

    private static void print(Canonical out, Child child) {
        out.pid(child == null ? 0 : child.pid());
        out.generation(child == null ? 0 : child.generation());
    }

    private static long kind(Event request) {
        return switch (request) {
            case Event.StartRequested _ -> 1;
            case Event.StopRequested _ -> 2;
            case Event.SignalRequested _ -> 3;
            case Event.ReloadRequested reload -> reload.unchecked() ? 4 : 5;
            case Event.RestartRequested restart -> 10 + restart.mode().ordinal() * 8
                    + (restart.machine() ? 4 : 0) + (restart.unchecked() ? 2 : 0)
                    + (restart.assumeIdle() ? 1 : 0);
            case null, default -> 0;
        };
    }
}
