package dev.soleinit.simulation;

import dev.soleinit.process.Signal;
import dev.soleinit.statemachine.model.Effect;
import dev.soleinit.statemachine.model.Event;
import dev.soleinit.statemachine.settings.ExitSettings.RestartPolicy;
import dev.soleinit.statemachine.settings.LeftoverSettings.KillMode;
import dev.soleinit.statemachine.settings.Policy;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What must hold of the configuration that is kept and put back, seen from outside. */
final class ConfigurationInvariants extends Monitor {
    private static final long NEVER = Long.MAX_VALUE;

    private final Policy settings;
    private final int after;
    private Map<String, Long> readAt = new HashMap<>();
    private String read = "";
    private long readySince = NEVER;
    private int ends;
    private boolean cleared = true;
    private boolean starts;
    private boolean down;
    private boolean ending;
    private boolean putBack;
    private long now;

    ConfigurationInvariants(Policy settings) {
        this.settings = settings;
        this.after = settings.exits().lastGoodAfter();
    }

    void before(Event event, long at, boolean ended) {
        now = at;
        putBack = event instanceof Event.ConfigurationRestored(boolean restored, var _) && restored;
        if (ended) {
            ends++;
            readySince = NEVER;
            cleared = false;
            starts = false;
        }
        switch (event) {
            case Event.ConfigurationRead(long _, String hash) -> {
                ends = hash.equals(read) ? ends : 0;
                read = hash;
                readAt.putIfAbsent(hash, now);
            }
            case Event.DaemonReady _ -> readySince = Math.min(readySince, now);
            case Event.Spawned _ when settings.ready().whenSpawned() ->
                    readySince = Math.min(readySince, now);
            case Event.SpawnFailed _ -> starts = false;
            case Event.LeftoversGone _ -> cleared = true;
            case Event.StopRequested _ -> down = true;
            case Event.StartRequested _ -> down = false;
            case Event.SignalReceived(Signal signal) when !signal.equals(Signal.HUP) -> ending = true;
            default -> { }
        }
    }

    void after(List<Effect> effects) {
        boolean starting = false;
        for (Effect effect : effects) {
            switch (effect) {
                case Effect.KeepConfiguration(String hash) -> kept(hash);
                case Effect.RestoreConfiguration _ -> {
                    require(after > 0 && ends >= after, "putBackAfterFailures",
                            "put back after " + ends + " ends of " + after);
                    ends = 0;
                }
                case Effect.PersistGeneration _ -> starting = true;
                default -> { }
            }
        }
        boolean waited = !starts && cleared && !down && !ending && ends == 0 && readySince == NEVER
                && settings.leftovers().killMode() != KillMode.PROCESS
                && settings.exits().restart() == RestartPolicy.ALWAYS && everEnded();
        require(!putBack || !waited || starting || settings.exits().giveUpAfter() > 0,
                "putBackStartsAtOnce", "it is put back, and the backoff goes on");
        starts |= starting;
    }

    private boolean everEnded() {
        return !readAt.isEmpty();
    }

    private void kept(String hash) {
        long least = settings.exits().healthyAfter().toNanos();
        require(after > 0 && readAt.containsKey(hash) && now - readAt.get(hash) >= least
                && readySince != NEVER && now - readySince >= least, "keptIfHealthy",
                "keeps " + hash + " of a daemon that is ready since " + readySince + " at " + now);
    }

    @Override
    ConfigurationInvariants copy() {
        ConfigurationInvariants copy = (ConfigurationInvariants) super.copy();
        copy.readAt = new HashMap<>(readAt);
        return copy;
    }

    @Override
    void print(Canonical out) {
        out.flag(after > 0);
        if (after > 0) {
            out.number(Math.min(ends, after));
            out.flags(starts, cleared, down, ending, readySince != NEVER);
        }
    }
}
