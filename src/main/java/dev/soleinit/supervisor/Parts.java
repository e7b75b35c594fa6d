package dev.soleinit.supervisor;

import dev.soleinit.config.Configuration;
import dev.soleinit.config.Readiness;
import dev.soleinit.os.Kernel;

/** What the loop works with; put together once by {@link Supervisor}. */
record Parts(Kernel os, Inbox inbox, EffectExecutor effects, StatePublisher publisher,
        ReadinessProber prober,
        RequestRegistry requests, StateWaiters waits, EventSubscribers subscribers, StatusReport report,
        DaemonConnection attachment, CommandRunner helpers, PreflightService preflights,
        ConfigFileMonitor files,
        LivenessProber liveness, DaemonProcesses processes, Leftovers leftovers, ShellInFront shell,
        BackgroundThreads threads, Configuration configuration) {
    boolean readyByNotify() {
        return configuration.readiness() instanceof Readiness.Notify;
    }

    boolean readyByAttach() {
        return configuration.readiness() instanceof Readiness.Attach;
    }
}
