package dev.soleinit.simulation;

import dev.soleinit.process.Child;
import dev.soleinit.process.RestartMode;
import dev.soleinit.process.Signal;
import dev.soleinit.statemachine.model.DaemonCommand;
import dev.soleinit.statemachine.model.DaemonProcess;
import dev.soleinit.statemachine.model.Effect;
import dev.soleinit.statemachine.model.Event;
import dev.soleinit.statemachine.model.Phase;
import dev.soleinit.statemachine.model.RequestOutcome.Result;
import dev.soleinit.statemachine.settings.Policy;
import dev.soleinit.statemachine.state.State;
import dev.soleinit.statemachine.work.WorkItem;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What must hold with two processes, whatever happens: events in, effects and what is published out. */
final class OverlapInvariants extends Monitor {
    private static final Set<Signal> STOPS = Set.of(Signal.TERM, Signal.INT, Signal.QUIT);
    private static final long NEVER = Long.MAX_VALUE;
    private static final long LAST_WORDS = 100_000_000L;
    private static final long KERNEL = 10_000_000L;
    private static final long DISK = 5_000_000_000L;

    /** What is known of a process from outside. */
    private static final class Life implements Cloneable {
        long generation;
        int pid;
        boolean alive = true;
        boolean ready;
        boolean attached;
        boolean complete;
        /** It was to stop, or to be down, when it ended. */
        boolean stopped;
        long diedAt = NEVER;
        long toldAt = NEVER;
        long killFrom = NEVER;
        long replacedAt = NEVER;
        long idleSince;
        Set<String> open = new TreeSet<>();
        Set<String> kept = new TreeSet<>();
        long attempt;

        Life(Child child) {
            generation = child.generation();
            pid = child.pid();
        }

        Life copy() {
            try {
                Life copy = (Life) clone();
                copy.open = new TreeSet<>(open);
                copy.kept = new TreeSet<>(kept);
                return copy;
            } catch (CloneNotSupportedException impossible) {
                throw new AssertionError(impossible);
            }
        }
    }

    private final Policy policy;
    private TreeMap<Long, Life> lives = new TreeMap<>();
    /** The pids of the current one and of the one that comes, 0 for none. */
    private int current;
    private int coming;
    private long now;
    private Event event;
    private long generation = 7;
    private Set<Long> stored = new HashSet<>();
    private long storedBy;
    private Map<Long, Event.RequestEvent> asked = new TreeMap<>();
    /** Those of the accepted that may stop the current one. */
    private Set<Long> ordinary = new TreeSet<>();
    private long stopAt = NEVER;
    private int interrupts;
    private boolean held;
    private boolean unsafe;
    private boolean forced;
    private boolean wasReady;
    /** What came meanwhile is decided now, one after the other. */
    private boolean wasHeld;
    /** What orchestrators have sent since the current one has ended whose end is held. */
    private List<Signal> unheard = List.of();
    private Life replaced;
    private State last;

    OverlapInvariants(Policy policy) {
        this.policy = policy;
    }

    // ---- what goes in

    void before(Event next, long at, State state) {
        now = at;
        event = next;
        last = state;
        wasReady = state.phase() instanceof Phase.Ready;
        wasHeld = state.awaitsLastMessages();
        replaced = null;
        lives.values().forEach(one -> one.complete |= !one.alive && next instanceof Event.DeadlinePassed
                && now >= one.diedAt + LAST_WORDS);
        switch (next) {
            case Event.GenerationPersisted(long number, var _) -> stored.add(number);
            case Event.Forked(Child child) -> born(child);
            case Event.SpawnFailed(long number, var _) -> find(number).ifPresent(one -> {
                dies(one);
                one.complete = true;
            });
            case Event.ChildExited end -> lives.values().stream()
                    .filter(one -> one.alive && one.pid == end.pid()).forEach(this::dies);
            case Event.SignalReceived(Signal signal) when STOPS.contains(signal) -> {
                stopAt = Math.min(stopAt, now);
                interrupts += signal.equals(Signal.INT) ? 1 : 0;
                unheard = wasHeld ? Stream.concat(unheard.stream(), Stream.of(signal)).toList() : unheard;
            }
            // what is kept after an end is kept in memory then
            case Event.ManifestFailed(long attempt, var _) -> lives.values().stream()
                    .filter(one -> one.attempt == attempt).forEach(one -> one.kept = new TreeSet<>());
            case Event.RequestEvent request -> asks(request);
            case Event.DaemonEvent told -> find(told.generation()).ifPresent(one -> says(one, told));
            default -> { }
        }
        lives.values().forEach(this::replace);
    }

