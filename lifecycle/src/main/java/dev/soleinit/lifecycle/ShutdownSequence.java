package dev.soleinit.lifecycle;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Stops components in reverse order of their coming, each within its own time, all within one
 * overall deadline. One that hangs is recorded and passed over; its thread is interrupted and left.
 * For any thread; runs once.
 */
public final class ShutdownSequence {
    private static final Duration EACH = Duration.ofSeconds(5);

    /** Something that may fail. */
    @FunctionalInterface
    public interface Action {
        void run() throws Exception;
    }

    /** How a component ended. */
    public enum StopResult {
        /** In time, without an error. */
        CLEAN,
        /** Its stop or join threw. */
        FAILED,
        /** It took longer than it may. */
        TIMED_OUT
    }

    /**
     * One component's end.
     *
     * @param reason why it is not clean; else empty
     */
    public record Stopped(String name, StopResult ending, String reason, Duration took) {}

    /** The ends of all components, in the order in which they were stopped. */
    public record Result(List<Stopped> components) {
        /** Whether all of them ended well. */
        public boolean clean() {
            return components.stream().allMatch(one -> one.ending() == StopResult.CLEAN);
        }
    }

    private record Component(String name, Action stop, Action join, Duration timeout) {}

    private final Duration overall;
    /** Guarded by itself, so that a component may add or remove while {@code run} waits for it. */
    private final List<Component> components = new ArrayList<>();
    private Result result;

    /** Makes one whose components all together may take {@code overall}. */
    public ShutdownSequence(Duration overall) {
        this.overall = overall;
    }

    /** Adds a component that may take 5 s. */
    public ShutdownSequence add(String name, Action stop) {
        return add(name, stop, () -> { }, EACH);
    }

    /** Adds a component: {@code stop} begins its end, {@code join} waits for it. */
    public ShutdownSequence add(String name, Action stop, Action join, Duration timeout) {
        synchronized (components) {
            components.add(new Component(name, stop, join, timeout));
        }
        return this;
    }

    /** Forgets a component that has ended by itself. */
    public void remove(String name) {
        synchronized (components) {
            components.removeIf(one -> one.name().equals(name));
        }
    }

    private Optional<Component> takeLast() {
        synchronized (components) {
            int last = components.size() - 1;
            return last < 0 ? Optional.empty() : Optional.of(components.remove(last));
        }
    }

    /** Stops everything; who calls later, or meanwhile, gets the same result. */
    public synchronized Result run() {
        if (result == null) {
            long deadline = System.nanoTime() + overall.toNanos();
            List<Stopped> ended = new ArrayList<>();
            Optional<Component> one = takeLast();
            while (one.isPresent()) {
                ended.add(stop(one.get(), deadline));
                one = takeLast();
            }
            result = new Result(List.copyOf(ended));
        }
        return result;
    }

    private static Stopped stop(Component one, long deadline) {
        long begin = System.nanoTime();
        long patience = Math.max(0, Math.min(one.timeout().toNanos(), deadline - begin));
        FutureTask<Void> task = new FutureTask<>(() -> {
            one.stop().run();
            one.join().run();
            return null;
        });
        DaemonThread.start("stop " + one.name(), task);
        try {
            task.get(patience, TimeUnit.NANOSECONDS);
            return stopped(one, StopResult.CLEAN, "", begin);
        } catch (TimeoutException slow) {
            task.cancel(true);
            return stopped(one, StopResult.TIMED_OUT, "no end within " + patience / 1_000_000
                    + " ms", begin);
        } catch (ExecutionException failed) {
            return stopped(one, StopResult.FAILED, failed.getCause().toString(), begin);
        } catch (InterruptedException hurry) {
            // who is in a hurry still wants every component to be told
            Thread.currentThread().interrupt();
            return stopped(one, StopResult.TIMED_OUT, "nobody waited for it", begin);
        }
    }

    private static Stopped stopped(Component one, StopResult ending, String reason, long begin) {
        return new Stopped(one.name(), ending, reason, Duration.ofNanos(System.nanoTime() - begin));
    }
}
