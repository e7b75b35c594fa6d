package dev.soleinit.supervisor.children;

import dev.soleinit.os.Kernel;
import dev.soleinit.process.ExitStatus;
import dev.soleinit.process.Signal;
import java.util.Optional;

/**
 * Tells a SIGKILL of the kernel's, for want of memory, from anybody else's: the container's counter
 * has risen. Used on the loop's thread.
 */
public final class OomDetector {
    private final Kernel os;
    private long seen;

    public OomDetector(Kernel os) {
        this.os = os;
        this.seen = os.outOfMemoryKills().orElse(0);
    }

    public Optional<String> diagnose(ExitStatus status) {
        boolean killed = status instanceof ExitStatus.Signaled(Signal signal, boolean _)
                && signal.equals(Signal.KILL);
        if (!killed) {
            return Optional.empty();
        }
        long now = os.outOfMemoryKills().orElse(seen);
        boolean risen = now > seen;
        seen = now;
        return risen ? Optional.of("out of memory: the kernel killed it") : Optional.empty();
    }
}