    private Optional<Life> find(long number) {
        return Optional.ofNullable(lives.get(number));
    }

    private Life live(int pid) {
        return lives.values().stream().filter(one -> one.pid == pid && one.alive).findFirst()
                .orElse(null);
    }

    private void born(Child child) {
        Life born = new Life(child);
        lives.put(born.generation, born);
        if (lives.values().stream().noneMatch(one -> one.pid == current && !one.complete)) {
            current = born.pid;
        } else {
            coming = born.pid;
        }
    }

    private void dies(Life one) {
        one.alive = false;
        one.diedAt = now;
        one.stopped = stops();
        one.complete = !one.attached;
        coming = one.pid == coming ? 0 : coming;
    }

    /** Nobody is current any more; who starts already takes its place, and has what came since. */
    private void replace(Life one) {
        Life next = live(coming);
        if (one.complete && one.pid == current) {
            boolean takes = next != null && next.toldAt == NEVER && !one.stopped;
            current = takes ? next.pid : 0;
            coming = takes ? 0 : coming;
        }
    }

    private void asks(Event.RequestEvent request) {
        asked.put(request.id(), request);
        switch (request) {
            case Event.StartRequested _ -> held = false;
            case Event.StopRequested _ -> held = true;
            case Event.RestartRequested restart -> {
                unsafe |= restart.mode() != RestartMode.SAFE;
                if (restart.mode() == RestartMode.FORCE) {
                    forced = true;
                    lives.values().stream().filter(one -> one.toldAt != NEVER).forEach(one -> one.killFrom
                            = Math.min(one.killFrom, now + policy.stop().forceGrace().toNanos()));
                }
            }
            case Event.ReloadRequested _, Event.SignalRequested _ -> { }
        }
    }

    private void says(Life one, Event.DaemonEvent told) {
        switch (told) {
            case Event.DaemonAttached _ -> one.attached = true;
            case Event.DaemonDetached _ -> {
                one.attached = false;
                one.complete |= !one.alive;
            }
            case Event.WorkBegun(long _, WorkItem item) when !one.complete -> one.open.add(item.id());
            case Event.WorkEnded(long _, String id) -> one.open.remove(id);
            case Event.MainPidChanged main when one.alive -> {
                current = one.pid == current ? main.pid() : current;
                coming = one.pid == coming ? main.pid() : coming;
                one.pid = main.pid();
            }
            case Event.DaemonReady _ when one.alive -> {
                one.ready = true;
                if (one.pid == coming && one.toldAt == NEVER) {
                    replaced = live(current);
                    if (replaced != null) {
                        replaced.replacedAt = now;
                    }
                    current = coming;
                    coming = 0;
                }
            }
            default -> { }
        }
    }

    // ---- what comes out

    void after(List<Effect> effects, State state) {
        require(!(event instanceof Event.DeadlinePassed) || !effects.isEmpty() || !state.equals(last)
                || state.deadline() > now, "sleeps", "it is woken again and again: " + state.phase());
        state.processes().forEach(this::rename);
        effects.forEach(effect -> check(effect, state));
        stopsAgain(effects, state);
        heardAfterTheEnd(effects, state);
        published(state);
        facts(state);
        fences();
        stopsBoth(state);
        for (Life one : lives.values()) {
            freesTheSlot(one);
            require(!one.alive || one.toldAt == NEVER
                    || now <= one.toldAt + 10 * policy.stop().timeout().toNanos() + KERNEL,
                    "killedInTime", one.generation + " lives long after it was told to stop");
            boolean ended = one.complete && !(state.phase() instanceof Phase.Done);
            require(!ended || one.open.equals(one.kept), "cutIsNamed", one.generation + " left "
                    + one.open + ", kept was " + one.kept);
        }
        lives.values().removeIf(one -> one.complete);
    }

    /** One that has reloaded has a newer number. */
    private void rename(DaemonProcess run) {
        Life one = live(run.child().pid());
        if (one != null && one.generation != run.child().generation()) {
            lives.remove(one.generation);
            one.generation = run.child().generation();
            lives.put(one.generation, one);
        }
    }

