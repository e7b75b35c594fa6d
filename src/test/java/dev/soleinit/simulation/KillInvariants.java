package dev.soleinit.simulation;

import dev.soleinit.process.RestartMode;
import dev.soleinit.process.Signal;
import dev.soleinit.statemachine.model.Effect;
import dev.soleinit.statemachine.model.Event;
import dev.soleinit.statemachine.settings.Policy;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Whoever was told to stop is killed in time, however much more time he asks for; from outside. */
final class KillInvariants extends Monitor {
    private static final Set<Signal> STOPS = Set.of(Signal.TERM, Signal.INT, Signal.QUIT);
    private static final int MAX_EXTENSION = 10;
    private static final long NEVER = Long.MAX_VALUE;

    private final Policy settings;
    private Set<Long> forced = new HashSet<>();
    private Set<Long> forcing = new HashSet<>();
    private int live;
    private long killBy = NEVER;
    private boolean stopping;
    private long now;
    private Event current;

    KillInvariants(Policy settings) {
        this.settings = settings;
    }

    void before(Event event, long at) {
        now = at;
        current = event;
        switch (event) {
            case Event.Forked(var child) -> {
                live = child.pid();
                forced.clear();
                free();
            }
            case Event.MainPidChanged(long _, int pid, long _) when live != 0 -> live = pid;
            case Event.ChildExited(int pid, var _, var _) when pid == live -> {
                live = 0;
                free();
            }
            case Event.SpawnFailed _ -> {
                live = 0;
                free();
            }
            case Event.RestartRequested asked when asked.mode() == RestartMode.FORCE && !asked.machine()
                    && live != 0 -> forcing.add(asked.id());
            default -> { }
        }
    }

    private void free() {
        killBy = NEVER;
        stopping = false;
    }

    void after(List<Effect> effects) {
        for (Effect effect : effects) {
            switch (effect) {
                case Effect.AcceptRequest(long id, var _, var _) when forcing.contains(id) -> {
                    forced.add(id);
                    killBy = stopping ? Math.min(killBy, now + settings.stop().forceGrace().toNanos())
                            : killBy;
                }
                case Effect.FinishRequest(long id, var _) -> {
                    forced.remove(id);
                    forcing.remove(id);
                }
                case Effect.SendSignal(var _, Signal signal, boolean _) when signal.equals(Signal.KILL) ->
                        free();
                case Effect.SendSignal(var _, Signal signal, boolean _) -> sent(signal);
                case Effect.RunStopCommand _ -> sent(Signal.TERM);
                case Effect.KillGroup _ -> free();
                default -> { }
            }
        }
        if (live != 0 && now > killBy) {
            throw new InvariantViolation("killedInTime", "alive " + (now - killBy) / 1_000_000
                    + " ms after it should have been killed");
        }
    }

    private void sent(Signal signal) {
        boolean told = current instanceof Event.SignalReceived;
        boolean stop = told ? STOPS.contains(signal) : signal.equals(Signal.TERM);
        if (!stop || current instanceof Event.SignalRequested) {
            return;
        }
        boolean soon = current instanceof Event.DaemonHung || !told && !forced.isEmpty();
        long grace = soon ? settings.stop().forceGrace().toNanos() : settings.stop().timeout().toNanos();
        stopping = true;
        killBy = Math.min(killBy, now + (soon || told ? 1 : MAX_EXTENSION) * grace);
    }

    @Override
    KillInvariants copy() {
        KillInvariants copy = (KillInvariants) super.copy();
        copy.forced = new HashSet<>(forced);
        copy.forcing = new HashSet<>(forcing);
        return copy;
    }

    @Override
    void print(Canonical out) {
        out.pid(live);
        out.time(killBy);
        out.flag(stopping);
        out.requests(forced);
        out.requests(forcing);
    }
}
