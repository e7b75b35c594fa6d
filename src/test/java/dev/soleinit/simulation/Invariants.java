package dev.soleinit.simulation;

import dev.soleinit.machine.Effect;
import dev.soleinit.machine.Event;
import dev.soleinit.machine.LeftoverSettings.KillMode;
import dev.soleinit.machine.Mode;
import dev.soleinit.machine.Outcome.Result;
import dev.soleinit.machine.Settings;
import dev.soleinit.process.Child;
import dev.soleinit.process.ExitStatus;
import dev.soleinit.process.Signal;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What must hold whatever happens, seen from outside: events in, effects out. */
final class Invariants {
    private static final Set<Signal> STOPS = Set.of(Signal.TERM, Signal.INT, Signal.QUIT);
    /** What the kernel of {@link World} takes to kill, at the most, and some. */
    private static final long KERNEL = 10_000_000;
    private static final long NEVER = Long.MAX_VALUE;

    private final Settings settings;
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
    private final Set<Long> planned = new HashSet<>();
    private boolean termSent;
    private long noSpawnBefore;
    private final Map<Long, Event> asked = new HashMap<>();
    private final Set<Long> finished = new HashSet<>();
    private final Set<Long> accepted = new HashSet<>();
    private Event current;
    private boolean spawnedNow;
    private boolean startsNow;
    private boolean endComplete;
    private long stored;
    private long storedBy;

    Invariants(Settings settings, long generation) {
        this.settings = settings;
        this.generation = generation;
    }

    private static void require(boolean holds, String invariant, String what) {
        if (!holds) {
            throw new Broken(invariant, what);
        }
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
            case Event.GenerationStored(long number, var _) -> stored = number;
            case Event.Forked(Child child) -> {
                live = child;
                liveSince = now;
                spawning = false;
                toldReady = false;
                readySince = NEVER;
                killAllowedAt = stopSignalAt == NEVER ? NEVER
                        : stopSignalAt + settings.stopTimeout().toNanos();
                termSent = false;
                silentFrom = NEVER;
            }
            // whether it was of the current generation is not to be seen from outside
            case Event.WatchdogChanged(long _, Duration interval) when live != null
                    && !interval.isZero() ->
                    silentFrom = Math.min(silentFrom, now + interval.toNanos());
            case Event.Spawned _ -> {
                toldReady |= settings.readyWhenSpawned();
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
            case Event.Ended(int pid, ExitStatus status, var _) when live != null && pid == live.pid() ->
                    ended(status);
            case Event.MainTold(long _, int pid, long ticks) when live != null ->
                    live = new Child(live.generation(), pid, ticks);
            case Event.ReadyTold(long told) when live != null
                    && (told == live.generation() || told == generation) -> {
                live = new Child(told, live.pid(), live.startTicks());
                toldReady = true;
                readySince = Math.min(readySince, now);
            }
            case Event.SignalCame(Signal signal) when STOPS.contains(signal) -> {
                stopSignalAt = Math.min(stopSignalAt, now);
                interrupts += signal.equals(Signal.INT) ? 1 : 0;
                if (interrupts >= 2) {
                    killAllowedAt = now;
                }
            }
            case Event.StartAsked(long id) -> {
                asked.put(id, event);
                held = false;
                noSpawnBefore = 0;
            }
            case Event.StopAsked(long id, String _) -> {
                asked.put(id, event);
                held = true;
                planned.clear();
            }
            case Event.RestartAsked restart -> {
                asked.put(restart.id(), event);
                noSpawnBefore = 0;
            }
            case Event.ReloadAsked(long id, boolean _) -> {
                asked.put(id, event);
                noSpawnBefore = 0;
            }
            case Event.SignalAsked(long id, Signal _) -> asked.put(id, event);
            case Event.Booted _, Event.Ended _, Event.NobodyLeft _, Event.SignalCame _,
                    Event.LeftoversFound _, Event.LeftoversGone _,
                    Event.DeadlinePassed _, Event.Told _, Event.ManifestKept _,
                    Event.ManifestFailed _, Event.ReloadRan _, Event.StopRan _,
                    Event.CheckFinished _,
                    Event.CallerLeft _ -> { }
        }
    }

    private void ended(ExitStatus status) {
        boolean healthy = readySince != NEVER
                && now - readySince >= settings.healthyAfter().toNanos();
        boolean told = termSent;
        lastDead = live;
        live = null;
        if (!told && !healthy && status.code() != 75 && !restartWaits()) {
            quickFailure();
        }
    }

