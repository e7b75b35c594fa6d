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
    private static final int FAILED = 1;

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

    /** Waits until the C library is loaded, or says why it cannot be. */
    Os kernel() {
        try {
            return kernel.get();
        } catch (ExecutionException failed) {
            String reason = String.valueOf(failed.getCause().getMessage());
            throw new CannotSupervise(FAILED, "Cannot load the C library: "
                    + reason.lines().findFirst().orElse("") + "; is all of this folder there, and is "
                    + "it built for this machine?");
        } catch (InterruptedException stop) {
            throw new CannotSupervise(FAILED, "Cannot supervise: interrupted");
        }
    }
}