    private void published(State state) {
        long living = lives.values().stream().filter(one -> one.alive).count();
        require(living <= 2 && state.processes().size() <= 2, "atMostTwo", living + " live");
        Life one = live(current);
        if (one != null && !state.awaitsLastMessages() && !(state.phase() instanceof Phase.Sweeping)
                && !(state.phase() instanceof Phase.Done)) {
            require(state.phase().current().isPresent()
                    && state.phase().current().get().child().pid() == one.pid, "oneCurrent",
                    one.generation + " is current, published is " + state.phase());
        }
    }

    private void facts(State state) {
        Life one = live(current);
        if (one != null && state.phase().current().isPresent()
                && state.phase().current().get().child().pid() == one.pid) {
            require(ids(state.work().items()).equals(one.open), "factsOfEach", "the current one has "
                    + one.open + ", known are " + ids(state.work().items()));
        }
        state.other().flatMap(other -> find(other.generation()).filter(two -> !two.complete))
                .ifPresent(two -> {
                    Set<String> known = ids(state.other().get().daemon().work().items());
                    require(known.equals(two.open), "factsOfEach", "the other one has " + two.open
                            + ", known are " + known);
                });
    }

    private static Set<String> ids(List<WorkItem> items) {
        return items.stream().map(WorkItem::id).collect(Collectors.toCollection(TreeSet::new));
    }

    /** The old one must not take new work from the moment on in which the new one does. */
    private void fences() {
        if (replaced != null && replaced.attached && replaced.toldAt == NEVER && !stops()) {
            require(false, "fencedAtSwitch", replaced.generation + " was not fenced");
        }
    }

    /** A third one can only begin when it has gone: somebody waits for it, or its work does. */
    private void freesTheSlot(Life one) {
        one.idleSince = one.open.isEmpty() ? one.idleSince : now;
        boolean idle = one.alive && one.replacedAt != NEVER && one.toldAt == NEVER && one.open.isEmpty();
        long longest = 0;
        for (Event.RequestEvent request : asked.values()) {
            if (request instanceof Event.RestartRequested restart) {
                boolean safe = restart.mode() == RestartMode.SAFE;
                longest = Math.max(longest, !safe ? restart.drain().toNanos()
                        : restart.maxWait().isZero() ? NEVER : restart.maxWait().toNanos());
            }
        }
        require(!idle || longest == NEVER
                || now <= Math.max(one.replacedAt + longest, one.idleSince) + DISK + KERNEL, "freesTheSlot",
                one.generation + " is idle and not stopped, and nobody waits for it any longer");
    }

    /** Who says it again says it to both, as to one alone. */
    private void stopsAgain(List<Effect> effects, State state) {
        boolean delayed = state.phase() instanceof Phase.StopDelayed;
        if (!(event instanceof Event.SignalReceived(Signal signal)) || !STOPS.contains(signal)
                || state.awaitsLastMessages() || wasHeld || state.phase() instanceof Phase.Done) {
            return;
        }
        for (Life one : lives.values()) {
            boolean reached = effects.stream().anyMatch(effect -> switch (effect) {
                case Effect.SendSignal(Child child, Signal _, boolean _) -> child.pid() == one.pid;
                case Effect.KillGroup(Child child) -> child.pid() == one.pid;
                case Effect.SignalAllOthers _ -> true;
                default -> false;
            });
            require(!one.alive || reached || delayed && one.pid == current, "stopsAgain",
                    signal + " has not reached " + one.generation);
        }
    }

    /** What was said while an end was held has reached, now that it is decided, whoever lives. */
    private void heardAfterTheEnd(List<Effect> effects, State state) {
        if (state.awaitsLastMessages() || !wasHeld || state.phase() instanceof Phase.Done) {
            return;
        }
        // with a delay it serves on until it is said once more
        boolean waits = !policy.stop().delay().isZero();
        boolean delayed = state.phase() instanceof Phase.StopDelayed;
        for (Life one : lives.values()) {
            for (Signal signal : one.alive ? unheard : List.<Signal>of()) {
                boolean reached = effects.stream().anyMatch(effect ->
                        effect instanceof Effect.SendSignal(Child child, Signal sent, boolean _)
                                && child.pid() == one.pid && sent.equals(signal)
                        || effect instanceof Effect.KillGroup(Child killed) && killed.pid() == one.pid);
                boolean mayServe = delayed || waits && !signal.equals(unheard.getLast());
                require(reached || mayServe && one.pid == current, "heardAfterTheEnd",
                        signal + " has not reached " + one.generation);
            }
            boolean hurried = unheard.stream().filter(Signal.INT::equals).count() < 2
                    || effects.stream().anyMatch(effect -> effect instanceof Effect.KillGroup(Child killed)
                            && killed.pid() == one.pid);
            require(!one.alive || hurried, "heardAfterTheEnd",
                    "two interrupts have not killed " + one.generation);
        }
        unheard = List.of();
    }

