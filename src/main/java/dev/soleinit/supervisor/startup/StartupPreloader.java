package dev.soleinit.supervisor.startup;

import dev.soleinit.os.Kernel;
import dev.soleinit.os.LinuxKernel;
import dev.soleinit.process.SupervisorExit;
import dev.soleinit.supervisor.reporting.StderrLog;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadFactory;

/**
 * Loads on a thread of its own, while the settings are read, what the supervisor needs right after
 * them: the C library, then what the control socket is made of. Begun as soon as it is known that
 * this process will supervise. It may use nothing that logs: a logger that is made before
 * {@link StderrLog} would have other settings.
 */
public final class StartupPreloader {

    private final FutureTask<Kernel> awaitKernel;
    private boolean alone;

    private StartupPreloader(Callable<Kernel> library) {
        awaitKernel = new FutureTask<>(library);
    }

    public static StartupPreloader begin() {
        return begin(BackgroundThreads.daemons(), LinuxKernel::new);
    }

    /** Without a thread it is loaded when it is needed. */
    static StartupPreloader begin(ThreadFactory threads, Callable<Kernel> library) {
        StartupPreloader ahead = new StartupPreloader(library);
        try {
            Thread thread = threads.newThread(ahead::load);
            thread.setName("ahead");
            thread.start();
        } catch (OutOfMemoryError none) {
            ahead.alone = true;
        }
        return ahead;
    }

    private void load() {
        awaitKernel.run();
        try {
            // ten milliseconds: it draws random numbers for the names of sockets that have none
            ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            socket.supportedOptions();
            socket.close();
            Selector.open().close();
        } catch (IOException soonAgain) {
            // the control socket will say so
        }
    }

    /** Waits until the C library is loaded, or says why it cannot be. */
    public Kernel awaitKernel() {
        try {
            if (alone) {
                awaitKernel.run();
            }
            return awaitKernel.get();
        } catch (ExecutionException failed) {
            String reason = String.valueOf(failed.getCause().getMessage());
            throw new StartupException(SupervisorExit.CANNOT_SUPERVISE, "Cannot load the C library: "
                    + reason.lines().findFirst().orElse("") + "; is all of this folder there, and is "
                    + "it built for this machine?");
        } catch (InterruptedException stop) {
            throw new StartupException(SupervisorExit.CANNOT_SUPERVISE,
                    "Cannot supervise: interrupted");
        }
    }
}
