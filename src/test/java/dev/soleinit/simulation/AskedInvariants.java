package dev.soleinit.simulation;

import dev.soleinit.process.RestartMode;
import dev.soleinit.process.Signal;
import dev.soleinit.statemachine.model.Effect;
import dev.soleinit.statemachine.model.Event;
import dev.soleinit.statemachine.model.Event.ReloadRequested;
import dev.soleinit.statemachine.model.Event.RestartRequested;
import dev.soleinit.statemachine.model.RequestOutcome.Result;
import dev.soleinit.statemachine.settings.RestartSettings;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What must hold before a reload or restart, and for what is told of it, seen from outside. */
final class AskedInvariants extends Monitor {
    private final RestartSettings coordination;
    private Map<Long, Event.RequestEvent> asked = new HashMap<>();
    private Set<Long> accepted = new HashSet<>();
    private Map<Long, Long> askedAt = new HashMap<>();
    private Map<Long, Long> runSince = new HashMap<>();
    /** The newest run of the check that has passed began then. */
    private long passedSince = -1;
    private long clock;
    private boolean attached;
    private boolean works;
    private boolean heard;
    private Event current;

    AskedInvariants(RestartSettings coordination) {
        this.coordination = coordination;
    }

    void before(Event event) {
        clock++;
        current = event;
        switch (event) {
            case RestartRequested restart -> asks(restart);
            case ReloadRequested reload -> asks(reload);
            case Event.CheckFinished(long run, var failure) -> {
                Long since = runSince.remove(run);
                passedSince = failure.isEmpty() && since != null ? Math.max(passedSince, since)
                        : passedSince;
            }
            case Event.Forked _ -> {
                attached = false;
                works = false;
                heard = true;
            }
            case Event.DaemonAttached _ -> attached = true;
            case Event.WorkBegun _ -> works = true;
            case Event.DaemonReloading _, Event.DaemonNotReady _, Event.TimeoutExtended _ -> heard = true;
            case Event.ReloadCommandFinished(long _, var failure) -> heard |= failure.isEmpty();
            default -> { }
        }
    }

    private void asks(Event.RequestEvent event) {
        asked.put(event.id(), event);
        askedAt.put(event.id(), clock);
    }

    void after(List<Effect> effects) {
        for (Effect effect : effects) {
            switch (effect) {
                case Effect.RunCheck(long run) -> runSince.put(run, clock);
                case Effect.PersistGeneration _ -> heard = current instanceof Event.DaemonReloading;
                case Effect.SendToDaemon _ -> heard = true;
                case Effect.AcceptRequest(long id, var _, var _) when asked.containsKey(id) -> accept(id);
                case Effect.FinishRequest(long id, var outcome) when asked.containsKey(id) -> {
                    accepted.remove(id);
                    askedAt.remove(id);
                    finished(asked.remove(id), outcome.result());
                }
                case Effect.SendSignal(var _, Signal signal, boolean _) when signal.equals(Signal.TERM) ->
                        stops();
                default -> { }
            }
        }
    }

    /** From here on it may happen. */
    private void accept(long id) {
        accepted.add(id);
        boolean unchecked = switch (asked.get(id)) {
            case RestartRequested restart -> restart.unchecked();
            case ReloadRequested reload -> reload.unchecked();
            case Event.RequestEvent _ -> true;
        };
        require(!coordination.checks() || unchecked || passedSince >= askedAt.get(id),
                "checkedFirst", "request " + id + " is accepted, and no check has passed since it came");
    }

    private void finished(Event.RequestEvent request, Result result) {
        boolean claimed = request instanceof ReloadRequested && result == Result.COMPLETE;
        require(!claimed || heard, "confirmedIfHeard", "reload " + request.id()
                + " was told to be complete, and nobody has said so");
    }

    /** A stop that only safe restarts have led to knows what it may cut. */
    private void stops() {
        boolean byRestart = switch (current) {
            case RestartRequested _, Event.CheckFinished _, Event.DaemonFenced _, Event.WorkEnded _,
                    Event.DaemonReady _, Event.DaemonAttached _ -> true;
            default -> false;
        };
        List<RestartRequested> restarts = asked.values().stream()
                .filter(one -> accepted.contains(one.id()) && one instanceof RestartRequested)
                .map(RestartRequested.class::cast).toList();
        boolean safe = !restarts.isEmpty()
                && restarts.stream().allMatch(one -> one.mode() == RestartMode.SAFE);
        boolean known = coordination.hasPreflightCommand() || attached || works
                || restarts.stream().anyMatch(RestartRequested::assumeIdle);
        require(!byRestart || !safe || known, "safeNeverBlind",
                "a safe restart begins, and nothing is known of the daemon's work");
    }

    @Override
    AskedInvariants copy() {
        AskedInvariants copy = (AskedInvariants) super.copy();
        copy.asked = new HashMap<>(asked);
        copy.accepted = new HashSet<>(accepted);
        copy.askedAt = new HashMap<>(askedAt);
        copy.runSince = new HashMap<>(runSince);
        return copy;
    }

    /** Of the clock only what was before what matters. */
    @Override
    void print(Canonical out) {
        out.flags(attached, works, heard);
        out.requests(accepted);
        for (long id : out.open()) {
            long since = askedAt.getOrDefault(id, Long.MAX_VALUE);
            long before = passedSince >= since ? 1 : 0;
            for (long run : runSince.values()) {
                before = before << 1 | (run >= since ? 1 : 0);
            }
            out.number(before);
        }
    }
}