    private boolean stops() {
        return stopAt != NEVER || held;
    }

    private void stopsBoth(State state) {
        boolean asks = event instanceof Event.StopRequested
                || event instanceof Event.SignalReceived(Signal signal) && STOPS.contains(signal);
        if (!asks || state.awaitsLastMessages()) {
            return;
        }
        for (Life one : lives.values()) {
            boolean serves = one.pid == current && state.phase() instanceof Phase.StopDelayed;
            require(!one.alive || one.toldAt != NEVER || serves, "stopsBoth",
                    one.generation + " was not told to stop");
        }
    }

    private void check(Effect effect, State state) {
        switch (effect) {
            case Effect.PersistGeneration(long next) -> {
                require(next == generation + 1, "generationRises", generation + " then " + next);
                generation = next;
                storedBy = now + DISK;
            }
            case Effect.Spawn(long next, var _) -> spawn(next);
            case Effect.SendSignal(Child child, Signal signal, boolean _) -> send(child, signal);
            case Effect.KillGroup(Child child) -> kill(child);
            case Effect.SendToDaemon(long number, DaemonCommand notice) -> tell(number, notice);
            case Effect.SaveManifest keep -> find(keep.generation()).ifPresent(one -> {
                one.kept = ids(keep.left());
                one.attempt = keep.ended() ? 0 : keep.attempt();
            });
            case Effect.AcceptRequest(long id, var _, var _) -> accept(id);
            case Effect.FinishRequest(long id, var outcome) -> finish(id, outcome.result());
            default -> { }
        }
    }

    private void spawn(long next) {
        long living = lives.values().stream().filter(one -> one.alive).count();
        require(living <= 1, "atMostTwo", next + " is started beside " + living);
        require(next == generation, "generationRises", next + " started, newest is " + generation);
        require(stored.contains(next) || now >= storedBy, "storedFirst", next + " was not stored");
        require(!stops(), "stopWins", "started although it was to stop");
    }

    private void send(Child child, Signal signal) {
        Life to = live(child.pid());
        require(to != null, "onlyTheLiving", signal + " to " + child);
        boolean handedOn = event instanceof Event.SignalReceived(Signal got) && !STOPS.contains(got)
                || event instanceof Event.SignalRequested;
        if (handedOn && (signal.equals(Signal.HUP) || signal.equals(Signal.USR1))) {
            require(to.pid == current, "signalsToTheCurrent", signal + " went to " + to.generation);
        }
        if (STOPS.contains(signal)) {
            stop(to);
        }
    }

    private void stop(Life to) {
        boolean hangs = event instanceof Event.DaemonHung || event instanceof Event.DaemonFailed
                || event instanceof Event.DeadlinePassed && !wasReady;
        if (to.pid == current) {
            require(stops() || wasHeld || !ordinary.isEmpty() || hangs && concerns(to), "currentIsLeftAlone",
                    to.generation + " is stopped by " + event);
        } else if (to.pid != coming && !stops() && !unsafe && !hangs) {
            require(to.open.isEmpty(), "safeNeverCuts", to.generation + " is cut: " + to.open);
        }
        to.toldAt = Math.min(to.toldAt, now);
        long grace = (forced || event instanceof Event.DaemonHung ? policy.stop().forceGrace()
                : policy.stop().timeout()).toNanos();
        to.killFrom = Math.min(to.killFrom, now + grace);
    }

    private boolean concerns(Life one) {
        return !(event instanceof Event.DaemonEvent told) || told.generation() == one.generation;
    }

    private void kill(Child child) {
        Life one = live(child.pid());
        require(one == null || interrupts >= 2 || now >= one.killFrom, "graceBeforeKill",
                child + " was killed before its time");
        if (one != null) {
            one.toldAt = Math.min(one.toldAt, now);
        }
    }

