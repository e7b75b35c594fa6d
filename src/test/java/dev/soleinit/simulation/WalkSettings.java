package dev.soleinit.simulation;

import dev.soleinit.statemachine.PolicyBuilder;
import dev.soleinit.statemachine.model.Event;
import dev.soleinit.statemachine.settings.ExitSettings.RestartPolicy;
import dev.soleinit.statemachine.settings.LeftoverSettings.KillMode;
import dev.soleinit.statemachine.settings.Policy;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * One of the walks.
 *
 * @param name     what is special of it
 * @param policy   what an exit leads to
 * @param killMode which processes end with a generation
 * @param giveUp   after so many quick failures
 * @param features what can happen
 * @param start    what has happened before the first step, in this order and without delay
 */
record WalkSettings(String name, RestartPolicy policy, KillMode killMode, int giveUp,
        Set<Feature> features, List<Class<? extends Event>> start) {
    private static final List<Class<? extends Event>> RUNS = List.of(Event.Booted.class,
            Event.GenerationPersisted.class, Event.Spawned.class);
    private static final List<Class<? extends Event>> READY = List.of(Event.Booted.class,
            Event.GenerationPersisted.class, Event.Spawned.class, Event.DaemonReady.class);
    private static final List<Class<? extends Event>> ATTACHED = List.of(Event.Booted.class,
            Event.GenerationPersisted.class, Event.Spawned.class, Event.DaemonAttached.class);

    private static final List<Class<? extends Event>> CONFIGURED = List.of(Event.Booted.class,
            Event.ConfigurationRead.class, Event.GenerationPersisted.class, Event.Spawned.class);

    static List<WalkSettings> all() {
        return List.of(
                walk("from the first state on", List.of(), Feature.REFUSALS, Feature.STRANGERS),
                walk("a daemon that says when it is ready", RUNS, Feature.READY, Feature.STRANGERS),
                walk("a daemon that attaches and works", ATTACHED, Feature.ATTACHES, Feature.WORKS,
                        Feature.DRAINS, Feature.NO_RELOADS),
                walk("a daemon that attaches and reloads", ATTACHED, Feature.ATTACHES,
                        Feature.WORKS),
                walk("a check command", RUNS, Feature.CHECKS, Feature.LEAVING),
                walk("a preflight command", RUNS, Feature.PREFLIGHT, Feature.DRAINS, Feature.LEAVING),
                walk("a reload command and probes", READY, Feature.RELOAD_COMMAND, Feature.PROBES),
                walk("a daemon that hangs and wants more time", READY, Feature.READY,
                        Feature.HANGS, Feature.EXTENDS),
                walk("a daemon that goes on in other processes", RUNS, Feature.FORKS,
                        Feature.ATTACHES, Feature.STOP_COMMAND),
                walk("an end that is delayed", READY, Feature.READY, Feature.STOP_DELAY,
                        Feature.EXTENDS),
                walk("restarts by machines", RUNS, Feature.MACHINES, Feature.DRAINS,
                        Feature.LEAVING),
                new WalkSettings("no leftovers are ended, and it gives up", RestartPolicy.ON_FAILURE,
                        KillMode.PROCESS, 2, Set.of(Feature.REFUSALS), List.of()),
                walk("a configuration that is kept and put back", CONFIGURED, Feature.LAST_GOOD,
                        Feature.READY),
                walk("a kernel that cannot kill", RUNS, Feature.UNKILLABLE));
    }

    private static WalkSettings walk(String name, List<Class<? extends Event>> start,
            Feature... features) {
        return new WalkSettings(name, RestartPolicy.ALWAYS, KillMode.ALL, 0, Set.of(features),
                start);
    }

    boolean has(Feature feature) {
        return features.contains(feature);
    }

    Policy settings() {
        return PolicyBuilder.fromDefaults().restart(policy).giveUpAfter(giveUp)
                .readyWhenSpawned(!has(Feature.READY) && !has(Feature.PROBES))
                .preflight(has(Feature.PREFLIGHT))
                .reload(has(Feature.RELOAD_COMMAND), has(Feature.PROBES), has(Feature.READY))
                .stopCommand(has(Feature.STOP_COMMAND))
                .stopDelay(has(Feature.STOP_DELAY) ? Duration.ofSeconds(3) : Duration.ZERO)
                .checks(has(Feature.CHECKS)).lastGoodAfter(has(Feature.LAST_GOOD) ? 1 : 0)
                .leftovers(killMode, Duration.ofSeconds(2)).build();
    }
}
