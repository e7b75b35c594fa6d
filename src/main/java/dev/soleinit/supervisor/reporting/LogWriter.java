package dev.soleinit.supervisor.reporting;

import dev.soleinit.supervisor.startup.BackgroundThreads;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ThreadFactory;

/**
 * Writes log lines on a thread of its own, each in one write: a reader that stands still (a full pipe
 * behind the container's log) stops this thread and nobody else. What waits is bounded; what comes
 * beyond that is dropped, counted, and the count is written when the reader goes on. For any thread.
 */
public final class LogWriter extends OutputStream {
    static final int MAX_WAITING_BYTES = 256 * 1024;
    /** How long the end of PID 1 waits for its last lines to be taken. */
    private static final long MAX_FLUSH_MS = 200;

    private final OutputStream out;
    private final ThreadFactory threads;
    private boolean begun;
    private final Queue<byte[]> waiting = new ArrayDeque<>();
    private int waitingBytes;
    private long dropped;
    /** Of the one writer that a process has, in all. */
    private static volatile long droppedLines;
    private boolean writing;

    private LogWriter(OutputStream out, ThreadFactory threads) {
        this.out = out;
        this.threads = threads;
    }

    public static OutputStream start(OutputStream out) {
        return start(out, BackgroundThreads.daemons());
    }

    static OutputStream start(OutputStream out, ThreadFactory threads) {
        LogWriter writer = new LogWriter(out, threads);
        writer.begins();
        return writer;
    }

    /** How many lines were dropped since the process began. */
    public static long droppedLines() {
        return droppedLines;
    }

    /** As long as the kernel has no thread left, whoever logs waits for the reader. */
    private synchronized boolean begins() {
        if (!begun) {
            try {
                Thread thread = threads.newThread(this::work);
                thread.setName("log");
                thread.start();
                begun = true;
            } catch (OutOfMemoryError noThread) {
                // the next line tries again
            }
        }
        return begun;
    }

    @Override
    public void write(int one) {
        write(new byte[] {(byte) one}, 0, 1);
    }

    @Override
    public synchronized void write(byte[] bytes, int from, int length) {
        if (!begins()) {
            writeAtOnce(bytes, from, length);
            return;
        }
        if (waitingBytes + length > MAX_WAITING_BYTES) {
            dropped++;
            droppedLines++;
            return;
        }
        byte[] line = new byte[length];
        System.arraycopy(bytes, from, line, 0, length);
        waiting.add(line);
        waitingBytes += length;
        notifyAll();
    }

    private void writeAtOnce(byte[] bytes, int from, int length) {
        try {
            out.write(bytes, from, length);
        } catch (IOException nobodyReads) {
            // there is nobody to tell
        }
    }

    /** Returns once everything has been taken, or after a moment. */
    @Override
    public synchronized void flush() {
        long deadline = System.nanoTime() + MAX_FLUSH_MS * 1_000_000;
        try {
            for (long left = MAX_FLUSH_MS; (writing || !waiting.isEmpty()) && left > 0;
                    left = (deadline - System.nanoTime()) / 1_000_000) {
                wait(left);
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }

    private void work() {
        while (true) {
            try {
                out.write(next());
            } catch (IOException | OutOfMemoryError nobodyReads) {
                // there is nobody to tell
            } catch (InterruptedException stop) {
                return;
            }
        }
    }

    private synchronized byte[] next() throws InterruptedException {
        writing = false;
        notifyAll();
        while (waiting.isEmpty()) {
            wait();
        }
        writing = true;
        byte[] line = waiting.remove();
        waitingBytes -= line.length;
        if (waiting.isEmpty() && dropped > 0) {
            byte[] count = (dropped + " log lines were dropped, since nobody read standard error\n")
                    .getBytes(StandardCharsets.UTF_8);
            waiting.add(count);
            waitingBytes += count.length;
            dropped = 0;
        }
        return line;
    }
}