    private void tell(long number, DaemonCommand notice) {
        Life to = find(number).orElse(null);
        require(to != null, "onlyTheLiving", notice + " to " + number);
        switch (notice) {
            case DaemonCommand.Fence _, DaemonCommand.Drain _, DaemonCommand.Stopping _ -> {
                require(to.pid != coming, "successorIsLeftAlone", notice + " to " + number);
                require(to.pid != current || !to.alive || !ordinary.isEmpty(), "currentIsLeftAlone",
                        notice + " to " + number);
                replaced = to == replaced && notice instanceof DaemonCommand.Fence(String reason)
                        && reason.equals(DaemonCommand.OVERLAP) ? null : replaced;
            }
            case DaemonCommand.Unfence _ -> require(to.pid == current, "neverUnfenced",
                    "unfences " + number);
            case DaemonCommand.Reload _ -> require(to.pid == current, "reloadsTheCurrent",
                    "reloads " + number);
        }
    }

    private void accept(long id) {
        boolean overlaps = asked.get(id) instanceof Event.RestartRequested restart
                && restart.overlap() && wasReady && !wasHeld;
        if (asked.get(id) instanceof Event.RestartRequested && !overlaps) {
            ordinary.add(id);
        }
    }

    private void finish(long id, Result result) {
        Event.RequestEvent request = asked.remove(id);
        ordinary.remove(id);
        require(request != null, "answeredOnce", id + " was answered twice or never asked");
        boolean wantsReady = request instanceof Event.StartRequested
                || request instanceof Event.RestartRequested;
        boolean good = result == Result.COMPLETE || result == Result.ALREADY;
        Life one = live(current);
        require(!wantsReady || !good || one != null && one.ready, "readyIfTold",
                id + " was told that the daemon is ready");
        require(!(request instanceof Event.StopRequested) || !good || stopAt != NEVER
                || lives.values().stream().noneMatch(life -> life.alive), "downIfTold",
                id + " was told that the daemon is down");
    }

    void over(long at) {
        require(asked.isEmpty(), "answeredOnce", asked.keySet() + " were never answered");
        long budget = policy.stop().timeout().plus(policy.stop().sweepGrace())
                .plus(policy.stop().delay()).toNanos();
        // a signal may have come while the last words of one were waited for
        require(stopAt == NEVER || at - stopAt <= budget + LAST_WORDS + KERNEL, "endsInTime",
                (at - stopAt) / 1_000_000 + " ms after the stop signal");
        for (Life one : lives.values()) {
            require(one.open.isEmpty() || !one.kept.isEmpty(), "cutIsNamed",
                    "PID 1 ends, and " + one.open + " was not kept");
        }
    }

    @Override
    OverlapInvariants copy() {
        OverlapInvariants copy = (OverlapInvariants) super.copy();
        copy.lives = new TreeMap<>();
        lives.forEach((number, one) -> copy.lives.put(number, one.copy()));
        copy.stored = new HashSet<>(stored);
        copy.asked = new TreeMap<>(asked);
        copy.ordinary = new TreeSet<>(ordinary);
        copy.replaced = null;
        return copy;
    }

    @Override
    void print(Canonical out) {
        for (Life one : lives.values()) {
            out.generation(one.generation);
            out.pid(one.pid);
            out.flags(one.alive, one.ready, one.attached, one.stopped);
            out.since(one.diedAt, 1);
            out.since(one.toldAt, 100);
            out.deadline(one.killFrom);
            out.since(one.replacedAt, 100);
            out.since(one.idleSince, 10);
            out.texts(one.kept);
            out.number(one.open.size());
        }
        out.pid(current);
        out.pid(coming);
        out.generation(generation);
        out.deadline(storedBy);
        out.since(stopAt, 15);
        out.flags(held, unsafe, forced, interrupts > 0, interrupts > 1, stored.contains(generation));
        unheard.forEach(signal -> out.number(signal.number()));
        out.requests(ordinary);
        for (long id : out.open()) {
            out.text(asked.get(id) instanceof Event.RestartRequested restart ? restart.mode() + ""
                    + restart.overlap() : String.valueOf(asked.get(id) == null ? "" : asked.get(id).getClass()));
        }
    }
}
