package dev.soleinit.statemachine;

import dev.soleinit.statemachine.settings.ExitSettings;
import dev.soleinit.statemachine.settings.LeftoverSettings;
import dev.soleinit.statemachine.settings.PlainInit;
import dev.soleinit.statemachine.settings.Policy;
import dev.soleinit.statemachine.settings.ReadySettings.Source;
import dev.soleinit.statemachine.settings.ReadySettings;
import dev.soleinit.statemachine.settings.ReloadSettings;
import dev.soleinit.statemachine.settings.RestartSettings;
import dev.soleinit.statemachine.settings.StopSettings;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/** A policy that differs in some choices: the one place where tests put its groups together. */
public final class PolicyBuilder {
    private final Policy base;
    private ExitSettings exits;
    private StopSettings stop;
    private ReadySettings ready;
    private ReloadSettings reload;
    private RestartSettings restarts;
    private LeftoverSettings leftovers;
    private Optional<PlainInit> plainInit;

    private PolicyBuilder(Policy base) {
        this.base = base;
        exits = base.exits();
        stop = base.stop();
        ready = base.ready();
        reload = base.reload();
        restarts = base.coordination();
        leftovers = base.leftovers();
        plainInit = base.plainInit();
    }

    public static PolicyBuilder from(Policy base) {
        return new PolicyBuilder(base);
    }

    public static PolicyBuilder fromDefaults() {
        return from(Policy.defaults());
    }

    public Policy build() {
        return new Policy(exits, base.backoff(), stop, ready, base.signals(), reload, restarts,
                leftovers, plainInit);
    }

    public PolicyBuilder restart(ExitSettings.RestartPolicy next) {
        exits = new ExitSettings(next, exits.healthyAfter(), exits.crashLoopAfter(),
                exits.giveUpAfter(), exits.success(), exits.restartMe(),
                exits.lastGoodAfter());
        return this;
    }

    public PolicyBuilder giveUpAfter(int failures) {
        exits = new ExitSettings(exits.restart(), exits.healthyAfter(), exits.crashLoopAfter(),
                failures, exits.success(), exits.restartMe(),
                exits.lastGoodAfter());
        return this;
    }

    public PolicyBuilder restartMe(Set<Integer> codes) {
        exits = new ExitSettings(exits.restart(), exits.healthyAfter(), exits.crashLoopAfter(),
                exits.giveUpAfter(), exits.success(), codes, exits.lastGoodAfter());
        return this;
    }

    public PolicyBuilder lastGoodAfter(int failures) {
        exits = new ExitSettings(exits.restart(), exits.healthyAfter(), exits.crashLoopAfter(),
                exits.giveUpAfter(), exits.success(), exits.restartMe(), failures);
        return this;
    }

    public PolicyBuilder stopTimeouts(Duration daemon, Duration container) {
        stop = new StopSettings(daemon, container, stop.forceGrace(), stop.sweepGrace(),
                stop.delay(), stop.command());
        return this;
    }

    public PolicyBuilder stopCommand(boolean is) {
        stop = new StopSettings(stop.timeout(), stop.containerTimeout(), stop.forceGrace(),
                stop.sweepGrace(), stop.delay(), is);
        return this;
    }

    public PolicyBuilder stopDelay(Duration delay) {
        stop = new StopSettings(stop.timeout(), stop.containerTimeout(), stop.forceGrace(),
                stop.sweepGrace(), delay, stop.command());
        return this;
    }

    public PolicyBuilder readyWhenSpawned(boolean is) {
        return readyBy(is ? Source.SPAWN : Source.ATTACH);
    }

    public PolicyBuilder readyBy(Source source) {
        ready = new ReadySettings(ready.timeout(), source, ready.watchdog());
        return this;
    }

    public PolicyBuilder watchdog(Duration interval) {
        ready = new ReadySettings(ready.timeout(), ready.source(), interval);
        return this;
    }

    public PolicyBuilder reload(boolean command, boolean probed, boolean notifies) {
        reload = new ReloadSettings(reload.signal(), command, probed, notifies);
        return this;
    }

    public PolicyBuilder preflight(boolean is) {
        restarts = new RestartSettings(restarts.cooldown(), restarts.preflightInterval(),
                restarts.logInterval(), restarts.fenceTimeout(), is, restarts.checks());
        return this;
    }

    public PolicyBuilder checks(boolean is) {
        restarts = new RestartSettings(restarts.cooldown(), restarts.preflightInterval(),
                restarts.logInterval(), restarts.fenceTimeout(), restarts.hasPreflightCommand(), is);
        return this;
    }

    public PolicyBuilder leftovers(LeftoverSettings.KillMode mode, Duration grace) {
        leftovers = new LeftoverSettings(mode, grace);
        return this;
    }

    public PolicyBuilder plainInit(Optional<PlainInit> next) {
        plainInit = next;
        return this;
    }
}
