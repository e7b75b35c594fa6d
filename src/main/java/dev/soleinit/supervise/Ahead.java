package dev.soleinit.supervise;

import dev.soleinit.control.ControlServer;
import dev.soleinit.os.Os;
import dev.soleinit.os.PosixOs;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Loads on a thread of its own, while the settings are read, what the supervisor needs right after
 * them: the C library, then what the control socket is made of. Begun as soon as it is known that
 * this process will supervise.
 */
public final class Ahead {
    private final FutureTask<Os> kernel = new FutureTask<>(PosixOs::new);

    private Ahead() {}

    public static Ahead begin() {
        Ahead ahead = new Ahead();
        Thread.ofPlatform().daemon().name("ahead").start(ahead::load);
        return ahead;
    }

    private void load() {
        kernel.run();
        ControlServer.prepare();
    }

    /** Waits until the C library is loaded; fails as loading it has failed. */
    Os kernel() {
        try {
            return kernel.get();
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof Error error) {
                throw error;
            }
            throw new IllegalStateException(failed.getCause().getMessage(), failed);
        } catch (InterruptedException stop) {
            throw new IllegalStateException("Cannot supervise: interrupted", stop);
        }
    }
}
