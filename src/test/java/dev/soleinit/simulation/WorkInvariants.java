package dev.soleinit.simulation;

import dev.soleinit.process.RestartMode;
import dev.soleinit.process.Signal;
import dev.soleinit.statemachine.model.DaemonCommand;
import dev.soleinit.statemachine.model.Effect;
import dev.soleinit.statemachine.model.Event;
import dev.soleinit.statemachine.model.Event.RestartRequested;
import dev.soleinit.statemachine.model.RequestOutcome.Result;
import dev.soleinit.statemachine.settings.Policy;
import dev.soleinit.statemachine.work.WorkItem;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What must hold for work, seen from outside: the daemon's words in, effects out. */
final class WorkInvariants extends Monitor {
    private static final long SECOND = 1_000_000_000L;
    private static final long NEVER = Long.MAX_VALUE;
    /** So long is waited for the manifest to be on disk. */
    private static final long DISK = 5 * SECOND;

    private final boolean readyWhenSpawned;

    private Set<String> reallyAdmitted = Set.of();
    private Map<String, WorkItem> open = new TreeMap<>();
    private Map<Long, RestartRequested> outstanding = new HashMap<>();
    private Map<Long, Long> askedAt = new HashMap<>();
    private long now;
    private long generation;
    private long next;
    private long newest;
    private long commandOf;
    /** The daemon has been told to reload to this generation. */
    private long reloadTold;
    private long silentUntil;
    private boolean ready;
    private boolean told;
    private long fencedAt = NEVER;
    private boolean connected;
    private Event current;
    /** From when on it may be taken for hung, by the interval that it asked for. */
    private long silentFrom = NEVER;
    private Set<String> lost = Set.of();
    private Set<String> kept = Set.of();
    private long spawnedAt;
    private long servingSince;
    private boolean died;
    private boolean dead;
    /** The kernel could not end the daemon, and PID 1 has stopped waiting for that. */
    private boolean gaveUp;

    WorkInvariants(Policy settings) {
        readyWhenSpawned = settings.ready().whenSpawned();
    }

    /** Before an event that is the daemon's end or not; with some of them that end is complete. */
    void before(Event event, long at, boolean ends, boolean complete, Set<String> admitted) {
        now = at;
        reallyAdmitted = admitted;
        current = event;
        died = complete;
        // nobody can lift a fence while there is no connection
        boolean connects = event instanceof Event.DaemonAttached;
        fencedAt = fencedAt != NEVER && (connects || !connected) ? now : fencedAt;
        connected = connects || connected && !(event instanceof Event.DaemonDetached);
        require(fencedAt == NEVER || ends || now - fencedAt < 13 * SECOND + DISK || told, "fenceEnds",
                "fenced for " + (now - fencedAt) / SECOND + " s without a stop");
        if (event instanceof Event.DaemonEvent word && (word.generation() < generation
                || word.generation() > Math.max(generation, newest))) {
            return;
        }
        switch (event) {
            case Event.Spawned _ -> ready |= readyWhenSpawned;
            case Event.Forked forked -> begins(forked.child().generation());
            case Event.WorkBegun(long _, WorkItem item) -> open.put(item.id(), item);
            case Event.WorkEnded(long _, String id) -> open.remove(id);
            case Event.WorkReported(long _, var items) -> {
                open.clear();
                items.forEach(item -> open.put(item.id(), item));
            }
            case Event.WatchdogChanged(long _, Duration interval) -> silentFrom = interval.isZero()
                    ? NEVER : now + interval.toNanos();
            case Event.DaemonFailed _ -> {
                next = 0;
                silentUntil = 0;
                servingSince = now;
            }
            // shortly after a signal this shows that the reload has begun only now
            case Event.DaemonNotReady(long named) when named == newest && now <= silentUntil ->
                    next = named;
            case Event.ReloadCommandFinished(long named, var _) when named == commandOf -> commandOf = 0;
            case Event.ManifestFailed _ -> kept = Set.of();
            case Event.DaemonReady(long named, var _) -> {
                ready = !dead;
                if (named == next && !told && commandOf != next && reloadTold == next) {
                    generation = named;
                    next = 0;
                    servingSince = now;
                }
            }
            case RestartRequested asked -> {
                outstanding.put(asked.id(), asked);
                askedAt.put(asked.id(), now);
            }
            default -> { }
        }
        if (ends) {
            ready = false;
            dead = true;
            fencedAt = NEVER;
        }
        if (complete) {
            lost = new TreeSet<>(open.keySet());
            open.clear();
        }
    }

    private void begins(long number) {
        silentFrom = NEVER;
        generation = number;
        next = 0;
        ready = false;
        dead = false;
        told = false;
        fencedAt = NEVER;
        connected = false;
        spawnedAt = now;
        kept = Set.of();
        open.clear();
    }

