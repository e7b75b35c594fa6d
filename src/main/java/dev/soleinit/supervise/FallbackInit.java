package dev.soleinit.supervise;

import dev.soleinit.os.Os;
import dev.soleinit.os.Os.Datagram;
import dev.soleinit.os.Os.Reaped;
import dev.soleinit.process.Signal;
import dev.soleinit.process.SupervisorExit;
import java.time.Duration;
import java.util.Optional;

/**
 * What is left when our own code has failed: reap, forward, and exit with the daemon's code, as
 * tini does. It decides nothing, allocates next to nothing, and uses the kernel alone. Runs on
 * the loop's thread in place of {@link EventLoop}.
 */
final class FallbackInit {
    private static final Duration FOREVER = Duration.ofHours(1);

    private final Os os;

    FallbackInit(Os os) {
        this.os = os;
    }

    /** Health checks read the published files: without the marker nothing is ready any more. */
    private void withdraw() {
        try {
            os.removeMarker();
        } catch (Throwable noMemory) {
            // the daemon matters more
        }
    }

    /** Runs until {@code daemon} has ended; 70 (EX_SOFTWARE) if there is none. */
    int run(int daemon) {
        withdraw();
        if (daemon == 0) {
            return SupervisorExit.SOFTWARE;
        }
        while (true) {
            try {
                Optional<Reaped> dead = os.reap();
                while (dead.isPresent()) {
                    if (dead.get().pid() == daemon) {
                        return dead.get().status().code();
                    }
                    dead = os.reap();
                }
                for (Signal signal : os.takeSignals()) {
                    os.kill(daemon, signal);
                }
                // nobody listens any more, but what is never read would never let it sleep
                for (Optional<Datagram> unheard = os.receive(); unheard.isPresent();
                        unheard = os.receive()) {
                    os.close(unheard.get().descriptors());
                }
                os.await(FOREVER);
            } catch (Throwable again) {
                // even without memory the next turn may do: there is nobody to hand over to
            }
        }
    }
}
