package dev.soleinit.supervisor.startup;

import dev.soleinit.supervisor.loop.TimedTask;
import dev.soleinit.supervisor.reporting.StderrLog;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts the threads that the supervisor has beside its loop. Where the kernel has none left (a limit
 * of processes counts threads, too), {@link Thread#start} throws an OutOfMemoryError: that is a reason
 * to try again later, with one line in the log, and never one to end the loop. Used on the loop's
 * thread.
 */
public final class BackgroundThreads implements TimedTask {
    private static final long RETRY_NANOS = 1_000_000_000L;
    private static final long NEVER = Long.MAX_VALUE;

    private record Refused(String name, Runnable start) {}

    private final ThreadFactory factory;
    private final List<Refused> refused = new ArrayList<>();
    private long retryAt = NEVER;
    private boolean warned;

    /** Makes the threads with {@code factory}. */
    public BackgroundThreads(ThreadFactory factory) {
        this.factory = factory;
    }

    /** Returns the factory of threads that do not keep the JVM from ending. */
    public static ThreadFactory daemons() {
        return Thread.ofPlatform().daemon().factory();
    }

    public ThreadFactory factory() {
        return factory;
    }

    /** Starts one, or does not: then the caller's own next attempt may fare better. */
    public Optional<Thread> tryToStart(String name, Runnable task) {
        try {
            Thread thread = factory.newThread(task);
            thread.setName(name);
            thread.start();
            warned = false;
            return Optional.of(thread);
        } catch (OutOfMemoryError none) {
            warn(name, none);
            return Optional.empty();
        }
    }

    /**
     * Has {@code start} start one that cannot be done without; if there is none, it is called again
     * each second.
     */
    public void require(String name, Runnable start) {
        if (!starts(name, start)) {
            refused.add(new Refused(name, start));
        }
    }

    private boolean starts(String name, Runnable start) {
        try {
            start.run();
            return true;
        } catch (OutOfMemoryError none) {
            warn(name, none);
            return false;
        }
    }

    @Override
    public long deadline(long now) {
        return refused.isEmpty() ? NEVER : retryAt;
    }

    /** Tries again those that are still missing. */
    @Override
    public void tick(long now) {
        if (refused.isEmpty()) {
            return;
        }
        if (retryAt == NEVER) {
            retryAt = now + RETRY_NANOS;
        } else if (now >= retryAt) {
            retryAt = now + RETRY_NANOS;
            refused.removeIf(one -> starts(one.name(), one.start()));
            if (refused.isEmpty()) {
                retryAt = NEVER;
                warned = false;
                log().warn("the supervisor has all its threads now");
            }
        }
    }

    /** Not kept: the first thread is begun before {@link StderrLog}, which must precede any logger. */
    private static Logger log() {
        return LoggerFactory.getLogger("soleinit");
    }

    /** Says it once for all that are missing, until one could be started again. */
    private void warn(String name, OutOfMemoryError none) {
        if (!warned) {
            warned = true;
            log().warn("Cannot start the thread \"{}\": {}; is there a limit of processes (pids.max "
                    + "of the container, RLIMIT_NPROC)? Trying again", name, none.getMessage());
        }
    }
}
