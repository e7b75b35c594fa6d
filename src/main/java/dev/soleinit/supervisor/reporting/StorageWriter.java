package dev.soleinit.supervisor.reporting;

import dev.soleinit.supervisor.Supervisor;
import dev.soleinit.supervisor.inbox.Inbox;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

/**
 * The thread that touches files, one task after the other: a disk that stands still stops it, and
 * nobody else. The loop submits tasks; what they find out goes back by the {@link Inbox}. Made by
 * {@link Supervisor}.
 */
public final class StorageWriter {
    /** What waits here while the disk stands still; more than that is refused. */
    private static final int CAPACITY = 1_024;

    private final BlockingQueue<Runnable> tasks = new ArrayBlockingQueue<>(CAPACITY);
    private final Thread thread;
    private volatile boolean closing;

    /** Has {@code threads} make its thread. */
    public StorageWriter(ThreadFactory threads) {
        thread = threads.newThread(this::work);
        thread.setName("storage");
    }

    /**
     * Begins.
     *
     * @throws OutOfMemoryError if the kernel has no thread left; it may be called again
     */
    public void start() {
        thread.start();
    }

    /** Has it done after all that was submitted before; false if too much waits already. */
    public boolean submit(Runnable task) {
        return tasks.offer(task);
    }

    private void work() {
        try {
            while (!closing || !tasks.isEmpty()) {
                Runnable task = tasks.poll(1, TimeUnit.HOURS);
                if (task != null) {
                    run(task);
                }
            }
        } catch (InterruptedException closed) {
            // what is left is not worth waiting for
        }
    }

    /** Does the next one on the calling thread, for a test that has no other; false if there is none. */
    public boolean runNext() {
        Runnable task = tasks.poll();
        if (task != null) {
            run(task);
        }
        return task != null;
    }

    /** One that fails unexpectedly must not be the last: its sender says what fails expectedly. */
    private static void run(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | Error ours) {
            org.slf4j.LoggerFactory.getLogger("soleinit").error("unexpected error in storage", ours);
        }
    }

    /** Waits for what was submitted, but not for ever: PID 1 has to end. */
    public void close(long maxMillis) {
        closing = true;
        tasks.offer(() -> { });
        if (!thread.isAlive()) {
            return;
        }
        try {
            thread.join(maxMillis);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }
}
