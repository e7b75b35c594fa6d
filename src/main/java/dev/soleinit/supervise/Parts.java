package dev.soleinit.supervise;

import dev.soleinit.config.Configuration;
import dev.soleinit.config.Readiness;
import dev.soleinit.os.Os;

/** What the loop works with; put together once by {@link Supervisor}. */
record Parts(Os os, Inbox inbox, EffectRunner effects, Publisher publisher, Prober prober,
        Requests requests, Waits waits, Subscribers subscribers, StatusReport report,
        Attachment attachment, Helpers helpers, Preflights preflights, ConfigWatch files,
        Liveness liveness, DaemonProcesses processes, Leftovers leftovers, ShellInFront shell,
        BackgroundThreads threads, Configuration configuration) {
    boolean readyByNotify() {
        return configuration.readiness() instanceof Readiness.Notify;
    }

    boolean readyByAttach() {
        return configuration.readiness() instanceof Readiness.Attach;
    }
}