    void after(List<Effect> effects) {
        for (Effect effect : effects) {
            switch (effect) {
                // its time begins when it has passed its check
                case Effect.AcceptRequest(long id, var _, var _) when askedAt.containsKey(id) ->
                        askedAt.put(id, now);
                case Effect.SendToDaemon(long _, var notice) -> told(notice);
                case Effect.SendSignal(var _, Signal signal, boolean _) when signal.equals(Signal.TERM) ->
                        stops();
                case Effect.RunStopCommand _ -> stops();
                case Effect.SendSignal(var _, Signal signal, boolean _) when signal.equals(Signal.HUP)
                        && next != 0 && reloads() -> {
                    silentUntil = now + SECOND;
                    reloadTold = next;
                }
                case Effect.SendSignal _ when current instanceof Event.SignalReceived(Signal signal)
                        && Set.of(Signal.INT, Signal.QUIT).contains(signal) -> told = true;
                case Effect.PersistGeneration(long number) -> {
                    next = number;
                    newest = number;
                    if (current instanceof Event.DaemonReloading) {
                        reloadTold = number;
                    }
                }
                // while it runs the daemon's being ready is no end of the reload
                case Effect.RunReloadCommand(long number) -> {
                    commandOf = number;
                    reloadTold = number;
                }
                case Effect.SignalAllOthers _ -> gaveUp = !died;
                case Effect.SaveManifest(long _, long _, String _, var left, int _, boolean _) ->
                        kept = left.stream().map(WorkItem::id)
                                .collect(Collectors.toCollection(TreeSet::new));
                case Effect.FinishRequest(long id, var outcome) -> finished(id, outcome.result(),
                        outcome.tale().map(tale -> tale.cut().size()).orElse(0));
                default -> { }
            }
        }
        if (died && !gaveUp) {
            require(lost.equals(kept), "cutIsNamed", "the daemon left " + lost + ", kept was " + kept);
        }
        drainsInTime();
    }

    private void told(DaemonCommand notice) {
        switch (notice) {
            case DaemonCommand.Fence _, DaemonCommand.Drain _ -> fencedAt = Math.min(fencedAt, now);
            case DaemonCommand.Unfence _ -> fencedAt = NEVER;
            case DaemonCommand.Reload(long number) -> reloadTold = number;
            case DaemonCommand.Stopping _ -> { }
        }
    }

    /** A signal that follows a number's way to the disk is that of a reload. */
    private boolean reloads() {
        return current instanceof Event.GenerationPersisted || current instanceof Event.DeadlinePassed;
    }

    /** A stop that only safe restarts have led to finds no work that they wait for. */
    private void stops() {
        boolean byRestart = switch (current) {
            case RestartRequested _, Event.CheckFinished _, Event.DaemonFenced _,
                    Event.DaemonDrained _, Event.WorkEnded _, Event.WorkReported _,
                    Event.ManifestSaved _, Event.ManifestFailed _ -> true;
            case Event.DeadlinePassed _ -> ready && next == 0 && now < silentFrom;
            default -> false;
        };
        told = true;
        boolean onlySafe = !outstanding.isEmpty() && outstanding.values().stream()
                .allMatch(asked -> asked.mode() == RestartMode.SAFE);
        if (byRestart && onlySafe) {
            Set<String> ignored = new HashSet<>();
            outstanding.values().forEach(asked -> ignored.addAll(asked.ignored()));
            Set<String> cut = new TreeSet<>(reallyAdmitted);
            cut.removeAll(ignored);
            require(cut.isEmpty(), "safeNeverCuts", "a safe restart cuts " + cut);
        }
    }

    private void finished(long id, Result result, int cut) {
        RestartRequested asked = outstanding.remove(id);
        Long since = askedAt.remove(id);
        if (asked == null || asked.mode() != RestartMode.SAFE || asked.maxWait().isZero()) {
            return;
        }
        long late = now - since - asked.maxWait().toNanos();
        require(result != Result.GAVE_UP || late >= 0, "givesUpInTime", "gave up "
                + -late / 1_000_000 + " ms early");
    }

    /** While it serves and nothing else is under way, neither a drain nor patience outlasts its time. */
    private void drainsInTime() {
        if (!ready || told || next != 0 || died) {
            return;
        }
        boolean onlySafe = outstanding.values().stream().allMatch(one -> one.mode() == RestartMode.SAFE);
        for (RestartRequested asked : outstanding.values()) {
            boolean safe = asked.mode() == RestartMode.SAFE;
            long bound = (safe ? asked.maxWait().toNanos() + 3 * SECOND
                    : asked.drain().toNanos() + 2 * SECOND) + DISK + (asked.machine() ? 31 * SECOND : 0);
            boolean bounded = askedAt.get(asked.id()) > spawnedAt
                    && (!safe || onlySafe && !asked.maxWait().isZero());
            long since = Math.max(servingSince, askedAt.get(asked.id()));
            require(!bounded || now - since <= bound, "requestsEnd", "request "
                    + asked.id() + " (" + asked.mode() + ") is " + (now - askedAt.get(asked.id()))
                    / SECOND + " s old and the daemon serves on");
        }
    }

    @Override
    WorkInvariants copy() {
        WorkInvariants copy = (WorkInvariants) super.copy();
        copy.open = new TreeMap<>(open);
        copy.outstanding = new HashMap<>(outstanding);
        copy.askedAt = new HashMap<>(askedAt);
        return copy;
    }

    @Override
    void print(Canonical out) {
        out.flags(ready, told, dead, gaveUp, connected);
        for (long number : new long[] {generation, next, newest, commandOf, reloadTold}) {
            out.generation(number);
        }
        out.since(fencedAt, 19);
        if (!outstanding.isEmpty()) {
            out.time(spawnedAt);
            out.time(servingSince);
        }
        out.deadline(silentUntil);
        out.deadline(silentFrom);
        out.texts(open.keySet());
        out.texts(kept);
        for (long id : out.open()) {
            out.time(outstanding.containsKey(id) ? askedAt.get(id) : NEVER);
        }
    }
}
