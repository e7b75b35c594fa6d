package dev.soleinit.supervisor;

import dev.soleinit.config.Configuration;
import dev.soleinit.config.Readiness;
import dev.soleinit.os.Kernel;
import dev.soleinit.os.Kernel.Reaped;
import dev.soleinit.statemachine.state.State;
import dev.soleinit.supervisor.children.CommandRunner;
import dev.soleinit.supervisor.children.LiveDaemons;
import dev.soleinit.supervisor.children.ShellInFront;
import dev.soleinit.supervisor.daemon.ConfigFileMonitor;
import dev.soleinit.supervisor.daemon.DaemonConnection;
import dev.soleinit.supervisor.inbox.Inbox;
import dev.soleinit.supervisor.outside.Outside;
import dev.soleinit.supervisor.probes.LivenessProber;
import dev.soleinit.supervisor.probes.ReadinessProbers;
import dev.soleinit.supervisor.reporting.StatePublisher;
import dev.soleinit.supervisor.reporting.StatusReport;
import dev.soleinit.supervisor.requests.EventSubscribers;
import dev.soleinit.supervisor.requests.PreflightService;
import dev.soleinit.supervisor.requests.RequestRegistry;
import dev.soleinit.supervisor.requests.StateWaiters;
import dev.soleinit.supervisor.startup.BackgroundThreads;

/** What the loop works with; put together once by {@link Supervisor}. */
record Parts(Kernel os, Inbox inbox, EffectExecutor effects, StatePublisher publisher,
        ReadinessProbers prober,
        RequestRegistry requests, StateWaiters waits, EventSubscribers subscribers, StatusReport report,
        DaemonConnection attachment, CommandRunner helpers, PreflightService preflights,
        ConfigFileMonitor files,
        LivenessProber liveness, LiveDaemons daemons, ShellInFront shell,
        BackgroundThreads threads, Outside outside, Configuration configuration) {
    boolean readyByNotify() {
        return configuration.readiness().how() instanceof Readiness.Notify;
    }

    boolean readyByAttach() {
        return configuration.readiness().how() instanceof Readiness.Attach;
    }

    /** Whether it was a command that runs beside the daemon. */
    boolean reapedCommand(Reaped dead) {
        return helpers.reaped(dead.pid(), dead.status()) || outside.reaped(dead.pid(), dead.status());
    }

    void tickCommands(State state, long now) {
        helpers.tick(now);
        outside.tick(state, now);
    }

    long commandsDeadline(long now) {
        return Math.min(helpers.deadline(now), outside.deadline(now));
    }
}