    private boolean restartWaits() {
        return accepted.stream().anyMatch(id -> !finished.contains(id)
                && asked.get(id) instanceof Event.RestartAsked);
    }

    private void quickFailure() {
        double least = settings.backoffInitial().toNanos() * (1 - settings.backoffJitter());
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
            case Effect.Send(Child child, Signal signal, boolean _) -> send(child, signal);
            case Effect.KillGroup(Child child) -> kill(child);
            case Effect.Accept(long id, var _, var _) -> accept(id);
            case Effect.Finish(long id, var outcome) -> {
                planned.remove(id);
                require(asked.containsKey(id) && finished.add(id), "answeredOnce",
                        "request " + id + " was answered twice or never asked");
                boolean wantsReady = asked.get(id) instanceof Event.StartAsked
                        || asked.get(id) instanceof Event.RestartAsked
                        || asked.get(id) instanceof Event.ReloadAsked;
                boolean good = outcome.result() == Result.COMPLETE
                        || outcome.result() == Result.UNCONFIRMED || outcome.result() == Result.ALREADY;
                require(!wantsReady || !good || live != null && toldReady, "readyIfTold",
                        "request " + id + " was told that the daemon is ready, but it is not");
                require(!(asked.get(id) instanceof Event.StopAsked) || !good || live == null
                        || stopSignalAt != NEVER, "downIfTold",
                        "request " + id + " was told that the daemon is down, but it lives");
            }
            case Effect.StoreGeneration(long next) -> {
                require(next == generation + 1, "generationRises", generation + " was followed by " + next);
                generation = next;
                storedBy = now + 5_000_000_000L;
                startsNow = true;
            }
            case Effect.StopLeftovers(Child child, Signal _) ->
                    require(live == null && same(child, lastDead), "onlyTheLiveChild",
                            "ends what " + child + " left, but alive is " + live);
            case Effect.KillLeftovers _ -> { }
            case Effect.Tell _, Effect.KeepManifest _, Effect.RunPreflight _, Effect.RunReload _,
                    Effect.RunStop _, Effect.RunCheck _,
                    Effect.SignalRest _, Effect.RememberFailures _, Effect.NoteEnd _,
                    Effect.Say _, Effect.SayRefused _,
                    Effect.TellOrchestrator _ -> { }
        }
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
        boolean stop = signal.equals(Signal.TERM) && !(current instanceof Event.SignalAsked);
        if (stop) {
            termSent = true;
            killAllowedAt = Math.min(killAllowedAt, now + settings.stopTimeout().toNanos());
        }
        boolean silent = current instanceof Event.DeadlinePassed && now >= silentFrom;
        if (stop && (current instanceof Event.HungTold || silent)) {
            killAllowedAt = Math.min(killAllowedAt, now + settings.forceGrace().toNanos());
        }
        if (STOPS.contains(signal) && current instanceof Event.SignalCame) {
            termSent = true;
            killAllowedAt = Math.min(killAllowedAt, now + settings.stopTimeout().toNanos());
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
        require(asked.containsKey(id) && !finished.contains(id) && accepted.add(id), "answeredOnce",
                "request " + id + " was accepted twice or after its end");
        if (!(asked.get(id) instanceof Event.StopAsked)) {
            // one that had to pass a check ends a backoff only now
            noSpawnBefore = 0;
        }
        if (asked.get(id) instanceof Event.RestartAsked forced && forced.mode() == Mode.FORCE
                && live != null) {
            killAllowedAt = Math.min(killAllowedAt, now + settings.forceGrace().toNanos());
        }
        if (asked.get(id) instanceof Event.RestartAsked restart && live != null
                && !restart.machine()) {
            planned.add(id);
        }
    }

    // ---- the end

    void over(long at, int code, boolean killable) {
        for (long id : asked.keySet()) {
            require(finished.contains(id), "answeredOnce", "request " + id + " was never answered");
        }
        if (stopSignalAt != NEVER && killable) {
            long budget = settings.stopTimeout().plus(settings.sweepGrace()).toNanos();
            require(at - stopSignalAt <= budget + KERNEL, "endsInTime", "ended "
                    + (at - stopSignalAt) / 1_000_000 + " ms after the first stop signal");
        }
        require(live == null || !killable, "endsInTime", "ended although the daemon lives");
    }
}
