package dev.soleinit.supervise;

import dev.soleinit.os.Os;

/** What the loop works with; put together once by {@link Supervisor}. */
record Parts(Os os, Inbox inbox, EffectRunner effects, Publisher publisher, Prober prober,
        Requests requests, Waits waits, Subscribers subscribers, StatusReport report,
        boolean readyByNotify) {}
